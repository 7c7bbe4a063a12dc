//! Follows the calls that phones place to each other, so that the board shows them as truly as its own.
//!
//! A call is followed by what passes through here: its INVITE, the responses, ACK, BYE (RFC 3261 sections 12 to 15). Whether
//! its phones are still there is asked (`presence`). The caller is leg A, off the hook from the beginning; the phones of
//! the callee, however many ring, are leg B.
//!
//! An operator may end a call. While it rings, its INVITE is cancelled and fails with 487. Once it stands, each phone gets a
//! BYE in the name of the other (`ends`): nobody else's BYE would mean anything to it.

mod call;
mod ends;
mod presence;

use std::collections::{BTreeSet, HashMap};
use std::hash::Hasher as _;

use sip::msg::{Message, Method};
use sip::name::{Aor, ConnectionId, Flow, Ids};
use sip::time::Instant;
use siphasher::sip::SipHasher13;

use super::effect::{ContextId, Effect, Mark, Outbox};
use super::rewrite::Signature;
use crate::event::{CallChange, CallRef, Placed, Side};
use crate::limits;
use call::Call;
use ends::Ends;
pub(super) use presence::{Asker, Found};

/// The calls that one shard follows.
#[derive(Debug)]
pub(super) struct Tracker {
    shard: u8,
    /// How many calls are followed at most.
    limit: usize,
    key: SipHasher13,
    calls: HashMap<CallRef, Call>,
    /// By Call-ID and the tag of the caller.
    dialogs: HashMap<u64, CallRef>,
    due: BTreeSet<(Instant, CallRef)>,
    /// Calls with a phone that is reached by a connection, under that.
    lines: BTreeSet<(ConnectionId, CallRef)>,
}

/// What a request that is being sent on means to a call that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The INVITE that began it.
    Invite(CallRef),
    /// A request within it, of this side.
    Inside(CallRef, Side),
    /// The BYE of this side.
    Bye(CallRef, Side),
}

/// How an operator's wish to end a call is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Release {
    /// Cancel what rings.
    Cancel(ContextId),
    /// It is on its way, or comes with the ACK.
    Begun,
    /// There is no such call.
    Unknown,
}

impl Tracker {
    pub(super) fn new(shard: u8, limit: usize, secret: &[u8; 16]) -> Self {
        Self {
            shard,
            limit,
            key: SipHasher13::new_with_key(secret),
            calls: HashMap::new(),
            dialogs: HashMap::new(),
            due: BTreeSet::new(),
            lines: BTreeSet::new(),
        }
    }

    /// How many calls are followed.
    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    /// When [`Tracker::timeout`] is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// An INVITE to `to` is about to be sent on. `None` if it is not followed: nobody of a known name sent it, or there is
    /// no room.
    pub(super) fn invite(
        &mut self,
        now: Instant,
        invite: &Message,
        to: &Aor,
        context: ContextId,
        ids: &mut Ids,
        out: &mut Outbox,
    ) -> Option<Part> {
        let from = invite.from().ok()?;
        let caller = Aor::from_uri(from.uri().ok()?).ok()?;
        let key = self.dialog(invite.call_id().ok()?, from.tag()?);
        let is_new = caller != *to && !self.dialogs.contains_key(&key);
        if !is_new || self.calls.len() >= self.limit {
            return None;
        }
        let reference = CallRef::new(now, self.shard, ids.random_u64());
        let until = now + limits::TRACKED_TIME;
        let mut call = Call::new(reference, key, until, context, invite.clone());
        let opened = CallChange::Opened {
            from: caller,
            to: to.clone(),
            first: Side::A,
            by: "phone".into(),
            placed: Placed::Phone,
        };
        call.open(now, opened, out);
        self.dialogs.insert(key, reference);
        self.due.insert((until, reference));
        self.calls.insert(reference, call);
        Some(Part::Invite(reference))
    }

    /// A request within a dialog is about to be sent on.
    pub(super) fn request(
        &mut self,
        now: Instant,
        request: &Message,
        out: &mut Outbox,
    ) -> Option<Part> {
        let (reference, side) = self.side_of(request)?;
        let call = self.calls.get_mut(&reference)?;
        call.ends.as_mut()?.heard(side, request);
        call.until = now + limits::TRACKED_TIME;
        if request.method() != Some(&Method::Bye) {
            return Some(Part::Inside(reference, side));
        }
        call.bye(now, side, out);
        Some(Part::Bye(reference, side))
    }

    /// The ACK to a 2xx passes.
    pub(super) fn ack(
        &mut self,
        now: Instant,
        ack: &Message,
        ids: &mut Ids,
        signature: Signature<'_>,
        out: &mut Outbox,
    ) {
        if let Some((reference, Side::A)) = self.side_of(ack)
            && let Some(call) = self.calls.get_mut(&reference)
        {
            if let Some(ends) = &mut call.ends {
                ends.heard(Side::A, ack);
                call.until = now + limits::TRACKED_TIME;
            }
            call.acknowledged(now, out);
            call.release_if_wished(ids, signature, out);
        }
    }

    /// A response to a request of a followed call goes back. `flows` are those of the two sides.
    pub(super) fn response(
        &mut self,
        now: Instant,
        part: Part,
        response: &Message,
        flows: [Flow; 2],
        is_token: impl Fn(&str) -> bool,
        out: &mut Outbox,
    ) {
        let status = response.status().unwrap_or(0);
        let (Part::Invite(reference) | Part::Inside(reference, _) | Part::Bye(reference, _)) = part;
        let Some(call) = self.calls.get_mut(&reference) else {
            return;
        };
        match (part, status) {
            (Part::Invite(_), 101..=199) => call.progress(now, !response.body().is_empty(), out),
            (Part::Invite(_), 200..=299) if call.ends.is_none() => {
                call.ends = call
                    .invite
                    .take()
                    .and_then(|invite| Ends::of(&invite, response, flows, is_token));
                call.answered(now, out);
                for flow in flows {
                    self.stands_by(flow, reference);
                }
            }
            (Part::Inside(_, side), 200..=299) => {
                if let Some(ends) = &mut call.ends {
                    ends.answered(side.other(), response);
                }
            }
            // RFC 5057 section 5.1: the dialog is gone.
            (Part::Inside(..), 481) => call.lost(now, out),
            (Part::Invite(_) | Part::Inside(..), _) => {}
            (Part::Bye(_, side), 200..) => call.bye_done(now, side, out),
            (Part::Bye(..), _) => {}
        }
        self.settle(reference);
    }

    /// A request of a followed call has failed for good: `status` is what its sender hears, or would if it waited; `heard`
    /// is the response of a phone that says so.
    pub(super) fn failed(
        &mut self,
        now: Instant,
        part: Part,
        status: u16,
        heard: Option<&Message>,
        withdrawn: bool,
        out: &mut Outbox,
    ) {
        let (Part::Invite(reference) | Part::Inside(reference, _) | Part::Bye(reference, _)) = part;
        let Some(call) = self.calls.get_mut(&reference) else {
            return;
        };
        match part {
            Part::Invite(_) => call.failed(now, status, heard, withdrawn, out),
            Part::Inside(..) if status == 481 => call.lost(now, out),
            Part::Inside(..) => {}
            // Whatever becomes of it: who sent a BYE is gone (RFC 3261 section 15.1.1).
            Part::Bye(_, side) => call.bye_done(now, side, out),
        }
        self.settle(reference);
    }

    /// Calls that nobody has answered.
    pub(super) fn ringing(&self) -> Vec<CallRef> {
        let ringing = self.calls.values().filter(|call| call.ends.is_none());
        ringing.map(|call| call.reference).collect()
    }

    /// Nobody has answered an INVITE for as long as its callee wishes to be rung.
    pub(super) fn unanswered(&mut self, now: Instant, part: Part, out: &mut Outbox) {
        if let Part::Invite(reference) = part
            && let Some(call) = self.calls.get_mut(&reference)
        {
            call.unanswered(now, out);
            self.settle(reference);
        }
    }

    /// Ends a call on an operator's wish.
    pub(super) fn hang_up(
        &mut self,
        now: Instant,
        reference: CallRef,
        asker: &mut Asker<'_>,
        out: &mut Outbox,
    ) -> Release {
        let Some(call) = self.calls.get_mut(&reference) else {
            return Release::Unknown;
        };
        call.wish_to_end(now, out);
        call.release_if_wished(asker.ids, asker.signature, out);
        self.settle(reference);
        match self.calls.get(&reference) {
            Some(call) if call.ends.is_none() => Release::Cancel(call.context),
            Some(_) | None => Release::Begun,
        }
    }

    /// Our BYE to a side is answered, or will not be.
    pub(super) fn released(
        &mut self,
        now: Instant,
        reference: CallRef,
        side: Side,
        out: &mut Outbox,
    ) {
        if let Some(call) = self.calls.get_mut(&reference) {
            call.released(now, side, out);
        }
        self.settle(reference);
    }

    /// Phones are asked whether they are there. Calls of which nothing was heard for too long are not followed any more.
    pub(super) fn timeout(&mut self, now: Instant, asker: &mut Asker<'_>, out: &mut Outbox) {
        while let Some(&(at, reference)) = self.due.first()
            && at <= now
        {
            match self.calls.get_mut(&reference) {
                Some(call) if call.until <= now => call.lost(now, out),
                Some(call) => call.ask(now, asker, out),
                None => {
                    self.due.remove(&(at, reference));
                }
            }
            self.settle(reference);
        }
    }

    /// Which call a message within a dialog belongs to, and whose message it is.
    fn side_of(&self, message: &Message) -> Option<(CallRef, Side)> {
        let call_id = message.call_id().ok()?;
        let (from, to) = (message.from().ok()?, message.to().ok()?);
        let (from, to) = (from.tag()?, to.tag()?);
        let find = |tag: &str| self.dialogs.get(&self.dialog(call_id, tag)).copied();
        let (reference, side, other) = match find(from) {
            Some(reference) => (reference, Side::A, to),
            None => (find(to)?, Side::B, from),
        };
        // Of several phones that answered, the first is the one they talk on.
        let ends = self.calls.get(&reference)?.ends.as_ref()?;
        (ends.tag_of_b() == other).then_some((reference, side))
    }

    fn dialog(&self, call_id: &str, tag: &str) -> u64 {
        let mut hasher = self.key;
        hasher.write(call_id.as_bytes());
        hasher.write_u8(0xff);
        hasher.write(tag.as_bytes());
        hasher.finish()
    }

    fn stands_by(&mut self, flow: Flow, reference: CallRef) {
        if flow.connection != ConnectionId::NONE {
            self.lines.insert((flow.connection, reference));
        }
    }

    /// Brings the tables in step with what a call has become; forgets one that is done.
    fn settle(&mut self, reference: CallRef) {
        let Some(call) = self.calls.get_mut(&reference) else {
            return;
        };
        let due = call.next_due();
        if !call.is_done() {
            if due != call.due {
                self.due.remove(&(call.due, reference));
                self.due.insert((due, reference));
                call.due = due;
            }
        } else if let Some(call) = self.calls.remove(&reference) {
            self.dialogs.remove(&call.key);
            self.due.remove(&(call.due, reference));
            self.lines.retain(|(_, of)| *of != reference);
        }
    }
}

impl Call {
    /// Sends both BYE, when that is wished and may be: no BYE to the caller before its ACK (RFC 3261 section 15).
    fn release_if_wished(&mut self, ids: &mut Ids, signature: Signature<'_>, out: &mut Outbox) {
        let Some(ends) = self.ends.as_ref().filter(|_| self.may_release()) else {
            return;
        };
        for side in [Side::A, Side::B] {
            let branch = ids.branch();
            let (bytes, flow) = ends.bye(side, &branch, signature, ends::BY_OPERATOR);
            out.push(Effect::Forward {
                mark: Mark::bye(self.reference, side),
                branch,
                method: Method::Bye,
                bytes,
                flow,
            });
        }
        self.release_begun();
    }
}
