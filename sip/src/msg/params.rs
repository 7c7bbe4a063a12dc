//! Parameters of a header value: `;name`, `;name=token`, `;name="quoted"` (RFC 3261 section 25.1, `generic-param`).
//!
//! Tolerates blanks round `;` and `=`. Knows the meaning of none.

use super::scan::{Cursor, text, trim};

/// Iterates over `(name, value)`. A quoted value comes without its quotes, escapes as they are.
///
/// Ends early at anything that is no parameter; parameters that are not UTF-8 are left out.
#[derive(Clone, Copy, Debug)]
pub struct Params<'a> {
    cursor: Cursor<'a>,
    /// Whether something was met that is no parameter.
    is_malformed: bool,
}

impl<'a> Params<'a> {
    /// From the octets that follow the value proper, beginning with `;` or blanks.
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            cursor: Cursor::new(bytes),
            is_malformed: false,
        }
    }

    /// The first parameter of that name (any case): `None` absent, `Some(None)` without value.
    pub fn find(mut self, name: &str) -> Option<Option<&'a str>> {
        loop {
            let (found, value) = self.next_raw()?;
            if found.eq_ignore_ascii_case(name.as_bytes()) {
                return match value {
                    None => Some(None),
                    Some(value) => text(value).map(Some),
                };
            }
        }
    }

    /// Whether there is nothing but parameters.
    pub(super) fn are_well_formed(mut self) -> bool {
        while self.next_raw().is_some() {}
        !self.met_malformed()
    }

    /// Whether something was met so far that is no parameter.
    pub(super) const fn met_malformed(&self) -> bool {
        self.is_malformed
    }

    /// The next parameter as octets.
    pub(super) fn next_raw(&mut self) -> Option<(&'a [u8], Option<&'a [u8]>)> {
        loop {
            self.cursor.skip_blanks();
            if !self.cursor.eat(b';') {
                self.is_malformed |= !self.cursor.rest.is_empty();
                return None;
            }
            self.cursor.skip_blanks();
            let name = self.cursor.token();
            self.cursor.skip_blanks();
            if name.is_empty() {
                self.is_malformed = true;
                continue;
            }
            if !self.cursor.eat(b'=') {
                return Some((name, None));
            }
            self.cursor.skip_blanks();
            let value = match self.cursor.rest.first() {
                Some(b'"') => self.cursor.quoted(),
                _ => Some(trim(self.cursor.take_until(b';'))),
            };
            self.is_malformed |= value.is_none();
            return Some((name, Some(value?)));
        }
    }

    /// Octets that are not read yet.
    pub(super) const fn remaining(&self) -> usize {
        self.cursor.rest.len()
    }
}

impl<'a> Iterator for Params<'a> {
    type Item = (&'a str, Option<&'a str>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (name, value) = self.next_raw()?;
            match (text(name), value.map(text)) {
                (Some(name), None) => return Some((name, None)),
                (Some(name), Some(Some(value))) => return Some((name, Some(value))),
                (None, _) | (Some(_), Some(None)) => {}
            }
        }
    }
}
