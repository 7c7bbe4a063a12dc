//! One call that is followed: what it is on the board. Each change is told once, in order, with its cause.
//!
//! ```text
//!                1xx        2xx            ACK          BYE, 481        its answer
//!  calling_b ─────────┬─► connecting ─► talking ─► releasing ─► done
//!  leg B: inviting, ringing └── final failure ────────►┘
//! ```

use sip::msg::{Message, reason_phrase};
use sip::time::Instant;

use super::ends::Ends;
use super::presence::Pulse;
use crate::event::{
    CallChange, CallRef, CallState, EndedBy, Event, LegEnd, LegState, Outcome, Side, What,
};
use crate::limits;
use crate::proxy::effect::{ContextId, Effect, Outbox};

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) reference: CallRef,
    pub(super) key: u64,
    /// When it is taken off the board if nothing more passes of it.
    pub(super) until: Instant,
    /// When something is to be done, as it stands in the table of the tracker.
    pub(super) due: Instant,
    /// Whether its phones are there, of A and of B.
    pub(super) pulses: [Pulse; 2],
    /// What rings.
    pub(super) context: ContextId,
    /// Until it is answered.
    pub(super) invite: Option<Message>,
    /// Since it is answered.
    pub(super) ends: Option<Ends>,
    state: CallState,
    alerting: Alerting,
    talked: bool,
    wish: Wish,
    /// Which of our two BYE are still to be answered.
    byes: [bool; 2],
}

/// What is known of the phones that ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Alerting {
    Invited,
    Rings,
    Plays,
}

/// Ours that it end, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    None,
    ToEnd(EndedBy),
    Granted(EndedBy),
}

impl Call {
    pub(super) fn new(
        reference: CallRef,
        key: u64,
        until: Instant,
        context: ContextId,
        invite: Message,
    ) -> Self {
        Self {
            reference,
            key,
            until,
            due: until,
            pulses: [Pulse::default(); 2],
            context,
            invite: Some(invite),
            ends: None,
            state: CallState::CallingB,
            alerting: Alerting::Invited,
            talked: false,
            wish: Wish::None,
            byes: [false; 2],
        }
    }

    pub(super) const fn is_done(&self) -> bool {
        matches!(self.state, CallState::Done(_))
    }

    /// Whether it is answered and nobody has ended it.
    pub(super) const fn stands(&self) -> bool {
        matches!(self.state, CallState::Connecting | CallState::Talking)
    }

    pub(super) fn next_due(&self) -> Instant {
        let next = self.pulses.iter().filter_map(|pulse| pulse.next);
        next.fold(self.until, Instant::min)
    }

    pub(super) fn open(&mut self, now: Instant, opened: CallChange, out: &mut Outbox) {
        self.tell(now, opened, out);
        self.leg(now, Side::B, LegState::Inviting, out);
    }

    /// 101 to 199 of one of the callee's phones.
    pub(super) fn progress(&mut self, now: Instant, has_body: bool, out: &mut Outbox) {
        let next = if has_body {
            Alerting::Plays
        } else {
            Alerting::Rings
        };
        if self.state != CallState::CallingB || next <= self.alerting {
            return;
        }
        self.alerting = next;
        let state = if has_body {
            LegState::EarlyMedia
        } else {
            LegState::Ringing
        };
        self.leg(now, Side::B, state, out);
    }

    /// The first 2xx.
    pub(super) fn answered(&mut self, now: Instant, out: &mut Outbox) {
        if self.state == CallState::CallingB {
            self.pulses = [Pulse::beginning(now); 2];
            self.leg(now, Side::B, LegState::Answered, out);
            self.become_(now, CallState::Connecting, out);
        }
    }

    /// Its ACK.
    pub(super) fn acknowledged(&mut self, now: Instant, out: &mut Outbox) {
        if self.state == CallState::Connecting {
            self.leg(now, Side::A, LegState::Confirmed, out);
            self.leg(now, Side::B, LegState::Confirmed, out);
            self.talked = true;
            self.become_(now, CallState::Talking, out);
        }
    }

    /// The INVITE has failed.
    pub(super) fn failed(
        &mut self,
        now: Instant,
        status: u16,
        heard: Option<&Message>,
        withdrawn: bool,
        out: &mut Outbox,
    ) {
        let (by, outcome) = match (self.wish, withdrawn, heard) {
            (Wish::ToEnd(by) | Wish::Granted(by), _, _) => (by, Outcome::Cancelled),
            (Wish::None, true, _) => (EndedBy::A, Outcome::Cancelled),
            (Wish::None, false, Some(_)) => (EndedBy::B, Outcome::of_status(status)),
            (Wish::None, false, None) => (EndedBy::Network, Outcome::Unreachable),
        };
        let is_said = matches!(by, EndedBy::B);
        let phrase = heard
            .map(Message::reason)
            .filter(|phrase| !phrase.is_empty());
        let phrase = phrase.unwrap_or_else(|| reason_phrase(status).into());
        let end = LegEnd {
            by,
            code: is_said.then_some(status),
            reason: is_said.then(|| limits::cut(&phrase, limits::REASON_TEXT).into()),
        };
        self.over(now, &end, outcome, out);
    }

    /// Others are to ring in place of the callee.
    pub(super) fn unanswered(&mut self, now: Instant, out: &mut Outbox) {
        self.over(now, &ended(EndedBy::Timer), Outcome::NoAnswer, out);
    }

    /// A phone hangs up.
    pub(super) fn bye(&mut self, now: Instant, _side: Side, out: &mut Outbox) {
        self.releasing(now, out);
    }

    /// Its BYE is answered, or will not be.
    pub(super) fn bye_done(&mut self, now: Instant, side: Side, out: &mut Outbox) {
        let by = match (self.wish, side) {
            (Wish::None, Side::A) => EndedBy::A,
            (Wish::None, Side::B) => EndedBy::B,
            (Wish::ToEnd(by) | Wish::Granted(by), _) => by,
        };
        self.over(now, &ended(by), self.outcome(by), out);
    }

    /// A phone does not know the call any more, or nobody has heard of it for too long.
    pub(super) fn lost(&mut self, now: Instant, out: &mut Outbox) {
        self.over(
            now,
            &ended(EndedBy::Network),
            self.outcome(EndedBy::Network),
            out,
        );
    }

    /// An operator wants it to end.
    pub(super) fn wish_to_end(&mut self, now: Instant, out: &mut Outbox) {
        if self.wish == Wish::None {
            self.wish = Wish::ToEnd(EndedBy::Operator);
            self.releasing(now, out);
        }
    }

    /// Whether an operator waits, and the dialog stands.
    pub(super) fn may_release(&self) -> bool {
        matches!(self.wish, Wish::ToEnd(_)) && self.ends.as_ref().is_some_and(Ends::is_confirmed)
    }

    pub(super) fn release_begun(&mut self) {
        self.wish = Wish::Granted(EndedBy::Operator);
        self.byes = [true; 2];
    }

    /// The phone on the other side is gone, this one gets our BYE.
    pub(super) fn begin_release_of(&mut self, now: Instant, side: Side, out: &mut Outbox) {
        self.wish = Wish::Granted(EndedBy::Network);
        self.byes[side as usize] = true;
        self.releasing(now, out);
    }

    /// Our BYE to this side is done with.
    pub(super) fn released(&mut self, now: Instant, side: Side, out: &mut Outbox) {
        self.byes[side as usize] = false;
        if let (Wish::Granted(by), [false, false]) = (self.wish, self.byes) {
            self.over(now, &ended(by), self.outcome(by), out);
        }
    }

    fn outcome(&self, by: EndedBy) -> Outcome {
        match by {
            _ if self.talked => Outcome::Answered,
            EndedBy::A | EndedBy::Operator => Outcome::Cancelled,
            EndedBy::B => Outcome::Declined,
            EndedBy::Policy | EndedBy::Timer | EndedBy::Network => Outcome::Failed,
        }
    }

    fn releasing(&mut self, now: Instant, out: &mut Outbox) {
        if matches!(self.state, CallState::Releasing | CallState::Done(_)) {
            return;
        }
        self.leg(now, Side::A, LegState::Ending, out);
        self.leg(now, Side::B, LegState::Ending, out);
        self.become_(now, CallState::Releasing, out);
    }

    fn over(&mut self, now: Instant, end: &LegEnd, outcome: Outcome, out: &mut Outbox) {
        if self.is_done() {
            return;
        }
        if self.state != CallState::Releasing {
            self.become_(now, CallState::Releasing, out);
        }
        for side in [Side::B, Side::A] {
            self.leg(now, side, LegState::Ended(end.clone()), out);
        }
        self.become_(now, CallState::Done(outcome), out);
    }

    fn become_(&mut self, now: Instant, state: CallState, out: &mut Outbox) {
        self.state = state;
        self.tell(now, CallChange::State(state), out);
    }

    fn leg(&self, now: Instant, side: Side, state: LegState, out: &mut Outbox) {
        self.tell(now, CallChange::Leg(side, state), out);
    }

    fn tell(&self, at: Instant, change: CallChange, out: &mut Outbox) {
        let what = What::Call(self.reference, change);
        out.push(Effect::Event(Event { at, what }));
    }
}

const fn ended(by: EndedBy) -> LegEnd {
    LegEnd {
        by,
        code: None,
        reason: None,
    }
}
