//! Where a message came from and how to answer on the same way (RFC 5626 calls it a flow).
//!
//! Knows no sockets: a flow only names them.

use std::fmt;
use std::net::SocketAddr;

/// A transport of RFC 3261 section 18 or RFC 7118.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A byte stream.
    Tcp,
    /// A byte stream under TLS.
    Tls,
    /// WebSocket frames (RFC 7118).
    Ws,
    /// WebSocket frames under TLS (RFC 7118).
    Wss,
}

impl Transport {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Udp, Self::Tcp, Self::Tls, Self::Ws, Self::Wss];

    /// Whether the transport itself delivers in order and repeats what was lost, so that SIP need not.
    pub const fn is_reliable(self) -> bool {
        !matches!(self, Self::Udp)
    }

    /// Whether the bytes are encrypted on the way.
    pub const fn is_secure(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    /// The token of a Via's sent-protocol, as RFC 3261 section 25 writes it.
    pub const fn via_token(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Ws => "WS",
            Self::Wss => "WSS",
        }
    }

    /// The value of the URI parameter `transport`; TLS travels as `tcp` under a `sips:` URI.
    pub const fn uri_param(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp | Self::Tls => "tcp",
            Self::Ws | Self::Wss => "ws",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.via_token())
    }
}

/// Names one stream connection for as long as the process lives; never used twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

impl ConnectionId {
    /// No connection yet: a datagram flow, or a stream that has to be opened first.
    pub const NONE: Self = Self(0);
    /// A connection of a process that has ended: nothing can be sent by it any more.
    pub const GONE: Self = Self(u64::MAX);
}

/// The way a message came, or is to go: our address, the peer's, and the connection between them.
///
/// Sending on a flow whose connection is gone fails; sending on a stream flow with
/// [`ConnectionId::NONE`] opens (or reuses) a connection to `peer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    /// How the bytes travel.
    pub transport: Transport,
    /// Our own address as the peer sees it (never a wildcard); also says which socket sends.
    pub local: SocketAddr,
    /// The address the bytes came from.
    pub peer: SocketAddr,
    /// Which connection, for streams.
    pub connection: ConnectionId,
}

/// What we call ourselves to the peer of a flow, in Via (its `sent-by`, RFC 3261 section 18.1.1), Contact and
/// Record-Route: the address it reaches, or a host that leads there with the same port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentBy<'a> {
    /// Another host than our address, an IPv6 one in brackets.
    pub host: Option<&'a str>,
    /// Our end of the flow.
    pub local: SocketAddr,
}

impl fmt::Display for SentBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Some(host) => write!(f, "{host}:{}", self.local.port()),
            None => self.local.fmt(f),
        }
    }
}
