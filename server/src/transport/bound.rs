//! An address that is really bound.

use std::fmt;
use std::net::SocketAddr;

use sip::name::Transport;

/// A SIP socket with its real address (a configured port 0 has become a number).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// What is spoken there.
    pub transport: Transport,
    /// Where.
    pub addr: SocketAddr,
}

impl Bound {
    /// The transport as settings and log lines name it: `udp`, `tcp`, `tls`, `ws` or `wss`.
    pub const fn word(&self) -> &'static str {
        match self.transport {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
            Transport::Ws => "ws",
            Transport::Wss => "wss",
        }
    }

    /// Whether what is sent from this address of ours leaves by it.
    pub fn serves(&self, local: SocketAddr) -> bool {
        serves(self.addr, local)
    }
}

/// Whether a socket bound to `bound`, which may be a wildcard, sends from `local`.
pub(super) fn serves(bound: SocketAddr, local: SocketAddr) -> bool {
    let any = bound.ip().is_unspecified() && bound.is_ipv4() == local.is_ipv4();
    bound.port() == local.port() && (any || bound.ip() == local.ip())
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.word(), self.addr)
    }
}
