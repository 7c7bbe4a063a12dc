//! Comma-separated lists (RFC 3261 section 7.3.1), across header lines of one name.
//!
//! A comma inside quotes or angle brackets belongs to its value. Only for headers whose grammar is a list: a Date or a
//! Subject holds commas of its own.

use super::scan::trim;

/// Iterates over the values of one header line, trimmed; empty ones are left out.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    rest: &'a [u8],
}

impl<'a> Values<'a> {
    /// Splits one raw value.
    pub const fn new(line: &'a [u8]) -> Self {
        Self { rest: line }
    }

    /// What is not read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

/// Where the first comma outside of quotes and brackets stands.
fn next_comma(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    // Most values hold neither quotes nor brackets before their comma.
    loop {
        at += memchr::memchr3(b',', b'"', b'<', bytes.get(at..)?)?;
        match bytes.get(at) {
            Some(b',') => return Some(at),
            Some(b'<') => at += memchr::memchr(b'>', bytes.get(at..)?)? + 1,
            _ => {
                at += 1;
                loop {
                    at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
                    if bytes.get(at) == Some(&b'"') {
                        at += 1;
                        break;
                    }
                    at += 2;
                }
            }
        }
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let (value, rest) = match next_comma(self.rest) {
                Some(at) => (&self.rest[..at], &self.rest[at + 1..]),
                None => (self.rest, &[][..]),
            };
            self.rest = rest;
            let value = trim(value);
            if !value.is_empty() {
                return Some(value);
            }
        }
        None
    }
}
