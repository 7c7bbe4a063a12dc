//! Character classes and a cursor over the octets of one header value (RFC 3261 section 25.1).
//!
//! Folded lines stay folded: CR and LF count as blanks here, so nothing has to be unfolded to be read.

const TOKEN: u8 = 1;
const BLANK: u8 = 2;

static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut octet = 0_u8;
    loop {
        if octet.is_ascii_alphanumeric()
            || matches!(
                octet,
                b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~'
            )
        {
            class[octet as usize] = TOKEN;
        }
        if matches!(octet, b' ' | b'\t' | b'\r' | b'\n') {
            class[octet as usize] = BLANK;
        }
        if octet == u8::MAX {
            break;
        }
        octet += 1;
    }
    class
};

/// Whether the octet may stand in a `token`.
#[inline]
pub(crate) fn is_token(octet: u8) -> bool {
    CLASS[usize::from(octet)] == TOKEN
}

/// Whether the octet is linear white space, a fold's line end included.
#[inline]
pub(crate) fn is_blank(octet: u8) -> bool {
    CLASS[usize::from(octet)] == BLANK
}

/// The first place from `at` on whose octet is not `such`.
#[inline]
pub(crate) fn skip(bytes: &[u8], mut at: usize, such: impl Fn(u8) -> bool) -> usize {
    while bytes.get(at).is_some_and(|&octet| such(octet)) {
        at += 1;
    }
    at
}

/// Without blanks at either end.
#[inline]
pub(crate) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_blank(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_blank(*last)
    {
        bytes = rest;
    }
    bytes
}

/// As text, if it is UTF-8.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Makes control characters blanks: without line ends, no value that we write can begin a header of its own.
pub(crate) fn blank_controls(octets: &mut [u8]) {
    // Nearly always there is none, and to look without stopping is much faster.
    if !octets
        .iter()
        .fold(false, |found, octet| found | octet.is_ascii_control())
    {
        return;
    }
    for octet in octets {
        if octet.is_ascii_control() {
            *octet = b' ';
        }
    }
}

/// Makes line ends blanks: so a value from another message keeps to its line, and is else what it was.
pub(super) fn blank_line_ends(mut octets: &mut [u8]) {
    while let Some(at) = memchr::memchr2(b'\r', b'\n', octets) {
        octets[at] = b' ';
        octets = &mut octets[at + 1..];
    }
}

/// Reads on from left to right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn skip_blanks(&mut self) {
        while let [first, rest @ ..] = self.rest
            && is_blank(*first)
        {
            self.rest = rest;
        }
    }

    /// Takes `octet` if it comes next.
    pub(crate) fn eat(&mut self, octet: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == octet => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes octets as long as `wanted`; possibly none.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self
            .rest
            .iter()
            .position(|&octet| !wanted(octet))
            .unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Takes octets up to `end`, or all; possibly none.
    pub(crate) fn take_until(&mut self, end: u8) -> &'a [u8] {
        let length = memchr::memchr(end, self.rest).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Takes a token; possibly an empty one.
    pub(crate) fn token(&mut self) -> &'a [u8] {
        self.take_while(is_token)
    }

    /// Takes a quoted string and gives what stands between the quotes, escapes as they are; `None` if it does not begin
    /// here or never ends.
    pub(crate) fn quoted(&mut self) -> Option<&'a [u8]> {
        let inside = self.rest.strip_prefix(b"\"")?;
        let mut at = 0;
        loop {
            at += memchr::memchr2(b'"', b'\\', inside.get(at..)?)?;
            if inside.get(at) == Some(&b'"') {
                self.rest = inside.get(at + 1..)?;
                return inside.get(..at);
            }
            at += 2;
        }
    }
}
