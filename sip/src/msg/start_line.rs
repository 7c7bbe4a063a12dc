//! The first line of a message (RFC 3261 sections 7.1 and 7.2).
//!
//! Decides whether it is SIP at all; what is bad about it beyond that is noted. Knows no header.

use super::fault::{Fault, Unframeable};
use super::message::{Span, Start};
use super::method::Method;
use super::scan::{Cursor, is_blank, is_token, skip, trim};
use crate::limits::MAX_URI;

/// The first line without its end, and where the next begins.
pub(super) fn first_line(bytes: &[u8]) -> Result<(&[u8], usize), Unframeable> {
    let Some(end) = memchr::memchr(b'\n', bytes) else {
        return Err(if plausible(bytes) {
            Unframeable::Truncated
        } else {
            Unframeable::NotSip
        });
    };
    let line = &bytes[..end];
    Ok((line.strip_suffix(b"\r").unwrap_or(line), end + 1))
}

/// Its meaning, and what is bad about it.
pub(super) fn start_line(line: &[u8]) -> Result<(Start, Option<Fault>), Unframeable> {
    if line
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"SIP/"))
    {
        status_line(line)
    } else {
        request_line(line)
    }
}

fn version_flaw(version: &[u8]) -> Option<Fault> {
    let known = version.eq_ignore_ascii_case(b"SIP/2.0");
    (!known).then_some(Fault {
        status: 505,
        reason: "Version Not Supported",
    })
}

/// `SIP/2.0 SP code SP reason`; the second blank may be missing.
fn status_line(line: &[u8]) -> Result<(Start, Option<Fault>), Unframeable> {
    let mut cursor = Cursor::new(line);
    let version = cursor.take_while(|octet| octet != b' ');
    if cursor.rest.is_empty() || !plausible(line) {
        return Err(Unframeable::NotSip);
    }
    cursor.skip_blanks();
    let digits = cursor.take_while(|octet| octet.is_ascii_digit());
    let status = match digits {
        &[a @ b'1'..=b'6', b, c] => [a, b, c]
            .iter()
            .fold(0, |n, &d| n * 10 + u16::from(d - b'0')),
        _ => 0,
    };
    let ends = matches!(cursor.rest.first(), None | Some(b' '));
    let start = line.len() - cursor.rest.len() + usize::from(cursor.rest.first() == Some(&b' '));
    let flaw = (status == 0 || !ends).then_some(Fault::bad_request("Malformed Status-Line"));
    let reason = Span::new(start, line.len());
    let start = Start::Response { status, reason };
    Ok((start, version_flaw(version).or(flaw)))
}

/// `method SP uri SP version`, each blank exactly one; more are framed, but bad.
fn request_line(line: &[u8]) -> Result<(Start, Option<Fault>), Unframeable> {
    let method_end = memchr::memchr(b' ', line).ok_or(Unframeable::NotSip)?;
    let method = Method::parse(&line[..method_end]).ok_or(Unframeable::NotSip)?;
    let mut version_end = line.len();
    while version_end > method_end && is_blank(line[version_end - 1]) {
        version_end -= 1;
    }
    let version_start = memchr::memrchr(b' ', &line[..version_end]).map_or(0, |blank| blank + 1);
    let version = &line[version_start..version_end];
    let is_sip = version
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"SIP/"));
    if !is_sip || version_start <= method_end {
        return Err(Unframeable::NotSip);
    }
    let uri_start = skip(line, method_end + 1, is_blank).min(version_start);
    let uri = trim(&line[uri_start..version_start]);
    let single_blanks = method_end + uri.len() + version.len() + 2 == line.len();
    let flaw = if uri.len() > MAX_URI {
        Some(Fault {
            status: 414,
            reason: "Request-URI Too Long",
        })
    } else if uri.is_empty() || !single_blanks || uri.iter().any(|&octet| is_blank(octet)) {
        Some(Fault::bad_request("Malformed Request-Line"))
    } else {
        None
    };
    let uri = Span::new(uri_start, uri_start + uri.len());
    Ok((
        Start::Request { method, uri },
        version_flaw(version).or(flaw),
    ))
}

/// Whether a message could begin like this: with a method, or with `SIP/2.0`. Looks at the first octets only, since a
/// framer asks again each time more arrives.
pub(super) fn plausible(bytes: &[u8]) -> bool {
    let start = bytes.get(..32).unwrap_or(bytes);
    let word = start
        .split(|&octet| octet == b' ')
        .next()
        .unwrap_or_default();
    !word.is_empty() && word.iter().all(|&octet| is_token(octet) || octet == b'/')
}
