//! Where the servers of another domain are (RFC 3263): from a URI, and what the DNS says, to a list of servers, best first.
//!
//! Pure: asks nobody and draws no random numbers. [`locate`] says which answers it still lacks, until it has all.

mod answers;
mod rules;
mod srv;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;

use sip::name::{Host, Scheme, Transport, UriRef};

pub use answers::{Answers, Naptr, Question, Records, Srv};
pub use rules::{Missing, locate};

/// What a URI says of the way to its server (RFC 3263 section 4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sought {
    /// TARGET: the value of `maddr`, else the host; lower case, without brackets.
    pub host: Box<str>,
    /// The port, where one is written.
    pub port: Option<u16>,
    /// The transport, where one is written.
    pub transport: Option<Transport>,
    /// Whether no way but TLS will do (`sips:`, RFC 3261 section 26.2.2).
    pub is_secure: bool,
}

/// A server that may take the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    /// How it is spoken to.
    pub transport: Transport,
    /// Where.
    pub address: SocketAddr,
}

/// What is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Means {
    /// Datagrams.
    pub udp: bool,
    /// TCP.
    pub tcp: bool,
    /// TLS, with authorities that vouch for peers.
    pub tls: bool,
    /// IPv4.
    pub v4: bool,
    /// IPv6.
    pub v6: bool,
}

/// Why no server was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlocated {
    /// The DNS knows none, or none that speaks what is spoken here.
    #[error("the DNS knows no server of it that we could speak to")]
    Nowhere,
    /// The DNS did not answer.
    #[error("the DNS did not answer")]
    NoAnswer,
    /// Too many lookups are under way.
    #[error("too many lookups at once")]
    Busy,
}

impl Sought {
    /// Reads a SIP URI; `None` where it names a transport that nobody can open, or contradicts itself.
    pub fn of(uri: UriRef<'_>) -> Option<Self> {
        let is_secure = match uri.scheme() {
            Scheme::Sip => false,
            Scheme::Sips => true,
            Scheme::Tel | Scheme::Other(_) => return None,
        };
        let transport = match uri.param("transport") {
            None => None,
            Some(name) => Some(transport(name?, is_secure)?),
        };
        let host = match target(uri)? {
            Host::Name(name) => name.trim_end_matches('.').to_ascii_lowercase(),
            Host::V4(ip) => ip.to_string(),
            Host::V6(ip) => ip.to_string(),
        };
        Some(Self {
            host: host.into(),
            port: uri.port(),
            transport,
            is_secure,
        })
    }
}

/// TARGET of RFC 3263 section 4: `maddr`, which overrides the host.
pub fn target(uri: UriRef<'_>) -> Option<Host<'_>> {
    match uri.param("maddr") {
        None => Some(uri.host()),
        Some(maddr) => Host::parse(maddr?),
    }
}

/// RFC 3263 section 4.1: TLS is `tcp` under a `sips:` URI; `tls` is deprecated, and read.
fn transport(name: &str, is_secure: bool) -> Option<Transport> {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    match is_secure {
        _ if is("tls") => Some(Transport::Tls),
        true if is("tcp") => Some(Transport::Tls),
        false if is("tcp") => Some(Transport::Tcp),
        false if is("udp") => Some(Transport::Udp),
        true | false => None,
    }
}

impl Means {
    /// Whether that transport is spoken here.
    pub const fn speaks(&self, transport: Transport) -> bool {
        match transport {
            Transport::Udp => self.udp,
            Transport::Tcp => self.tcp,
            Transport::Tls => self.tls,
            // A browser opens its connection, and nobody else can (RFC 7118 section 5).
            Transport::Ws | Transport::Wss => false,
        }
    }
}
