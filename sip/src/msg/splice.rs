//! Changes to a message that is passed on: what is not changed stays as it came, octet for octet (RFC 3261 section 16.6).
//!
//! Edits are noted first and carried out in one copy. Decides nothing about what has to be changed.

use std::fmt::{self, Display, Write as _};
use std::ops::Range;

use bytes::{BufMut, Bytes, BytesMut};
use smallvec::SmallVec;

use super::header::Name;
use super::list::Values;
use super::message::{Entry, Message, Span, Start};
use super::scan::blank_controls;

/// A message and the changes to it.
#[derive(Debug)]
pub struct Splice<'a> {
    message: &'a Message,
    edits: SmallVec<[Edit; 8]>,
    /// The new texts, one behind the other.
    text: SmallVec<[u8; 256]>,
}

/// Replaces `old` of the message by `new` of the text.
#[derive(Clone, Debug)]
struct Edit {
    old: Range<usize>,
    new: Range<usize>,
}

impl<'a> Splice<'a> {
    /// No change yet.
    pub fn new(message: &'a Message) -> Self {
        Self {
            message,
            edits: SmallVec::new(),
            text: SmallVec::new(),
        }
    }

    /// Another Request-URI.
    pub fn request_uri(mut self, uri: impl Display) -> Self {
        if let Start::Request { uri: old, .. } = self.message.start {
            let new = self.write(uri);
            self.edit(range(old), new);
        }
        self
    }

    /// A header line above all others of its name (Via, Route and Record-Route grow at the top); where there is none
    /// yet, above all headers.
    pub fn prepend(self, name: Name, value: impl Display) -> Self {
        let at = self
            .message
            .entry(name)
            .map_or(self.message.start_end, |entry| entry.text.start);
        self.insert(usize::from(at), name, value)
    }

    /// The value of the first header of that name, or a new line at the end if there is none.
    pub fn replace(mut self, name: Name, value: impl Display) -> Self {
        let Some(entry) = self.message.entry(name) else {
            return self.append(name, value);
        };
        let new = self.write(value);
        self.edit(range(entry.value), new);
        self
    }

    /// A header line below all others.
    pub fn append(self, name: Name, value: impl Display) -> Self {
        let last = self.message.entries.last();
        let at = last.map_or(self.message.start_end, |entry| entry.line_end);
        self.insert(usize::from(at), name, value)
    }

    /// Takes away all headers of that name.
    pub fn remove(self, name: Name) -> Self {
        self.remove_where(name, |_| true)
    }

    /// Takes away the headers of that name whose raw value is `such`.
    pub fn remove_where(mut self, name: Name, such: impl Fn(&[u8]) -> bool) -> Self {
        let message = self.message;
        for entry in message.entries.iter().filter(|entry| entry.name == name) {
            if such(entry.value.of(&message.bytes)) {
                self.edit(line(entry), 0..0);
            }
        }
        self
    }

    /// Takes away the topmost value of a list: one's own Via of a response, one's own Route of a request.
    pub fn remove_first(self, name: Name) -> Self {
        self.remove_front(name, 1)
    }

    /// Takes away the topmost `count` values of a list, over as many lines as they stand on.
    pub fn remove_front(mut self, name: Name, mut count: usize) -> Self {
        let message = self.message;
        for entry in message.entries.iter().filter(|entry| entry.name == name) {
            if count == 0 {
                break;
            }
            let mut values = Values::new(entry.value.of(&message.bytes));
            while count > 0 && values.next_range().is_some() {
                count -= 1;
            }
            let old = match values.next_range() {
                Some(kept) => {
                    let start = usize::from(entry.value.start);
                    start..start + kept.start
                }
                None => line(entry),
            };
            self.edit(old, 0..0);
        }
        self
    }

    /// Takes away the last value of a list.
    pub fn remove_last(mut self, name: Name) -> Self {
        let message = self.message;
        let mut lines = message.entries.iter().rev();
        let Some(entry) = lines.find(|entry| entry.name == name) else {
            return self;
        };
        let mut values = Values::new(entry.value.of(&message.bytes));
        let mut before = None;
        let mut last = values.next_range();
        while let Some(next) = values.next_range() {
            before = last.replace(next);
        }
        let old = match before {
            Some(kept) => usize::from(entry.value.start) + kept.end..usize::from(entry.value.end),
            None => line(entry),
        };
        self.edit(old, 0..0);
        self
    }

    /// The changed message, in one exact allocation.
    pub fn finish(mut self) -> Bytes {
        // Stable: edits at one place come out in the order they were made.
        self.edits.sort_by_key(|edit| edit.old.start);
        let bytes = &self.message.bytes;
        let gone: usize = self.edits.iter().map(|edit| edit.old.len()).sum();
        let mut out = BytesMut::with_capacity((bytes.len() + self.text.len()).saturating_sub(gone));
        let mut at = 0;
        for edit in &self.edits {
            out.put_slice(bytes.get(at..edit.old.start).unwrap_or_default());
            out.put_slice(self.text.get(edit.new.clone()).unwrap_or_default());
            at = at.max(edit.old.end);
        }
        out.put_slice(bytes.get(at..).unwrap_or_default());
        out.freeze()
    }

    fn edit(&mut self, old: Range<usize>, new: Range<usize>) {
        self.edits.push(Edit { old, new });
    }

    fn insert(mut self, at: usize, name: Name, value: impl Display) -> Self {
        let start = self.text.len();
        self.text.extend_from_slice(name.as_str().as_bytes());
        self.text.extend_from_slice(b": ");
        self.write(value);
        self.text.extend_from_slice(b"\r\n");
        let end = self.text.len();
        self.edit(at..at, start..end);
        self
    }

    fn write(&mut self, value: impl Display) -> Range<usize> {
        let start = self.text.len();
        // Writing to memory does not fail; a `Display` that says otherwise leaves what it wrote.
        let _ = write!(OneLine(&mut self.text), "{value}");
        start..self.text.len()
    }
}

fn range(span: Span) -> Range<usize> {
    usize::from(span.start)..usize::from(span.end)
}

fn line(entry: &Entry) -> Range<usize> {
    usize::from(entry.text.start)..usize::from(entry.line_end)
}

/// Keeps what is written on the line it stands on.
struct OneLine<'a>(&'a mut SmallVec<[u8; 256]>);

impl fmt::Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let start = self.0.len();
        self.0.extend_from_slice(text.as_bytes());
        blank_controls(self.0.get_mut(start..).unwrap_or_default());
        Ok(())
    }
}
