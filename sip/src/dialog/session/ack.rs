//! Our ACKs to the peer's 2xx (RFC 3261 section 13.2.2.4): held until the user has the answer, sent, sent again when
//! the 2xx is repeated.

use super::{Phase, Session};
use crate::dialog::state::remote_tag;
use crate::dialog::{Body, Effect, Outbox, rejection};
use crate::limits::MAX_ACKS;
use crate::msg::{Message, Method};
use crate::name::Ids;
use crate::time::Instant;

/// The ACK to a 2xx that waits for the user.
#[derive(Clone, Debug)]
pub(super) struct Held {
    cseq: u32,
    /// What the ACK has to answer.
    offer: Option<Body>,
    /// After 64*T1 the peer has stopped repeating its 2xx and ends the session (RFC 3261 section 13.3.1.4).
    pub(super) until: Instant,
}

impl Session {
    /// Sends a held ACK. (Nothing held: nothing happens.)
    pub(super) fn release(&mut self, body: Option<Body>, ids: &mut Ids, out: &mut Outbox) {
        if let Some(held) = self.held.take() {
            self.acknowledge(held.cseq, body.as_ref(), ids, out);
            if self.phase == Phase::Unacked {
                self.phase = Phase::Open;
            }
        }
    }

    /// Sends a held ACK because the session ends: the answer in it takes nothing of an offer that nobody has answered.
    pub(super) fn release_unanswered(&mut self, ids: &mut Ids, out: &mut Outbox) {
        let offer = self.held.as_mut().and_then(|held| held.offer.take());
        let local = self.dialog.flow().local.ip();
        let answer = offer.and_then(|offer| rejection::of(&offer, local));
        self.release(answer, ids, out);
    }

    /// Sends the ACK again if the response is a 2xx of this dialog to which it was sent before; `false` if not.
    pub(in crate::dialog) fn acknowledge_again(
        &self,
        response: &Message,
        out: &mut Outbox,
    ) -> bool {
        let Ok((cseq, Method::Invite)) = response.cseq() else {
            return false;
        };
        let is_success = response.status().is_some_and(|s| (200..300).contains(&s));
        if !is_success || remote_tag(response) != self.dialog.id().remote_tag {
            return false;
        }
        let known = self.acks.iter().find(|(number, _)| *number == cseq);
        if let Some((_, bytes)) = known {
            out.push(Effect::Transmit {
                bytes: bytes.clone(),
                flow: *self.dialog.flow(),
            });
        }
        known.is_some()
    }

    pub(super) fn acknowledge(
        &mut self,
        cseq: u32,
        body: Option<&Body>,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        let mut draft = self.dialog.ack(cseq, &ids.branch());
        if let Some(body) = body {
            draft = draft.body(&body.content_type, &body.bytes);
        }
        let bytes = draft.finish();
        if self.acks.len() == MAX_ACKS {
            self.acks.remove(0);
        }
        self.acks.push((cseq, bytes.clone()));
        out.push(Effect::Transmit {
            bytes,
            flow: *self.dialog.flow(),
        });
    }

    pub(super) fn hold(&mut self, now: Instant, cseq: u32, offer: Option<Body>) {
        self.held = Some(Held {
            cseq,
            offer,
            until: now + self.timers.t1 * 64,
        });
    }
}
