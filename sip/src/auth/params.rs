//! The parameters of a challenge or of credentials (RFC 7235 section 2.1, RFC 3261 section 25.1): any order, any case,
//! quoted or not, folds and blanks wherever they may stand. Knows the meaning of none.

use std::borrow::Cow;

use crate::limits::MAX_AUTH_PARAMS;
use crate::msg::scan::{Cursor, is_blank};

/// Why a value cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthFault {
    /// Another scheme than Digest, which RFC 3261 section 22 leaves to whoever asked for it.
    #[error("the scheme is not Digest")]
    NotDigest,
    /// No list of parameters, or more than [`MAX_AUTH_PARAMS`].
    #[error("the parameters cannot be read")]
    Malformed,
    /// The same parameter twice.
    #[error("{0} is given twice")]
    Twice(&'static str),
    /// A parameter that must be there is not, or is none.
    #[error("{0} is missing or wrong")]
    Bad(&'static str),
}

/// The values of the parameters that count, in the order of their names; each may stand once, and others are passed over.
/// Values come without their quotes, escapes as they are.
pub(super) fn named<'a, const N: usize>(
    value: &'a [u8],
    names: [&'static str; N],
) -> Result<[Option<&'a [u8]>; N], AuthFault> {
    let mut found = [None; N];
    read(value, |name, value| {
        let known = names
            .iter()
            .zip(&mut found)
            .find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
        match known.map(|(known, place)| (known, place.replace(value))) {
            Some((known, Some(_))) => Err(AuthFault::Twice(known)),
            Some((_, None)) | None => Ok(()),
        }
    })?;
    Ok(found)
}

/// Takes the scheme off and gives name and value of each parameter to `take`.
fn read<'a>(
    value: &'a [u8],
    mut take: impl FnMut(&'a [u8], &'a [u8]) -> Result<(), AuthFault>,
) -> Result<(), AuthFault> {
    let mut cursor = Cursor::new(value);
    cursor.skip_blanks();
    if !cursor.token().eq_ignore_ascii_case(b"Digest") {
        return Err(AuthFault::NotDigest);
    }
    for _ in 0..=MAX_AUTH_PARAMS {
        cursor.take_while(|octet| is_blank(octet) || octet == b',');
        if cursor.rest.is_empty() {
            return Ok(());
        }
        let name = cursor.token();
        cursor.skip_blanks();
        if name.is_empty() || !cursor.eat(b'=') {
            return Err(AuthFault::Malformed);
        }
        cursor.skip_blanks();
        let value = if cursor.rest.first() == Some(&b'"') {
            cursor.quoted().ok_or(AuthFault::Malformed)?
        } else {
            // What has no quotes has none inside either, and nothing to escape: it can always stand between quotes.
            cursor.take_while(|octet| !is_blank(octet) && !matches!(octet, b',' | b'"' | b'\\'))
        };
        cursor.skip_blanks();
        if !matches!(cursor.rest.first(), None | Some(b',')) {
            return Err(AuthFault::Malformed);
        }
        take(name, value)?;
    }
    Err(AuthFault::Malformed)
}

/// What stands for itself behind the backslashes of a quoted string.
pub(super) fn unescaped(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'\\') {
        return Cow::Borrowed(raw);
    }
    let mut octets = raw.iter();
    let mut plain = Vec::with_capacity(raw.len());
    while let Some(&octet) = octets.next() {
        plain.extend(if octet == b'\\' {
            octets.next()
        } else {
            Some(&octet)
        });
    }
    Cow::Owned(plain)
}
