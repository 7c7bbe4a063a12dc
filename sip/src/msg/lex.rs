//! Octets to a header index (RFC 3261 sections 7 and 18.3), in one pass over the line ends.
//!
//! Decides only whether there is a message, and where it ends; what is bad about it is noted for `verify`. Line ends
//! may be bare LF, header names any case or compact, `Name :` may have blanks, values may be folded. Knows no header
//! but Content-Length.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use smallvec::SmallVec;

use super::fault::{Fault, Unframeable};
use super::header::Name;
use super::message::{Entry, Message, Span, Start};
use super::method::Method;
use super::scan::{Cursor, is_blank, is_token, trim};
use crate::limits::{MAX_HEADERS, MAX_MESSAGE, MAX_REQUEST_URI};

/// Reads one datagram, or one WebSocket message (RFC 7118 section 5): what follows the body is ignored, and without
/// Content-Length the body is the rest (RFC 3261 section 18.3).
pub fn lex(mut bytes: Bytes) -> Result<Message, Unframeable> {
    if bytes.len() > MAX_MESSAGE {
        return Err(Unframeable::TooLarge);
    }
    let noise = bytes
        .iter()
        .take_while(|&&octet| matches!(octet, b'\r' | b'\n'))
        .count();
    bytes.advance(noise);
    if bytes.is_empty() {
        return Err(Unframeable::Empty);
    }
    let mut head = Head::read(&bytes)?;
    let rest = bytes.len() - head.length;
    let body = match head.body {
        BodyLength::Said(said) if said <= rest => said,
        BodyLength::Said(_) => {
            head.note(Fault::bad_request(
                "Content-Length larger than the datagram",
            ));
            rest
        }
        BodyLength::Absent | BodyLength::Bad => rest,
    };
    Ok(head.into_message(bytes, body))
}

/// What Content-Length says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyLength {
    Absent,
    /// Not larger than [`MAX_MESSAGE`] + 1, which stands for everything larger.
    Said(usize),
    /// No number, or two that differ.
    Bad,
}

/// Everything before the body, read.
#[derive(Debug)]
pub(super) struct Head {
    start: Start,
    start_end: u16,
    entries: Arc<[Entry]>,
    flaw: Option<Fault>,
    pub(super) body: BodyLength,
    /// Octets up to and with the empty line.
    pub(super) length: usize,
}

impl Head {
    /// Reads a head that begins at the first octet.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unframeable> {
        let (line, mut at) = first_line(bytes)?;
        let (start, mut flaw) = start_line(line)?;
        let start_end = at;
        let mut entries: SmallVec<[Entry; 48]> = SmallVec::new();
        let mut body = BodyLength::Absent;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            match rest {
                [b'\n', ..] => {
                    at += 1;
                    break;
                }
                [b'\r', b'\n', ..] => {
                    at += 2;
                    break;
                }
                _ => {}
            }
            let length = line_length(rest).ok_or(Unframeable::Truncated)?;
            let line_end = at + length;
            match entry(bytes, at, line_end) {
                None => flaw = flaw.or(Some(Fault::bad_request("Malformed header line"))),
                Some(_) if entries.len() == MAX_HEADERS => {
                    flaw = flaw.or(Some(Fault::bad_request("Too many headers")));
                    // On a stream a length that was not read could hide the true end of the message.
                    body = BodyLength::Bad;
                }
                Some(entry) => {
                    if entry.name == Name::ContentLength && body != BodyLength::Bad {
                        let (said, fault) = content_length(body, entry.value.of(bytes));
                        body = said;
                        flaw = flaw.or(fault);
                    }
                    entries.push(entry);
                }
            }
            at = line_end;
        }
        let start_end = u16::try_from(start_end).unwrap_or(u16::MAX);
        Ok(Self {
            start,
            start_end,
            entries: Arc::from(entries.as_slice()),
            flaw,
            body,
            length: at,
        })
    }

    /// Remembers the first thing that is wrong.
    pub(super) fn note(&mut self, fault: Fault) {
        self.flaw = self.flaw.or(Some(fault));
    }

    /// The message that ends `body` octets after the head.
    pub(super) fn into_message(self, mut bytes: Bytes, body: usize) -> Message {
        bytes.truncate(self.length + body);
        let body = if bytes.len() > self.length {
            bytes.slice(self.length..)
        } else {
            Bytes::new()
        };
        Message {
            body,
            bytes,
            start: self.start,
            entries: self.entries,
            flaw: self.flaw,
            start_end: self.start_end,
        }
    }
}

/// The first line without its end, and where the next begins.
fn first_line(bytes: &[u8]) -> Result<(&[u8], usize), Unframeable> {
    let Some(end) = memchr::memchr(b'\n', bytes) else {
        return Err(if plausible(bytes) {
            Unframeable::Truncated
        } else {
            Unframeable::NotSip
        });
    };
    let line = &bytes[..end];
    Ok((line.strip_suffix(b"\r").unwrap_or(line), end + 1))
}

/// Whether a message could begin like this.
pub(super) fn plausible(bytes: &[u8]) -> bool {
    let word = bytes
        .split(|&octet| octet == b' ')
        .next()
        .unwrap_or_default();
    !word.is_empty() && word.iter().all(|&octet| is_token(octet) || octet == b'/')
}

/// The length of a header line with its folds and its line end (RFC 3261 section 7.3.1).
#[inline]
fn line_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr(b'\n', bytes.get(at..)?)? + 1;
        if !matches!(bytes.get(at), Some(b' ' | b'\t')) {
            return Some(at);
        }
    }
}

/// `Name: value`; `None` if there is no name or no colon.
#[inline]
fn entry(bytes: &[u8], start: usize, line_end: usize) -> Option<Entry> {
    let line = bytes.get(start..line_end)?;
    let length = line.iter().position(|&octet| !is_token(octet))?;
    let (text, rest) = line.split_at(length);
    if text.is_empty() {
        return None;
    }
    let colon = rest.iter().position(|&octet| !is_blank(octet))?;
    let raw = rest.get(colon..)?.strip_prefix(b":")?;
    let lead = raw
        .iter()
        .position(|&octet| !is_blank(octet))
        .unwrap_or(raw.len());
    let value_start = start + length + colon + 1 + lead;
    let value_end = value_start + trim(&raw[lead..]).len();
    Some(Entry {
        name: Name::parse(text),
        text: Span::new(start, start + length),
        value: Span::new(value_start, value_end),
        line_end: u16::try_from(line_end).unwrap_or(u16::MAX),
    })
}

/// The first line's meaning, and what is bad about it.
fn start_line(line: &[u8]) -> Result<(Start, Option<Fault>), Unframeable> {
    if line
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"SIP/"))
    {
        Ok(status_line(line))
    } else {
        request_line(line)
    }
}

fn version_flaw(version: &[u8]) -> Option<Fault> {
    let known = version.eq_ignore_ascii_case(b"SIP/2.0");
    (!known).then_some(Fault {
        status: 505,
        reason: "Version Not Supported",
    })
}

/// `SIP/2.0 SP code SP reason`; the second blank may be missing.
fn status_line(line: &[u8]) -> (Start, Option<Fault>) {
    let mut cursor = Cursor::new(line);
    let version = cursor.take_while(|octet| octet != b' ');
    cursor.skip_blanks();
    let digits = cursor.take_while(|octet| octet.is_ascii_digit());
    let status = match digits {
        &[a @ b'1'..=b'6', b, c] => [a, b, c]
            .iter()
            .fold(0, |n, &d| n * 10 + u16::from(d - b'0')),
        _ => 0,
    };
    let ends = matches!(cursor.rest.first(), None | Some(b' '));
    let start = line.len() - cursor.rest.len() + usize::from(cursor.rest.first() == Some(&b' '));
    let flaw = (status == 0 || !ends).then_some(Fault::bad_request("Malformed Status-Line"));
    let reason = Span::new(start, line.len());
    (
        Start::Response { status, reason },
        version_flaw(version).or(flaw),
    )
}

/// `method SP uri SP version`, each blank exactly one; more are framed, but bad.
fn request_line(line: &[u8]) -> Result<(Start, Option<Fault>), Unframeable> {
    let method_end = memchr::memchr(b' ', line).ok_or(Unframeable::NotSip)?;
    let kept = trim(line).len() + (line.len() - trim_start(line).len());
    let version_start = memchr::memrchr(b' ', &line[..kept]).ok_or(Unframeable::NotSip)? + 1;
    let version = &line[version_start..kept];
    let is_sip = version
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"SIP/"));
    if !is_sip || version_start <= method_end + 1 {
        return Err(Unframeable::NotSip);
    }
    let method = Method::parse(&line[..method_end]).ok_or(Unframeable::NotSip)?;
    let between = &line[method_end + 1..version_start - 1];
    let uri = trim(between);
    let uri_start = method_end + 1 + (between.len() - trim_start(between).len());
    let flaw = if uri.len() > MAX_REQUEST_URI {
        Some(Fault {
            status: 414,
            reason: "Request-URI Too Long",
        })
    } else if uri.len() != between.len()
        || uri.iter().any(|&octet| is_blank(octet))
        || kept != line.len()
    {
        Some(Fault::bad_request("Malformed Request-Line"))
    } else if uri.is_empty() {
        Some(Fault::bad_request("Missing Request-URI"))
    } else {
        None
    };
    let uri = Span::new(uri_start, uri_start + uri.len());
    Ok((
        Start::Request { method, uri },
        version_flaw(version).or(flaw),
    ))
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|&&octet| is_blank(octet)).count();
    &bytes[blanks..]
}

/// Takes one more Content-Length line into account.
fn content_length(before: BodyLength, value: &[u8]) -> (BodyLength, Option<Fault>) {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    if !is_number {
        return (
            BodyLength::Bad,
            Some(Fault::bad_request("Malformed Content-Length")),
        );
    }
    // Saturating keeps every number above the bound above it, however long it is.
    let said = value
        .iter()
        .fold(0_usize, |n, &d| {
            n.saturating_mul(10).saturating_add(usize::from(d - b'0'))
        })
        .min(MAX_MESSAGE + 1);
    match before {
        BodyLength::Absent => (BodyLength::Said(said), None),
        BodyLength::Said(first) if first == said => (
            before,
            Some(Fault::bad_request("Content-Length given twice")),
        ),
        BodyLength::Said(_) | BodyLength::Bad => (
            BodyLength::Bad,
            Some(Fault::bad_request("Contradicting Content-Length")),
        ),
    }
}
