//! One media description (RFC 8866 section 5.14) with what the session level says for it.

use std::net::IpAddr;

use super::codec::{Codec, codecs};
use super::description::Description;

/// One stream of a description.
#[derive(Clone, Copy, Debug)]
pub struct Stream<'a> {
    pub(super) of: &'a Description,
    pub(super) index: usize,
}

/// Which way media flow, as the owner of a description says it (RFC 8866 section 6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// From its owner alone.
    SendOnly,
    /// To its owner alone.
    RecvOnly,
    /// Neither.
    Inactive,
}

/// The parts of an `m=` line.
#[derive(Clone, Copy, Debug)]
pub(super) struct MediaLine<'a> {
    pub(super) kind: &'a str,
    pub(super) port: u16,
    pub(super) protocol: &'a str,
    /// One at least.
    pub(super) formats: &'a str,
}

impl<'a> MediaLine<'a> {
    /// Reads what follows `m=`.
    pub(super) fn read(media: &'a str) -> Option<Self> {
        let mut parts = media.splitn(4, ' ').map(str::trim);
        let (kind, port) = (parts.next()?, parts.next()?);
        let (protocol, formats) = (parts.next()?, parts.next()?);
        let are_there = [kind, protocol, formats]
            .iter()
            .all(|part| !part.is_empty());
        // A number of ports may follow.
        let port = port.split('/').next()?.parse().ok()?;
        let is_plain = media.is_ascii() && !media.contains(char::is_control);
        (are_there && is_plain).then_some(Self {
            kind,
            port,
            protocol,
            formats,
        })
    }

    pub(super) fn formats(&self) -> impl Iterator<Item = &'a str> + Clone {
        self.formats.split_ascii_whitespace()
    }

    /// Its first format.
    pub(super) fn format(&self) -> &'a str {
        self.formats().next().unwrap_or("0")
    }
}

impl<'a> Stream<'a> {
    /// What it carries: `audio`, `video`, ...
    pub fn kind(&self) -> &'a str {
        self.media().kind
    }

    /// Where its owner receives; 0 for a stream that is refused or given up, but see [`Stream::is_live`].
    pub fn port(&self) -> u16 {
        self.media().port
    }

    /// The profile: `RTP/AVP`, `UDP/TLS/RTP/SAVPF`, ...
    pub fn protocol(&self) -> &'a str {
        self.media().protocol
    }

    /// Whether it is in use. Port 0 says that it is not (RFC 3264 section 6), but for one that is offered within a
    /// bundle alone (RFC 9143 section 6).
    pub fn is_live(&self) -> bool {
        self.port() != 0 || self.has("bundle-only")
    }

    /// Which way media flow: what the stream says, else the session, else both ways. The null address, with which RFC
    /// 2543 held, takes away what its owner would receive; with ICE it means nothing (RFC 8839 section 4.2.1).
    pub fn direction(&self) -> Direction {
        let said = self.attributes().find_map(Direction::read);
        let said = said.or_else(|| self.session_attributes().find_map(Direction::read));
        let said = said.unwrap_or(Direction::SendRecv);
        let is_null = || {
            self.address()
                .is_some_and(|address| address.is_unspecified())
        };
        match said {
            Direction::SendRecv if is_null() && !self.has_ice() => Direction::SendOnly,
            Direction::RecvOnly if is_null() && !self.has_ice() => Direction::Inactive,
            Direction::SendRecv
            | Direction::SendOnly
            | Direction::RecvOnly
            | Direction::Inactive => said,
        }
    }

    /// Its address, from its own `c=` or that of the session; `None` where that is a name, or missing.
    pub fn address(&self) -> Option<IpAddr> {
        let own = self.lines().find_map(|line| line.strip_prefix("c="));
        let connection = own.or_else(|| self.of.session_value("c="))?;
        let mut parts = connection.split_ascii_whitespace();
        let (network, family) = (parts.next()?, parts.next()?);
        // A multicast address may have a TTL behind it.
        let address: IpAddr = parts.next()?.split('/').next()?.parse().ok()?;
        let is_family = family.eq_ignore_ascii_case(family_of(address));
        (network.eq_ignore_ascii_case("IN") && is_family).then_some(address)
    }

    /// Its codecs, as its owner prefers them; none where it carries no RTP.
    pub fn codecs(&self) -> impl Iterator<Item = Codec<'a>> + use<'a> {
        codecs(*self)
    }

    /// Whether it carries RTP (RFC 3550).
    pub fn is_rtp(&self) -> bool {
        self.protocol().to_ascii_uppercase().contains("RTP/")
    }

    /// Its name for grouping (RFC 5888).
    pub fn mid(&self) -> Option<&'a str> {
        self.attribute("mid").filter(|mid| !mid.is_empty())
    }

    pub(super) fn media(&self) -> MediaLine<'a> {
        let line = self.of.section(self.index).next();
        let media = line.and_then(|line| line.strip_prefix("m="));
        // It was read before, when the description was.
        media.and_then(MediaLine::read).unwrap_or(MediaLine {
            kind: "audio",
            port: 0,
            protocol: "RTP/AVP",
            formats: "0",
        })
    }

    /// Its lines, without `m=`.
    pub(super) fn lines(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.of.section(self.index).skip(1)
    }

    /// The values of its own `a=` lines.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.lines().filter_map(|line| line.strip_prefix("a="))
    }

    /// The value of an attribute of its own.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes()
            .find_map(|attribute| value(attribute, name))
    }

    /// Whether it has a flag of its own.
    pub(super) fn has(&self, flag: &str) -> bool {
        self.attributes().any(|attribute| attribute.trim() == flag)
    }

    /// The value of an attribute that the stream or the session has.
    pub(super) fn inherited(&self, name: &str) -> Option<&'a str> {
        let session = || self.session_attributes().find_map(|of| value(of, name));
        self.attribute(name).or_else(session)
    }

    pub(super) fn has_ice(&self) -> bool {
        self.inherited("ice-ufrag").is_some()
    }

    fn session_attributes(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let of = self.of;
        of.session().filter_map(|line| line.strip_prefix("a="))
    }
}

impl Direction {
    /// The attribute's name.
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    fn read(attribute: &str) -> Option<Self> {
        match attribute.trim() {
            "sendrecv" => Some(Self::SendRecv),
            "sendonly" => Some(Self::SendOnly),
            "recvonly" => Some(Self::RecvOnly),
            "inactive" => Some(Self::Inactive),
            _ => None,
        }
    }

    /// Of two streams together.
    pub(super) fn and_also(self, other: Self) -> Self {
        use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
        match (self, other) {
            (Inactive, one) | (one, Inactive) => one,
            (SendOnly, SendOnly) => SendOnly,
            (RecvOnly, RecvOnly) => RecvOnly,
            (SendRecv | SendOnly | RecvOnly, SendRecv | SendOnly | RecvOnly) => SendRecv,
        }
    }
}

/// As a `c=` or `o=` line names it.
pub(super) const fn family_of(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "IP4",
        IpAddr::V6(_) => "IP6",
    }
}

/// The value of `name:value`.
pub(super) fn value<'a>(attribute: &'a str, name: &str) -> Option<&'a str> {
    let value = attribute.strip_prefix(name)?.strip_prefix(':')?;
    Some(value.trim())
}
