//! Our other requests within a dialog: INFO, MESSAGE, OPTIONS, REFER, NOTIFY and whatever the user relays
//! (RFC 3261 section 12.2.1). Knows no method's meaning.

use super::{Fate, Phase, Session};
use crate::dialog::{Body, Effect, Event, Outbox, RequestId};
use crate::limits::MAX_SENT;
use crate::msg::{Message, Method};
use crate::name::Ids;

/// A request that waits for its response.
#[derive(Debug)]
pub(super) struct Sent {
    id: RequestId,
    mark: u32,
    /// Whether the method has a usage of its own in the dialog, which a 481 ends instead of ours (RFC 6665,
    /// RFC 5057 section 5.1).
    is_of_other_usage: bool,
}

impl Session {
    /// Sends one, if that is possible now.
    pub(super) fn send(
        &mut self,
        mark: u32,
        method: &Method,
        headers: &[(&str, &str)],
        body: Option<Body>,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        let is_ours = matches!(
            method,
            Method::Invite | Method::Ack | Method::Cancel | Method::Bye | Method::Update
        );
        let is_possible = matches!(self.phase, Phase::Unacked | Phase::Open);
        if is_ours || !is_possible || self.sent.len() >= MAX_SENT {
            out.event(Event::Replied {
                mark,
                response: None,
            });
            return;
        }
        let mut draft = self.dialog.request(method, &ids.branch());
        for (name, value) in headers {
            draft = draft.raw(name, value.as_bytes());
        }
        if let Some(body) = &body {
            draft = draft.body(&body.content_type, &body.bytes);
        }
        let id = RequestId(self.dialog.local_cseq());
        self.sent.push(Sent {
            id,
            mark,
            is_of_other_usage: matches!(method, Method::Notify | Method::Subscribe),
        });
        out.push(Effect::Request {
            id,
            bytes: draft.finish(),
            flow: *self.dialog.flow(),
        });
    }

    /// A final response. 481 and 408 end the dialog (RFC 3261 section 12.2.1.2).
    pub(super) fn replied(
        &mut self,
        request: RequestId,
        response: &Message,
        out: &mut Outbox,
    ) -> Fate {
        let Some(sent) = self.take_sent(request) else {
            return Fate::Stands;
        };
        out.event(Event::Replied {
            mark: sent.mark,
            response: Some(response.clone()),
        });
        match response.status() {
            Some(status @ (408 | 481)) if !sent.is_of_other_usage => Fate::Lost(Some(status)),
            Some(_) | None => Fate::Stands,
        }
    }

    /// No response came, which ends the dialog as 408 does, or the request could not be sent, which does not.
    pub(super) fn unanswered(
        &mut self,
        request: RequestId,
        status: Option<u16>,
        out: &mut Outbox,
    ) -> Fate {
        let Some(sent) = self.take_sent(request) else {
            return Fate::Stands;
        };
        out.event(Event::Replied {
            mark: sent.mark,
            response: None,
        });
        match status {
            None if !sent.is_of_other_usage => Fate::Lost(None),
            None | Some(_) => Fate::Stands,
        }
    }

    /// The session ends: nobody waits any more.
    pub(super) fn give_up_sent(&mut self, out: &mut Outbox) {
        for sent in self.sent.drain(..) {
            out.event(Event::Replied {
                mark: sent.mark,
                response: None,
            });
        }
    }

    fn take_sent(&mut self, request: RequestId) -> Option<Sent> {
        let at = self.sent.iter().position(|sent| sent.id == request)?;
        Some(self.sent.remove(at))
    }
}
