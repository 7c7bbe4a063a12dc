//! The words for what we originate, as rsip spells them: status codes, methods, lists of them.
//!
//! rsip names its statuses by identifiers; here they become phrases. Nothing received passes through here.

use std::sync::LazyLock;

use rsip::StatusCode;

use super::method::Method;

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

/// The value of an Allow header (RFC 3261 section 20.5). Made once: it costs an allocation for each method.
pub fn allow(methods: &[Method]) -> String {
    let known: Vec<rsip::Method> = methods.iter().filter_map(in_rsip).collect();
    let mut value = rsip::typed::Allow(known).to_string();
    for method in methods.iter().filter(|method| in_rsip(method).is_none()) {
        if !value.is_empty() {
            value.push_str(", ");
        }
        value.push_str(method.as_str());
    }
    value
}

/// rsip's word for a method; it has none for extensions.
fn in_rsip(method: &Method) -> Option<rsip::Method> {
    let known = match method {
        Method::Ack => rsip::Method::Ack,
        Method::Bye => rsip::Method::Bye,
        Method::Cancel => rsip::Method::Cancel,
        Method::Info => rsip::Method::Info,
        Method::Invite => rsip::Method::Invite,
        Method::Message => rsip::Method::Message,
        Method::Notify => rsip::Method::Notify,
        Method::Options => rsip::Method::Options,
        Method::Prack => rsip::Method::PRack,
        Method::Publish => rsip::Method::Publish,
        Method::Refer => rsip::Method::Refer,
        Method::Register => rsip::Method::Register,
        Method::Subscribe => rsip::Method::Subscribe,
        Method::Update => rsip::Method::Update,
        Method::Extension(_) => return None,
    };
    Some(known)
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
