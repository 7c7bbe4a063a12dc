//! Responses (RFC 3261 section 8.2.6).

use std::fmt::Display;

use super::draft::Draft;
use crate::msg::header::Name;
use crate::msg::message::Message;
use crate::msg::name_addr::NameAddr;
use crate::msg::vocabulary::reason_phrase;
use crate::name::Tag;

/// Marks a [`Draft`] that begins with a status line.
#[derive(Clone, Copy, Debug)]
pub enum StatusLine {}

/// A response under construction.
pub type Response<'a> = Draft<'a, StatusLine>;

impl Response<'_> {
    /// Begins a response to `request` with what section 8.2.6.2 has copied: all Via, From, To, Call-ID and CSeq, and for
    /// a 100 the Timestamp (8.2.6.1). `to_tag` is added unless To has one. Without `reason`, the usual phrase.
    pub fn to(request: &Message, status: u16, reason: Option<&str>, to_tag: Option<&Tag>) -> Self {
        let mut draft = Self::empty();
        draft.push("SIP/2.0 ");
        draft.print(status);
        draft.push(" ");
        draft.print(reason.unwrap_or_else(|| reason_phrase(status)));
        draft = draft.end();
        for via in request.all(Name::Via) {
            draft = draft.copied(Name::Via, via);
        }
        if let Some(from) = request.raw(Name::From) {
            draft = draft.copied(Name::From, from);
        }
        if let Some(to) = request.raw(Name::To) {
            draft.begin(Name::To);
            draft.push_value(to);
            let is_tagged = NameAddr::parse(to).is_ok_and(|to| to.tag().is_some());
            if let Some(tag) = to_tag.filter(|_| !is_tagged) {
                draft.push(";tag=");
                draft.print(tag);
            }
            draft = draft.end();
        }
        let rest = if status == 100 {
            &[Name::CallId, Name::Cseq, Name::Timestamp][..]
        } else {
            &[Name::CallId, Name::Cseq]
        };
        for &name in rest {
            if let Some(value) = request.raw(name) {
                draft = draft.copied(name, value);
            }
        }
        draft
    }

    /// Copies the Record-Route of `request`, as a response that makes a dialog must (section 12.1.1).
    pub fn record_route(mut self, request: &Message) -> Self {
        for value in request.all(Name::RecordRoute) {
            self = self.copied(Name::RecordRoute, value);
        }
        self
    }

    /// Seconds after which the peer may try again (section 20.33).
    pub fn retry_after(self, seconds: impl Display) -> Self {
        self.header(Name::RetryAfter, seconds)
    }
}

impl<Line> Draft<'_, Line> {
    /// A header line copied from another message.
    pub(super) fn copied(mut self, name: Name, value: &[u8]) -> Self {
        self.begin(name);
        self.push_value(value);
        self.end()
    }
}
