//! Octets to a header index (RFC 3261 sections 7 and 18.3), in one pass over the line ends.
//!
//! Decides only whether there is a message, and where it ends; what is bad about it is noted for `verify`. Line ends
//! may be bare LF, header names any case or compact, `Name :` may have blanks, values may be folded. Knows no header
//! but Content-Length and the top Via.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use smallvec::SmallVec;

use super::fault::{Fault, Unframeable};
use super::header::Name;
use super::list::Values;
use super::message::{Entry, Message, Span, Start, offset};
use super::scan::{is_blank, is_token, skip};
use super::start_line::{first_line, start_line};
use super::via::Places;
use crate::limits::{MAX_HEADERS, MAX_MESSAGE};

/// Reads one datagram, or one WebSocket message (RFC 7118 section 5): what follows the body is ignored, and without
/// Content-Length the body is the rest (RFC 3261 section 18.3).
pub fn lex(mut bytes: Bytes) -> Result<Message, Unframeable> {
    if bytes.len() > MAX_MESSAGE {
        return Err(Unframeable::TooLarge);
    }
    let noise = skip(&bytes, 0, |octet| matches!(octet, b'\r' | b'\n'));
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
        let (line, start_end) = first_line(bytes)?;
        let (start, mut flaw) = start_line(line)?;
        let mut entries: SmallVec<[Entry; 48]> = SmallVec::new();
        let mut body = BodyLength::Absent;
        let mut at = start_end;
        for newline in memchr::memchr_iter(b'\n', &bytes[start_end..]) {
            let line_end = start_end + newline + 1;
            match &bytes[at..line_end] {
                b"\n" | b"\r\n" => {
                    return Ok(Self {
                        start,
                        start_end: offset(start_end),
                        entries: Arc::from(entries.as_slice()),
                        flaw,
                        body,
                        length: line_end,
                    });
                }
                // The next line continues this one (section 7.3.1).
                _ if matches!(bytes.get(line_end), Some(b' ' | b'\t')) => continue,
                _ => {}
            }
            match Entry::read(bytes, at, line_end) {
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
        Err(Unframeable::Truncated)
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
        let via = top_via(&bytes, &self.entries);
        Message {
            body,
            via,
            bytes,
            start: self.start,
            entries: self.entries,
            flaw: self.flaw,
            start_end: self.start_end,
        }
    }
}

/// Reads the first value of the first Via.
pub(super) fn top_via(bytes: &[u8], entries: &[Entry]) -> Option<Places> {
    let line = entries.iter().find(|entry| entry.name == Name::Via)?.value;
    let top = Values::new(line.of(bytes)).next_range()?;
    let start = usize::from(line.start);
    Places::read(bytes, start + top.start, start + top.end).ok()
}

impl Entry {
    /// `Name: value` with its line end; `None` if there is no name or no colon.
    #[inline]
    fn read(bytes: &[u8], start: usize, line_end: usize) -> Option<Self> {
        let line = &bytes[..line_end];
        let colon = start + memchr::memchr(b':', &line[start..])?;
        let mut name_end = colon;
        let mut name = Name::parse(&line[start..colon]);
        if name == Name::Other {
            // A known name needs no look at its letters; this one may be new, followed by blanks, or no name.
            name_end = skip(line, start, is_token);
            if name_end == start || skip(line, name_end, is_blank) != colon {
                return None;
            }
            name = Name::parse(&line[start..name_end]);
        }
        let value_start = skip(line, colon + 1, is_blank);
        let mut value_end = line_end;
        while value_end > value_start && is_blank(line[value_end - 1]) {
            value_end -= 1;
        }
        Some(Self {
            name,
            text: Span::new(start, name_end),
            value: Span::new(value_start, value_end),
            line_end: offset(line_end),
        })
    }
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
