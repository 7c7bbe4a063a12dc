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

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.transport.uri_param(), self.addr)
    }
}
