//! A received message: its octets, and an index that says where each header stands in them.
//!
//! Gives raw values; the typed views are in `views`. Holds no parsed value, so nothing is lost or changed.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::fault::Fault;
use super::header::Name;
use super::list::Values;
use super::method::Method;
use super::scan::{is_blank, text, trim};
use super::via::Places;

/// A part of the message, by offsets ([`crate::limits::MAX_MESSAGE`] makes 16 bits enough).
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u16,
    pub(super) end: u16,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self {
            start: offset(start),
            end: offset(end),
        }
    }

    /// Where `part` stands in `bytes`, which it is a part of.
    pub(super) fn within(bytes: &[u8], part: &[u8]) -> Self {
        let start = part.as_ptr().addr().wrapping_sub(bytes.as_ptr().addr());
        Self::new(start, start.saturating_add(part.len()))
    }

    #[inline]
    pub(super) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes
            .get(usize::from(self.start)..usize::from(self.end))
            .unwrap_or_default()
    }
}

/// An offset into a message. The lexer refuses what is longer than these can say.
#[inline]
pub(super) fn offset(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// The first line.
#[derive(Clone, Debug)]
pub(super) enum Start {
    Request {
        method: Method,
        uri: Span,
    },
    /// A status of zero stands for one that could not be read.
    Response {
        status: u16,
        reason: Span,
    },
}

/// One header in the index. The line runs from the name to `line_end`, the last line end included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) name: Name,
    pub(super) text: Span,
    pub(super) value: Span,
    pub(super) line_end: u16,
}

/// A SIP message. Clones share everything.
#[derive(Clone)]
pub struct Message {
    pub(super) bytes: Bytes,
    pub(super) body: Bytes,
    pub(super) start: Start,
    pub(super) entries: Arc<[Entry]>,
    /// Of the top Via, unless there is none that can be read.
    pub(super) via: Option<Places>,
    /// What framing already found wrong.
    pub(super) flaw: Option<Fault>,
    /// Where the first line ends, its line end included.
    pub(super) start_end: u16,
}

/// One header line.
#[derive(Clone, Copy)]
pub struct Header<'a> {
    name: Name,
    text: &'a [u8],
    value: &'a [u8],
}

impl<'a> Header<'a> {
    /// Its name, if it is a known one.
    pub const fn name(&self) -> Name {
        self.name
    }

    /// The name as written.
    pub fn text(&self) -> &'a str {
        text(self.text).unwrap_or("")
    }

    /// The raw value: trimmed, folds as they are.
    pub const fn value(&self) -> &'a [u8] {
        self.value
    }
}

impl Message {
    /// Whether it is a request; else it is a response.
    pub const fn is_request(&self) -> bool {
        matches!(self.start, Start::Request { .. })
    }

    /// The method; `None` for a response (its request's method is in [`Message::cseq`]).
    pub const fn method(&self) -> Option<&Method> {
        match &self.start {
            Start::Request { method, .. } => Some(method),
            Start::Response { .. } => None,
        }
    }

    /// The text of the Request-URI; `None` for a response, or if it is not UTF-8.
    pub fn request_uri(&self) -> Option<&str> {
        match self.start {
            Start::Request { uri, .. } => text(uri.of(&self.bytes)),
            Start::Response { .. } => None,
        }
    }

    /// The status; `None` for a request. Zero if it is no number from 100 to 699, which [`Message::verify`] refuses.
    pub const fn status(&self) -> Option<u16> {
        match self.start {
            Start::Request { .. } => None,
            Start::Response { status, .. } => Some(status),
        }
    }

    /// The reason phrase as the peer wrote it; empty for a request. Octets that are not UTF-8 are replaced.
    pub fn reason(&self) -> Cow<'_, str> {
        match self.start {
            Start::Request { .. } => Cow::Borrowed(""),
            Start::Response { reason, .. } => String::from_utf8_lossy(reason.of(&self.bytes)),
        }
    }

    /// The raw value of the first header of that name: trimmed, folds as they are.
    #[inline]
    pub fn raw(&self, name: Name) -> Option<&[u8]> {
        self.entry(name).map(|entry| entry.value.of(&self.bytes))
    }

    /// The raw values of all headers of that name, one per line.
    pub fn all(&self, name: Name) -> impl Iterator<Item = &[u8]> + use<'_> {
        self.entries
            .iter()
            .filter(move |entry| entry.name == name)
            .map(|entry| entry.value.of(&self.bytes))
    }

    /// The values of all headers of that name, comma lists taken apart. Only for names whose grammar is a list.
    pub fn values(&self, name: Name) -> impl Iterator<Item = &[u8]> + use<'_> {
        self.all(name).flat_map(Values::new)
    }

    /// The first header of that name as text: unfolded, octets that are not UTF-8 replaced. From the wire: escape it
    /// before showing it.
    pub fn text(&self, name: Name) -> Option<Cow<'_, str>> {
        self.raw(name).map(unfolded)
    }

    /// All headers in order, the unknown ones too.
    pub fn headers(&self) -> impl Iterator<Item = Header<'_>> + use<'_> {
        self.entries.iter().map(|entry| Header {
            name: entry.name,
            text: entry.text.of(&self.bytes),
            value: entry.value.of(&self.bytes),
        })
    }

    /// The raw value of the first header whose name is `text` (any case): for names that [`Name`] does not know.
    pub fn other(&self, text: &str) -> Option<&[u8]> {
        self.headers()
            .find(|header| header.text.eq_ignore_ascii_case(text.as_bytes()))
            .map(|header| header.value)
    }

    /// The body, as octets.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The whole message as it came, without what stood before or after it.
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    #[inline]
    pub(super) fn entry(&self, name: Name) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// Messages are equal when their octets are.
impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Message {}

/// The text of the message, with everything that is not printable ASCII escaped.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message(\"{}\")", self.bytes.escape_ascii())
    }
}

/// A value as text: folds become one blank, octets that are not UTF-8 are replaced.
pub(super) fn unfolded(raw: &[u8]) -> Cow<'_, str> {
    if memchr::memchr2(b'\r', b'\n', raw).is_none() {
        return String::from_utf8_lossy(raw);
    }
    let mut plain = Vec::with_capacity(raw.len());
    let mut lines = raw
        .split(|&octet| octet == b'\n')
        .map(trim)
        .filter(|line| !line.is_empty());
    plain.extend(lines.next().unwrap_or_default());
    for line in lines {
        plain.push(b' ');
        plain.extend(
            line.iter()
                .map(|&octet| if is_blank(octet) { b' ' } else { octet }),
        );
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}
