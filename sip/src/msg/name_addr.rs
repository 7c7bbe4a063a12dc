//! `name-addr` and `addr-spec` with their parameters: From, To, Contact, Route and their like (RFC 3261 sections 20.10,
//! 20.20, 20.34 and 25.1).
//!
//! Reads one value. Knows nothing of dialogs or bindings.

use std::borrow::Cow;

use super::fault::Fault;
use super::params::Params;
use super::scan::{Cursor, text, trim};
use crate::name::UriRef;

/// A display name, a URI and parameters. A view: costs no allocation.
#[derive(Clone, Copy, Debug)]
pub struct NameAddr<'a> {
    display: Display<'a>,
    uri: &'a str,
    params: Params<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Display<'a> {
    Quoted(&'a [u8]),
    Bare(&'a [u8]),
}

const BAD: Fault = Fault::bad_request("Malformed address");

impl<'a> NameAddr<'a> {
    /// Reads one value that fills the octets. The URI inside is not judged yet.
    pub fn parse(value: &'a [u8]) -> Result<Self, Fault> {
        let value = trim(value);
        let mut cursor = Cursor::new(value);
        let mut display = Display::Bare(&[]);
        if value.first() == Some(&b'"') {
            display = Display::Quoted(cursor.quoted().ok_or(BAD)?);
        }
        // Some devices write quotes in the middle of a bare name; a bracket inside them opens nothing.
        loop {
            cursor.take_while(|octet| !matches!(octet, b'<' | b';' | b'"'));
            match cursor.rest.first() {
                Some(b'"') => {
                    cursor.quoted().ok_or(BAD)?;
                }
                Some(b'<') => break,
                _ => return Self::addr_spec(value),
            }
        }
        if matches!(display, Display::Bare(_)) {
            let before = value.len() - cursor.rest.len();
            display = Display::Bare(trim(&value[..before]));
        }
        let inside = &cursor.rest[1..];
        let end = memchr::memchr(b'>', inside).ok_or(BAD)?;
        let uri = text(trim(&inside[..end]))
            .filter(|uri| !uri.is_empty())
            .ok_or(BAD)?;
        let after = &inside[end + 1..];
        if !matches!(trim(after).first(), None | Some(b';')) {
            return Err(BAD);
        }
        Ok(Self {
            display,
            uri,
            params: Params::new(after),
        })
    }

    /// Without brackets, what follows `;` belongs to the header, and `,` and `?` may not occur (section 20.10).
    fn addr_spec(value: &'a [u8]) -> Result<Self, Fault> {
        let end = memchr::memchr(b';', value).unwrap_or(value.len());
        let uri = text(trim(&value[..end])).ok_or(BAD)?;
        if uri.is_empty()
            || uri.contains(|c: char| c.is_ascii_whitespace() || matches!(c, '?' | ',' | '"'))
        {
            return Err(BAD);
        }
        Ok(Self {
            display: Display::Bare(&[]),
            uri,
            params: Params::new(&value[end..]),
        })
    }

    /// The display name without quotes and escapes, folds as one blank; `None` if there is none. Octets that are not
    /// UTF-8 are replaced. From the wire: escape it before showing it.
    pub fn display(&self) -> Option<Cow<'a, str>> {
        let (Display::Quoted(raw) | Display::Bare(raw)) = self.display;
        if raw.is_empty() {
            return None;
        }
        let has_escapes = matches!(self.display, Display::Quoted(_)) && raw.contains(&b'\\');
        if !has_escapes {
            return Some(super::message::unfolded(raw));
        }
        let mut plain = Vec::with_capacity(raw.len());
        let mut octets = raw.iter();
        while let Some(&octet) = octets.next() {
            plain.extend(if octet == b'\\' {
                octets.next()
            } else {
                Some(&octet)
            });
        }
        Some(Cow::Owned(super::message::unfolded(&plain).into_owned()))
    }

    /// The text of the URI.
    pub const fn uri_text(&self) -> &'a str {
        self.uri
    }

    /// The URI.
    pub fn uri(&self) -> Result<UriRef<'a>, Fault> {
        UriRef::parse(self.uri).map_err(|_| Fault::bad_request("Malformed URI in an address"))
    }

    /// The parameters of the header, not those of the URI.
    pub const fn params(&self) -> Params<'a> {
        self.params
    }

    /// One parameter of the header (any case): `None` absent, `Some(None)` without value.
    pub fn param(&self, name: &str) -> Option<Option<&'a str>> {
        self.params.find(name)
    }

    /// The tag (RFC 3261 section 19.3); an empty one counts as none.
    pub fn tag(&self) -> Option<&'a str> {
        self.param("tag").flatten().filter(|tag| !tag.is_empty())
    }

    /// The preference in thousandths, 0 to 1000; `None` if absent or malformed (section 20.10).
    pub fn q(&self) -> Option<u16> {
        let text = self.param("q").flatten()?;
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole: u16 = match whole {
            "0" => 0,
            "" if !fraction.is_empty() => 0,
            "1" => 1_000,
            _ => return None,
        };
        if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let thousandths = fraction
            .bytes()
            .chain(std::iter::repeat(b'0'))
            .take(3)
            .fold(0_u16, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        Some(whole + thousandths).filter(|&q| q <= 1_000)
    }

    /// The `expires` parameter in seconds. A malformed one counts as 3600 (section 20.10), one that is too large as the
    /// largest.
    pub fn expires(&self) -> Option<u32> {
        self.param("expires")
            .map(|value| super::views::seconds(value.unwrap_or("")))
    }
}

/// One value of a Contact header.
#[derive(Clone, Copy, Debug)]
pub enum Contact<'a> {
    /// `*`: all bindings (RFC 3261 section 10.2.2).
    Star,
    /// An address.
    Address(NameAddr<'a>),
}

impl<'a> Contact<'a> {
    /// Reads one value.
    pub fn parse(value: &'a [u8]) -> Result<Self, Fault> {
        if trim(value) == b"*" {
            return Ok(Self::Star);
        }
        NameAddr::parse(value).map(Self::Address)
    }

    /// The address, unless it is `*`.
    pub const fn address(&self) -> Option<NameAddr<'a>> {
        match self {
            Self::Star => None,
            Self::Address(address) => Some(*address),
        }
    }
}
