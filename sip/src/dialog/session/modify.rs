//! Our re-INVITE and UPDATE (RFC 3261 section 14.1, RFC 3311): one at a time, the newest wish kept, glare retried.
//!
//! ```text
//!                may start
//!   wish ──────────────────► under way ── 2xx ────────────────► Modified (re-INVITE without offer: ACK held)
//!    ▲                        │  │  └──── 481, 408, no answer ─► NotModified, the dialog is lost
//!    └────────── back-off ◄───┘  └─────── other, too many 491 ─► NotModified
//!                        491
//! ```
//!
//! Knows nothing of what an offer says.

use std::time::Duration;

use super::{Fate, Phase, Session};
use crate::dialog::{Body, Effect, Event, Outbox, RequestId};
use crate::msg::{Message, Method, Name};
use crate::name::{Branch, Ids};
use crate::time::Instant;

/// How often one wish is sent. Two sides that back off by the rule meet again rarely; a peer that answers 491 for
/// ever must not keep us at it.
const MAX_ATTEMPTS: u8 = 8;

#[derive(Debug)]
struct Wish {
    /// INVITE or UPDATE.
    method: Method,
    offer: Option<Body>,
    attempts: u8,
}

#[derive(Debug)]
struct UnderWay {
    id: RequestId,
    branch: Branch,
    wish: Wish,
    has_1xx: bool,
    is_withdrawn: bool,
}

/// What we want changed, and what is being changed.
#[derive(Debug, Default)]
pub(super) struct Modify {
    wish: Option<Wish>,
    not_before: Option<Instant>,
    under_way: Option<UnderWay>,
}

impl Modify {
    pub(super) fn is_for(&self, request: RequestId) -> bool {
        let under_way = self.under_way.as_ref();
        under_way.is_some_and(|under_way| under_way.id == request)
    }

    /// Whether the peer has an INVITE of ours, or an offer, that it has not answered.
    pub(super) fn is_pending(&self) -> bool {
        let under_way = self.under_way.as_ref();
        under_way.is_some_and(|UnderWay { wish, .. }| {
            wish.method == Method::Invite || wish.offer.is_some()
        })
    }

    /// When the back-off is over.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.wish.as_ref().and(self.not_before)
    }
}

impl Session {
    /// Remembers a wish, in place of an older one that has not been sent.
    pub(super) fn wish(&mut self, method: Method, offer: Option<Body>, out: &mut Outbox) {
        let is_possible = matches!(self.phase, Phase::Unacked | Phase::Open);
        if !is_possible || self.modify.wish.is_some() {
            out.event(Event::NotModified { status: None });
        }
        if is_possible {
            self.modify.wish = Some(Wish {
                method,
                offer,
                attempts: 0,
            });
        }
    }

    /// Sends the wish, unless something of the same kind is under way in either direction (section 14.1).
    pub(super) fn modify_if_possible(&mut self, now: Instant, ids: &mut Ids, out: &mut Outbox) {
        let is_possible = self.phase == Phase::Open
            && self.held.is_none()
            && self.repeat.is_none()
            && self.modify.under_way.is_none()
            && !self.is_asked_to_modify()
            && self.modify.not_before.is_none_or(|at| at <= now);
        if !is_possible {
            return;
        }
        let Some(mut wish) = self.modify.wish.take() else {
            return;
        };
        self.modify.not_before = None;
        wish.attempts += 1;
        let branch = ids.branch();
        let mut draft = self.dialog.request(&wish.method, &branch);
        draft = draft.header(Name::Allow, self.allow);
        if let Some(offer) = &wish.offer {
            draft = draft.body(&offer.content_type, &offer.bytes);
        }
        let bytes = draft.finish();
        let id = RequestId(self.dialog.local_cseq());
        self.modify.under_way = Some(UnderWay {
            id,
            branch,
            wish,
            has_1xx: false,
            is_withdrawn: false,
        });
        out.push(Effect::Request {
            id,
            bytes,
            flow: *self.dialog.flow(),
        });
    }

    /// Any response to what is under way.
    pub(super) fn modification_answered(
        &mut self,
        now: Instant,
        response: &Message,
        ids: &mut Ids,
        out: &mut Outbox,
    ) -> Fate {
        let status = response.status().unwrap_or(0);
        if status < 200 {
            self.modification_rings(status, out);
            return Fate::Stands;
        }
        let Some(UnderWay {
            id,
            wish,
            is_withdrawn,
            ..
        }) = self.modify.under_way.take()
        else {
            return Fate::Stands;
        };
        let is_closed = self.phase == Phase::Closed;
        if status < 300 {
            self.dialog.refresh(response);
            if wish.method == Method::Invite {
                if wish.offer.is_none() {
                    self.hold(now, id.0, Body::of(response));
                } else {
                    self.acknowledge(id.0, None, ids, out);
                }
                if is_closed {
                    self.release_unanswered(ids, out);
                }
            }
            if !is_closed {
                let body = Body::of(response);
                out.event(Event::Modified { body });
            }
            return Fate::Stands;
        }
        if is_closed {
            return Fate::Stands;
        }
        let is_wanted = !is_withdrawn && self.modify.wish.is_none();
        if status == 491 && wish.attempts < MAX_ATTEMPTS && is_wanted {
            self.modify.wish = Some(wish);
            self.modify.not_before = Some(now + back_off(self.owns_call_id, ids));
            return Fate::Stands;
        }
        if status == 491 {
            self.modify.not_before = Some(now + back_off(self.owns_call_id, ids));
        }
        let status = Some(status);
        out.event(Event::NotModified { status });
        match status {
            // RFC 3261 section 12.2.1.2.
            Some(408 | 481) => Fate::Lost(status),
            Some(_) | None => Fate::Stands,
        }
    }

    /// No response came (`None`), which ends the dialog as 408 does, or it could not be sent, which does not.
    pub(super) fn modification_failed(&mut self, status: Option<u16>, out: &mut Outbox) -> Fate {
        self.modify.under_way = None;
        if self.phase == Phase::Closed {
            return Fate::Stands;
        }
        out.event(Event::NotModified { status });
        match status {
            None => Fate::Lost(None),
            Some(_) => Fate::Stands,
        }
    }

    /// The session ends. An INVITE that is under way stays known, because a 2xx to it wants its ACK still.
    pub(super) fn give_up_modification(&mut self, out: &mut Outbox) {
        if self.modify.wish.take().is_some() {
            out.event(Event::NotModified { status: None });
        }
        if self.modify.under_way.is_some() {
            out.event(Event::NotModified { status: None });
            self.cancel_if_possible(out);
        }
    }

    /// The user wants no change any more. What has left can be cancelled only when it has been heard of.
    pub(super) fn withdraw(&mut self, out: &mut Outbox) {
        if self.modify.wish.take().is_some() {
            out.event(Event::NotModified { status: None });
        } else if let Some(under_way) = &mut self.modify.under_way
            && !std::mem::replace(&mut under_way.is_withdrawn, true)
        {
            self.cancel_if_possible(out);
        }
    }

    fn modification_rings(&mut self, status: u16, out: &mut Outbox) {
        let is_closed = self.phase == Phase::Closed;
        let Some(under_way) = &mut self.modify.under_way else {
            return;
        };
        let is_first = !std::mem::replace(&mut under_way.has_1xx, true);
        let is_unwanted = under_way.is_withdrawn || is_closed;
        if is_unwanted && is_first {
            self.cancel_if_possible(out);
        } else if !is_unwanted && status > 100 && under_way.wish.method == Method::Invite {
            out.event(Event::Modifying { status });
        }
    }

    /// Without its CANCEL an INVITE that rings would ring for as long as the peer likes.
    fn cancel_if_possible(&self, out: &mut Outbox) {
        if let Some(under_way) = &self.modify.under_way
            && under_way.has_1xx
            && under_way.wish.method == Method::Invite
        {
            out.push(Effect::Cancel {
                branch: under_way.branch.clone(),
                reason: None,
            });
        }
    }
}

/// RFC 3261 section 14.1: who made the Call-ID waits 2.1 to 4 s, the other one 0 to 2 s, in steps of 10 ms.
fn back_off(owns_call_id: bool, ids: &mut Ids) -> Duration {
    let (first, steps) = if owns_call_id { (2_100, 191) } else { (0, 201) };
    Duration::from_millis(first + 10 * (ids.random_u64() % steps))
}
