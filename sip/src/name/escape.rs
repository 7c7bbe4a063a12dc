//! The `%` escapes of URIs (RFC 3261 section 19.1.2; RFC 3986 section 2).
//!
//! Knows which octets may stand bare in a user part; nothing of what they mean.

/// One octet of an escaped text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Octet {
    /// Its value after unescaping.
    pub(super) value: u8,
    /// Whether it was a `%` that is not followed by two hexadecimal digits.
    pub(super) broken: bool,
}

/// The octets that an escaped text stands for.
pub(super) fn octets(text: &str) -> impl Iterator<Item = Octet> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let &first = bytes.get(at)?;
        at += 1;
        if first != b'%' {
            return Some(Octet {
                value: first,
                broken: false,
            });
        }
        let digit = |i: usize| bytes.get(i).and_then(|&b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(at), digit(at + 1)) else {
            return Some(Octet {
                value: first,
                broken: true,
            });
        };
        at += 2;
        let value = u8::try_from(high * 16 + low).unwrap_or(first);
        Some(Octet {
            value,
            broken: false,
        })
    })
}

/// Whether two escaped texts stand for the same octets.
pub(super) fn same(a: &str, b: &str) -> bool {
    octets(a).eq(octets(b))
}

/// Whether two escaped texts stand for the same octets when ASCII case does not count.
pub(super) fn same_ignoring_case(a: &str, b: &str) -> bool {
    let lower = |o: Octet| o.value.to_ascii_lowercase();
    octets(a).map(lower).eq(octets(b).map(lower))
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
