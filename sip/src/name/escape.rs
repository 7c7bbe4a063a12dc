//! The `%` escapes of URIs (RFC 3261 section 19.1.2; RFC 3986 section 2).
//!
//! Knows which octets may stand bare in a user part; nothing of what they mean.

/// One octet that an escaped text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Octet {
    pub(super) value: u8,
    /// Whether it was written as `%` and two hexadecimal digits.
    pub(super) escaped: bool,
}

impl Octet {
    /// A bare `%`: an escape that is none.
    pub(super) const fn is_broken(self) -> bool {
        self.value == b'%' && !self.escaped
    }

    /// The same whether it was escaped or not, unless it is reserved (RFC 3261 section 19.1.4).
    fn for_comparison(self) -> Self {
        let is_reserved = matches!(
            self.value,
            b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b','
        );
        Self {
            value: self.value,
            escaped: self.escaped && is_reserved,
        }
    }

    fn without_case(self) -> Self {
        Self {
            value: self.value.to_ascii_lowercase(),
            ..self.for_comparison()
        }
    }
}

/// The octets that an escaped text stands for.
pub(super) fn octets(text: &str) -> impl Iterator<Item = Octet> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let &value = bytes.get(at)?;
        at += 1;
        let digit = |i: usize| bytes.get(i).and_then(|&b| char::from(b).to_digit(16));
        if value == b'%'
            && let (Some(high), Some(low)) = (digit(at), digit(at + 1))
            && let Ok(value) = u8::try_from(high * 16 + low)
        {
            at += 2;
            return Some(Octet {
                value,
                escaped: true,
            });
        }
        Some(Octet {
            value,
            escaped: false,
        })
    })
}

/// Whether two escaped texts stand for the same octets.
pub(super) fn same(a: &str, b: &str) -> bool {
    octets(a)
        .map(Octet::for_comparison)
        .eq(octets(b).map(Octet::for_comparison))
}

/// Whether two escaped texts stand for the same octets when ASCII case does not count.
pub(super) fn same_ignoring_case(a: &str, b: &str) -> bool {
    // Nearly all are written without escapes, and alike.
    a.eq_ignore_ascii_case(b)
        || octets(a)
            .map(Octet::without_case)
            .eq(octets(b).map(Octet::without_case))
}

/// Whether the octet may stand bare in a user part: `unreserved / user-unreserved`.
pub(super) const fn is_bare_in_user(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')'
        )
        || matches!(octet, b'&' | b'=' | b'+' | b'$' | b',' | b';' | b'?' | b'/')
}
