//! Comma-separated lists (RFC 3261 section 7.3.1), across header lines of one name.
//!
//! A comma inside quotes or angle brackets belongs to its value. Only for headers whose grammar is a list: a Date or a
//! Subject holds commas of its own.

use std::ops::Range;

use super::scan::{is_blank, trim};

/// Iterates over the values of one header line, trimmed; empty ones are left out.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    line: &'a [u8],
    /// Where the next value begins, or blanks before it.
    at: usize,
}

impl<'a> Values<'a> {
    /// Splits one raw value.
    pub const fn new(line: &'a [u8]) -> Self {
        Self { line, at: 0 }
    }

    /// Where the next value stands in the line.
    pub(super) fn next_range(&mut self) -> Option<Range<usize>> {
        while let Some(rest) = self.line.get(self.at..).filter(|rest| !rest.is_empty()) {
            let start = self.at;
            let length = next_comma(rest).unwrap_or(rest.len());
            self.at = start + length + 1;
            let value = &rest[..length];
            let lead = value.iter().take_while(|&&octet| is_blank(octet)).count();
            let kept = trim(value).len();
            if kept > 0 {
                return Some(start + lead..start + lead + kept);
            }
        }
        None
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.next_range().and_then(|range| self.line.get(range))
    }
}

/// Where the first comma outside of quotes and brackets stands. An unclosed quote or bracket reaches to the end.
fn next_comma(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr3(b',', b'"', b'<', bytes.get(at..)?)?;
        match bytes.get(at)? {
            b',' => return Some(at),
            b'<' => at += memchr::memchr(b'>', bytes.get(at..)?)? + 1,
            _ => at = quote_end(bytes, at + 1)?,
        }
    }
}

/// Just behind the quote that closes the one before `at`.
fn quote_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}
