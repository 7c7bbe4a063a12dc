//! Where the parts of a URI stand in its text (RFC 3261 section 19.1.1, RFC 3966 section 3).
//!
//! One pass, no copies. Tolerates octets in a user part that the grammar wants escaped; judges no parameter.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::host::Host;
use super::uri::UriError;
use crate::limits::{MAX_URI, MAX_URI_PARTS};

#[derive(Clone, Copy, Debug)]
pub(super) enum SchemeKind {
    Sip,
    Sips,
    Tel,
    Other,
}

impl SchemeKind {
    fn read(scheme: &[u8]) -> Result<Self, UriError> {
        let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
            && scheme
                .iter()
                .all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        match scheme {
            b"sip" => Ok(Self::Sip),
            b"sips" => Ok(Self::Sips),
            b"tel" => Ok(Self::Tel),
            _ if scheme.eq_ignore_ascii_case(b"sip") => Ok(Self::Sip),
            _ if scheme.eq_ignore_ascii_case(b"sips") => Ok(Self::Sips),
            _ if scheme.eq_ignore_ascii_case(b"tel") => Ok(Self::Tel),
            _ if is_scheme => Ok(Self::Other),
            _ => Err(UriError::NoScheme),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum HostKind {
    Name,
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u16,
    pub(super) end: u16,
}

impl Span {
    pub(super) fn of(self, text: &str) -> &str {
        text.get(usize::from(self.start)..usize::from(self.end))
            .unwrap_or("")
    }
}

/// Where the parts of a URI stand in its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) scheme: SchemeKind,
    /// Of the scheme; the colon follows.
    pub(super) scheme_end: u16,
    pub(super) user: Option<Span>,
    pub(super) password: Option<Span>,
    pub(super) host: Span,
    pub(super) host_kind: HostKind,
    pub(super) port: Option<u16>,
    pub(super) params: Span,
    pub(super) headers: Option<Span>,
}

impl Layout {
    pub(super) fn read(text: &str) -> Result<Self, UriError> {
        if text.len() > MAX_URI {
            return Err(UriError::TooLong);
        }
        let length = offset(text.len());
        let bytes = text.as_bytes();
        let colon = memchr::memchr(b':', bytes).ok_or(UriError::NoScheme)?;
        let scheme = SchemeKind::read(bytes.get(..colon).unwrap_or_default())?;
        // Without a branch for each octet this takes sixteen at a time.
        let is_bad = |b: u8| (b <= b' ') | (b == 0x7f) | (b == b'<') | (b == b'>') | (b == b'"');
        if bytes.iter().fold(false, |bad, &b| bad | is_bad(b)) {
            return Err(UriError::BadCharacter);
        }
        let end = Span {
            start: length,
            end: length,
        };
        let layout = Self {
            scheme,
            scheme_end: offset(colon),
            user: None,
            password: None,
            host: end,
            host_kind: HostKind::Name,
            port: None,
            params: end,
            headers: None,
        };
        let layout = match scheme {
            SchemeKind::Sip | SchemeKind::Sips => layout.read_sip(text, colon + 1)?,
            SchemeKind::Tel => layout.read_tel(text, colon + 1),
            SchemeKind::Other => layout,
        };
        let headers = layout.headers.map_or("", |span| span.of(text));
        let has_too_many = |separator: u8, part: &str| {
            part.len() >= MAX_URI_PARTS
                && memchr::memchr_iter(separator, part.as_bytes()).count() >= MAX_URI_PARTS
        };
        if has_too_many(b';', layout.params.of(text)) || has_too_many(b'&', headers) {
            return Err(UriError::TooManyParts);
        }
        Ok(layout)
    }

    fn read_sip(mut self, text: &str, start: usize) -> Result<Self, UriError> {
        let bytes = text.as_bytes();
        let mut at = start;
        // The user part may hold `;` and `?` bare, so `@` is looked for first.
        if let Some(length) = memchr::memchr(b'@', bytes.get(start..).unwrap_or_default()) {
            let user_end = start + length;
            let colon = memchr::memchr(b':', bytes.get(start..user_end).unwrap_or_default());
            let name_end = colon.map_or(user_end, |i| start + i);
            self.user = Some(span(start, name_end));
            self.password = colon.map(|_| span(name_end + 1, user_end));
            at = user_end + 1;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let host_length = if rest.first() == Some(&b'[') {
            memchr::memchr(b']', rest).ok_or(UriError::BadHost)? + 1
        } else {
            memchr::memchr3(b':', b';', b'?', rest).unwrap_or(rest.len())
        };
        self.host = span(at, at + host_length);
        self.host_kind = match Host::parse(self.host.of(text)).ok_or(UriError::BadHost)? {
            Host::Name(_) => HostKind::Name,
            Host::V4(address) => HostKind::V4(address),
            Host::V6(address) => HostKind::V6(address),
        };
        at += host_length;
        if bytes.get(at) == Some(&b':') {
            let rest = bytes.get(at + 1..).unwrap_or_default();
            let digits = memchr::memchr2(b';', b'?', rest).unwrap_or(rest.len());
            self.port = Some(port(rest.get(..digits).unwrap_or_default())?);
            at += 1 + digits;
        }
        let question = memchr::memchr(b'?', bytes.get(at..).unwrap_or_default()).map(|i| at + i);
        let params_end = question.unwrap_or(bytes.len());
        match bytes.get(at) {
            Some(b';') => self.params = span(at + 1, params_end),
            Some(b'?') | None => {}
            Some(_) => return Err(UriError::BadHost),
        }
        self.headers = question.map(|i| span(i + 1, bytes.len()));
        Ok(self)
    }

    fn read_tel(mut self, text: &str, start: usize) -> Self {
        let number_end = text.find(';').unwrap_or(text.len());
        self.user = Some(span(start, number_end));
        if number_end < text.len() {
            self.params = span(number_end + 1, text.len());
        }
        self
    }
}

/// Offsets fit: the length of the text was checked first.
fn offset(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

fn span(start: usize, end: usize) -> Span {
    Span {
        start: offset(start),
        end: offset(end),
    }
}

fn port(digits: &[u8]) -> Result<u16, UriError> {
    if digits.is_empty() || digits.len() > 5 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(UriError::BadPort);
    }
    let number = digits
        .iter()
        .fold(0_u32, |n, &d| n * 10 + u32::from(d - b'0'));
    u16::try_from(number).map_err(|_| UriError::BadPort)
}
