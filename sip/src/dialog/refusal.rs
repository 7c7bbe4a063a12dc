//! What a final response that is no success tells its reader (RFC 3261 sections 20.10, 20.33, 21.3 to 21.6).

use crate::limits::MAX_CONTACTS;
use crate::msg::{Contact, Message, Name};

/// A final response of 300 to 699. From the wire: escape the texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// 300 to 699.
    pub status: u16,
    /// The reason phrase.
    pub phrase: Box<str>,
    /// Seconds from `Retry-After`.
    pub retry_after: Option<u32>,
    /// The URIs of the `Contact` headers, best `q` first: where a 3xx points. At most [`MAX_CONTACTS`].
    pub contacts: Vec<Box<str>>,
}

impl Refusal {
    /// Reads a response.
    pub(super) fn of(response: &Message) -> Self {
        Self {
            status: response.status().unwrap_or(0),
            phrase: response.reason().into(),
            retry_after: retry_after(response),
            contacts: contacts(response),
        }
    }
}

/// The seconds stand first; a comment and parameters may follow (section 20.33).
fn retry_after(response: &Message) -> Option<u32> {
    let text = response.text(Name::RetryAfter)?;
    let end = text.find(|c: char| !c.is_ascii_digit());
    text[..end.unwrap_or(text.len())].parse().ok()
}

fn contacts(response: &Message) -> Vec<Box<str>> {
    let mut found: Vec<(u16, Box<str>)> = response
        .contacts()
        .filter_map(|contact| contact.as_ref().ok().and_then(Contact::address))
        .take(MAX_CONTACTS)
        .map(|address| (address.q().unwrap_or(1_000), address.uri_text().into()))
        .collect();
    found.sort_by_key(|&(q, _)| std::cmp::Reverse(q));
    found.into_iter().map(|(_, uri)| uri).collect()
}
