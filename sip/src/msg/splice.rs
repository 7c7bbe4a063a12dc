//! Changes to a message that is passed on: what is not changed stays as it came, octet for octet (RFC 3261 section 16.6).
//!
//! Edits are noted first and carried out in one copy. Decides nothing about what has to be changed.

use std::fmt::{self, Display, Write as _};
use std::ops::Range;

use bytes::{BufMut, Bytes, BytesMut};
use smallvec::SmallVec;

use super::header::Name;
use super::message::{Message, Start};
use super::scan::{is_blank, trim};

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
            let new = self.write(format_args!("{uri}"));
            self.edit(usize::from(old.start)..usize::from(old.end), new);
        }
        self
    }

    /// A header line above all others of its name (Via, Route and Record-Route grow at the top); where there is none
    /// yet, above all headers.
    pub fn prepend(mut self, name: Name, value: impl Display) -> Self {
        let at = self
            .message
            .entry(name)
            .map_or(self.message.start_end, |entry| entry.text.start);
        let new = self.write(format_args!("{}: {value}\r\n", Line(name)));
        self.edit(usize::from(at)..usize::from(at), new);
        self
    }

    /// The value of the first header of that name, or a new line at the end if there is none.
    pub fn replace(mut self, name: Name, value: impl Display) -> Self {
        match self.message.entry(name) {
            Some(entry) => {
                let old = usize::from(entry.value.start)..usize::from(entry.value.end);
                let new = self.write(format_args!("{value}"));
                self.edit(old, new);
                self
            }
            None => self.append(name, value),
        }
    }

    /// A header line below all others.
    pub fn append(mut self, name: Name, value: impl Display) -> Self {
        let at = self
            .message
            .entries
            .last()
            .map_or(self.message.start_end, |entry| entry.line_end);
        let new = self.write(format_args!("{}: {value}\r\n", Line(name)));
        self.edit(usize::from(at)..usize::from(at), new);
        self
    }

    /// Takes away all headers of that name.
    pub fn remove(mut self, name: Name) -> Self {
        for entry in self
            .message
            .entries
            .iter()
            .filter(|entry| entry.name == name)
        {
            self.edits.push(Edit {
                old: usize::from(entry.text.start)..usize::from(entry.line_end),
                new: 0..0,
            });
        }
        self
    }

    /// Takes away the topmost value of a list: one's own Via of a response, one's own Route of a request.
    pub fn remove_first(mut self, name: Name) -> Self {
        let Some(entry) = self.message.entry(name) else {
            return self;
        };
        let line = entry.value.of(&self.message.bytes);
        let mut values = super::list::Values::new(line);
        values.next();
        let rest = values.rest();
        let start = usize::from(entry.value.start);
        let old = if trim(rest).is_empty() {
            usize::from(entry.text.start)..usize::from(entry.line_end)
        } else {
            let blanks = rest.iter().take_while(|&&octet| is_blank(octet)).count();
            start..start + (line.len() - rest.len()) + blanks
        };
        self.edits.push(Edit { old, new: 0..0 });
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

    fn write(&mut self, text: fmt::Arguments<'_>) -> Range<usize> {
        let start = self.text.len();
        // Writing to memory does not fail.
        let _ = Text(&mut self.text).write_fmt(text);
        start..self.text.len()
    }
}

/// The name of a header line that we write.
struct Line(Name);

impl Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

struct Text<'a>(&'a mut SmallVec<[u8; 256]>);

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
