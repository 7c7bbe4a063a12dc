//! The host of a URI or of a Via: a name, or a literal address (RFC 3261 section 25.1, `host`).
//!
//! Resolves nothing.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host as it was written. Names compare without case.
#[derive(Clone, Copy, Debug)]
pub enum Host<'a> {
    /// A domain name; empty for a URI that has no host (`tel:`).
    Name(&'a str),
    /// A literal IPv4 address.
    V4(Ipv4Addr),
    /// A literal IPv6 address, written in brackets.
    V6(Ipv6Addr),
}

impl<'a> Host<'a> {
    /// Reads a host with or without brackets round an IPv6 address; `None` for anything that is no host.
    ///
    /// The grammar allows bare IPv6 only in `received` (RFC 3261 section 25.1, erratum), many write it elsewhere.
    pub fn parse(text: &'a str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']')?;
            let address = inner.parse().ok().or_else(|| three_colons(inner));
            return address.map(Self::V6);
        }
        let bytes = text.as_bytes();
        if bytes.first().is_some_and(u8::is_ascii_digit)
            && let Ok(address) = text.parse()
        {
            return Some(Self::V4(address));
        }
        if bytes.contains(&b':') {
            return text.parse().ok().map(Self::V6);
        }
        let is_name = !bytes.is_empty()
            && bytes
                .iter()
                .all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
        is_name.then_some(Self::Name(text))
    }

    /// The literal address, if it is one.
    pub const fn ip(&self) -> Option<IpAddr> {
        match *self {
            Self::Name(_) => None,
            Self::V4(address) => Some(IpAddr::V4(address)),
            Self::V6(address) => Some(IpAddr::V6(address)),
        }
    }
}

/// `2001:db8:::192.0.2.1`, which the grammar of RFC 3261 makes out of two colons and must be tolerated (RFC 5118
/// section 4.10).
fn three_colons(text: &str) -> Option<Ipv6Addr> {
    let (groups, last) = text.split_once(":::")?;
    let last: Ipv4Addr = last.parse().ok()?;
    format!("{groups}::{last}").parse().ok()
}

impl PartialEq for Host<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(a), Self::Name(b)) => a.eq_ignore_ascii_case(b),
            _ => self.ip().is_some() && self.ip() == other.ip(),
        }
    }
}

impl Eq for Host<'_> {}

/// As RFC 3261 writes it: IPv6 in brackets.
impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => write!(f, "[{address}]"),
        }
    }
}
