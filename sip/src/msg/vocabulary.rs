//! The words for what we originate, as rsip spells them: status codes, methods, lists of them.
//!
//! rsip names its statuses by identifiers; here they become phrases. Nothing received passes through here.

use std::sync::LazyLock;

use rsip::StatusCode;

/// Phrases that cannot be told from rsip's identifiers (RFC 3261 section 21 and the registry of response codes).
const CORRECTED: &[(u16, &str)] = &[
    (199, "Early Dialog Terminated"),
    (202, "Accepted"),
    (401, "Unauthorized"),
    (414, "Request-URI Too Long"),
    (416, "Unsupported URI Scheme"),
    (417, "Unknown Resource-Priority"),
    (428, "Use Identity Header"),
    (430, "Flow Failed"),
    (470, "Consent Needed"),
    (481, "Call/Transaction Does Not Exist"),
    (504, "Server Time-out"),
    (606, "Not Acceptable"),
    (608, "Rejected"),
];

static PHRASES: LazyLock<Vec<Option<Box<str>>>> = LazyLock::new(|| {
    let mut phrases: Vec<Option<Box<str>>> = (0..700).map(phrase_of_identifier).collect();
    for &(status, phrase) in CORRECTED {
        if let Some(slot) = phrases.get_mut(usize::from(status)) {
            *slot = Some(phrase.into());
        }
    }
    phrases
});

/// The phrase that goes with a status; that of its class (`x00`) for one that has none (RFC 3261 section 8.1.3.2).
pub fn reason_phrase(status: u16) -> &'static str {
    let known = |status: u16| PHRASES.get(usize::from(status)).and_then(Option::as_deref);
    known(status)
        .or_else(|| known(status / 100 * 100))
        .unwrap_or("Unknown")
}

/// `RequestTerminated` to `Request Terminated`.
fn phrase_of_identifier(status: u16) -> Option<Box<str>> {
    let code = StatusCode::from(status);
    if matches!(code, StatusCode::Other(..)) {
        return None;
    }
    let printed = code.to_string();
    let identifier = printed.split_once(' ')?.1;
    let mut phrase = String::with_capacity(identifier.len() + 4);
    let mut before = 'A';
    for letter in identifier.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            phrase.push(' ');
        }
        phrase.push(letter);
        before = letter;
    }
    Some(phrase.into())
}
