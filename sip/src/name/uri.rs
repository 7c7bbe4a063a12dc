//! SIP, SIPS and tel URIs (RFC 3261 section 19.1, RFC 3966); other schemes are kept as text.
//!
//! A URI is read once into offsets over its text; nothing is copied or unescaped. Resolves nothing.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::equivalence;
use super::escape;
use super::host::Host;
use super::layout::{HostKind, Layout, SchemeKind, Span};
use crate::limits::{MAX_URI, MAX_URI_PARTS};

/// Why a text is no URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// No `scheme:` in front.
    #[error("no scheme")]
    NoScheme,
    /// A blank, control character, quote or angle bracket inside.
    #[error("a character that no URI may hold")]
    BadCharacter,
    /// Missing, or neither name nor address.
    #[error("no valid host")]
    BadHost,
    /// No number from 0 to 65535 after the colon.
    #[error("no valid port")]
    BadPort,
    /// Longer than [`MAX_URI`].
    #[error("longer than {MAX_URI} octets")]
    TooLong,
    /// More parameters or headers than [`MAX_URI_PARTS`].
    #[error("more than {MAX_URI_PARTS} parameters or headers")]
    TooManyParts,
}

/// The scheme of a URI; schemes compare without case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme<'a> {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:`
    Tel,
    /// Any other, as written.
    Other(&'a str),
}

/// A URI inside a text that somebody else owns. Costs no allocation.
#[derive(Clone, Copy)]
pub struct UriRef<'a> {
    text: &'a str,
    layout: Layout,
}

/// A URI of its own; clones share the text. `==` compares texts, [`UriRef::equivalent`] meanings.
#[derive(Clone)]
pub struct Uri {
    text: Arc<str>,
    layout: Layout,
}

impl<'a> UriRef<'a> {
    /// Reads a URI that fills the whole text.
    pub fn parse(text: &'a str) -> Result<Self, UriError> {
        Layout::read(text).map(|layout| Self { text, layout })
    }

    /// The whole URI as it was written.
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// Its scheme.
    pub fn scheme(&self) -> Scheme<'a> {
        match self.layout.scheme {
            SchemeKind::Sip => Scheme::Sip,
            SchemeKind::Sips => Scheme::Sips,
            SchemeKind::Tel => Scheme::Tel,
            SchemeKind::Other => Scheme::Other(
                Span {
                    start: 0,
                    end: self.layout.scheme_end,
                }
                .of(self.text),
            ),
        }
    }

    /// The user part without a password, still escaped; the number of a `tel:` URI.
    pub fn user(&self) -> Option<&'a str> {
        self.layout.user.map(|span| span.of(self.text))
    }

    /// The password, still escaped (RFC 3261 advises against it; it only counts in comparisons).
    pub fn password(&self) -> Option<&'a str> {
        self.layout.password.map(|span| span.of(self.text))
    }

    /// The host; an empty name where the scheme has none.
    pub fn host(&self) -> Host<'a> {
        match self.layout.host_kind {
            HostKind::Name => Host::Name(self.layout.host.of(self.text)),
            HostKind::V4(address) => Host::V4(address),
            HostKind::V6(address) => Host::V6(address),
        }
    }

    /// The port, if one is written.
    pub const fn port(&self) -> Option<u16> {
        self.layout.port
    }

    /// The parameter of that name (any case, escaped or not): `None` absent, `Some(None)` without value, else its escaped value.
    pub fn param(&self, name: &str) -> Option<Option<&'a str>> {
        self.params()
            .find(|(n, _)| escape::same_ignoring_case(n, name))
            .map(|(_, value)| value)
    }

    /// All parameters in order, escaped as written.
    pub fn params(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + use<'a> {
        self.layout
            .params
            .of(self.text)
            .split(';')
            .filter(|part| !part.is_empty())
            .map(|part| match part.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (part, None),
            })
    }

    /// The headers after `?` in order, escaped as written.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let text = self.layout.headers.map_or("", |span| span.of(self.text));
        text.split('&')
            .filter(|part| !part.is_empty())
            .map(|part| part.split_once('=').unwrap_or((part, "")))
    }

    /// The text without the headers, as it may stand in a Request-URI (RFC 3261 section 19.1.5).
    pub fn without_headers(&self) -> &'a str {
        let end = self
            .layout
            .headers
            .map_or(self.text.len(), |span| usize::from(span.start) - 1);
        self.text.get(..end).unwrap_or(self.text)
    }

    /// Whether `lr` asks for loose routing (RFC 3261 section 19.1.1).
    pub fn is_loose(&self) -> bool {
        self.param("lr").is_some()
    }

    /// Where the URI points without asking anybody: a literal `maddr` or host, and its port or the default one
    /// (5061 for `sips:` and `transport=tls`, else 5060; RFC 3263 section 4).
    pub fn socket_addr(&self) -> Option<SocketAddr> {
        let maddr = self.param("maddr").flatten().and_then(Host::parse);
        let ip: IpAddr = maddr.unwrap_or_else(|| self.host()).ip()?;
        Some(SocketAddr::new(
            ip,
            self.port().unwrap_or_else(|| self.default_port()),
        ))
    }

    /// The port that is meant where none is written.
    fn default_port(&self) -> u16 {
        let over_tls = self
            .param("transport")
            .flatten()
            .is_some_and(|t| t.eq_ignore_ascii_case("tls"));
        match self.layout.scheme {
            SchemeKind::Sips => 5061,
            SchemeKind::Sip | SchemeKind::Tel | SchemeKind::Other if over_tls => 5061,
            SchemeKind::Sip | SchemeKind::Tel | SchemeKind::Other => 5060,
        }
    }

    /// Whether both mean the same by RFC 3261 section 19.1.4 (RFC 3966 section 4 for `tel:`).
    pub fn equivalent(&self, other: &UriRef<'_>) -> bool {
        equivalence::equivalent(self, other)
    }

    /// A copy that owns its text.
    pub fn to_uri(&self) -> Uri {
        Uri {
            text: Arc::from(self.text),
            layout: self.layout,
        }
    }
}

impl Uri {
    /// Reads a URI that fills the whole text, and keeps a copy.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        UriRef::parse(text).map(|uri| uri.to_uri())
    }

    /// The borrowed view, which has all the accessors.
    pub fn as_ref(&self) -> UriRef<'_> {
        UriRef {
            text: &self.text,
            layout: self.layout,
        }
    }

    /// The whole URI as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for UriRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl fmt::Debug for UriRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UriRef({:?})", self.text)
    }
}

impl PartialEq for Uri {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Uri {}

impl std::hash::Hash for Uri {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uri({:?})", self.text)
    }
}
