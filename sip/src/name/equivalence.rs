//! When two URIs mean the same (RFC 3261 section 19.1.4, RFC 3966 section 4).
//!
//! Compares texts; resolves nothing.

use super::escape::{same, same_ignoring_case};
use super::uri::{Scheme, UriRef};

pub(super) fn equivalent(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    match (a.scheme(), b.scheme()) {
        (Scheme::Sip, Scheme::Sip) | (Scheme::Sips, Scheme::Sips) => sip(a, b),
        (Scheme::Tel, Scheme::Tel) => tel(a, b),
        (Scheme::Other(x), Scheme::Other(y)) => {
            x.eq_ignore_ascii_case(y) && a.as_str().get(x.len()..) == b.as_str().get(y.len()..)
        }
        (Scheme::Sip | Scheme::Sips | Scheme::Tel | Scheme::Other(_), _) => false,
    }
}

fn sip(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    optional(a.user(), b.user(), same)
        && optional(a.password(), b.password(), same)
        && a.host() == b.host()
        && a.port() == b.port()
        && params_agree(a, b)
        && params_agree(b, a)
        && headers_agree(a, b)
        && headers_agree(b, a)
}

fn optional(a: Option<&str>, b: Option<&str>, agree: fn(&str, &str) -> bool) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => agree(a, b),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Each parameter of `a` matches in `b` where `b` has it, and these four may not be missing there.
fn params_agree(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    a.params().all(|(name, value)| {
        let mut others = params_named(b, name).peekable();
        if others.peek().is_none() {
            return !["user", "ttl", "method", "maddr"]
                .iter()
                .any(|must| same_ignoring_case(name, must));
        }
        others.any(|other| optional(value, other, same_ignoring_case))
    })
}

/// All of that name: a name may be written twice.
fn params_named<'a>(uri: &UriRef<'a>, name: &str) -> impl Iterator<Item = Option<&'a str>> {
    uri.params()
        .filter(move |(other, _)| same_ignoring_case(other, name))
        .map(|(_, value)| value)
}

fn headers_agree(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    a.headers().all(|(name, value)| {
        b.headers()
            .any(|(n, v)| same_ignoring_case(n, name) && same(v, value))
    })
}

fn tel(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    let digits = |uri: &UriRef<'_>| {
        uri.user()
            .unwrap_or("")
            .bytes()
            .filter(|b| !matches!(b, b'-' | b'.' | b'(' | b')'))
            .map(|b| b.to_ascii_lowercase())
            .collect::<Vec<u8>>()
    };
    let covers = |a: &UriRef<'_>, b: &UriRef<'_>| {
        a.params().all(|(name, value)| {
            params_named(b, name).any(|other| optional(value, other, same_ignoring_case))
        })
    };
    digits(a) == digits(b) && covers(a, b) && covers(b, a)
}
