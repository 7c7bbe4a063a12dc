//! One call: two legs, joined by the steps of its offer plan (RFC 3725). What happens to a leg moves the call.
//!
//! ```text
//!              A answers    B answers    both ACKed   a leg is refused,   ring limit   End on
//!                                                     hung up or lost     is over      the page
//!  calling_a   a_waiting    -            -            releasing           releasing    releasing
//!  a_waiting   left at once: the plan invites B, calling_b; or cannot, releasing
//!  calling_b   -            connecting   -            releasing           releasing    releasing
//!  connecting  -            -            talking      releasing           -            releasing
//!  talking     -            -            -            releasing           -            releasing
//!  releasing   -            -            -            done, if the last   -            -
//!  done        -            -            -            -                   -            -
//! ```
//!
//! What happens is here, what is done about it in [`super::steps`]. Each change of the call or of a leg is told
//! when it happens, once, with its cause.

use sip::dialog::{self, Body, End};
use sip::name::{Aor, CallId};
use sip::time::Instant;

use super::Setup;
use super::cause::Cause;
use super::effect::{Effect, Outbox};
use super::leg::Leg;
use super::offer_plan::{self, Plan};
use super::tables::Dialogs;
use crate::event::{CallChange, CallRef, CallState, Event, LegState, Outcome, Side, What};

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) reference: CallRef,
    pub(super) plan: &'static Plan,
    pub(super) a: Leg,
    pub(super) b: Leg,
    state: CallState,
    /// Which phone rings, and how long it may.
    pub(super) ring_limit: Option<(Side, Instant)>,
    talked: bool,
    /// Why the call ends; set with [`CallState::Releasing`].
    pub(super) cause: Option<Cause>,
}

/// What a call needs from outside to move.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) now: Instant,
    pub(super) setup: &'a mut Setup,
    pub(super) dialogs: &'a mut Dialogs,
    pub(super) out: &'a mut Outbox,
}

impl Call {
    pub(super) const fn new(reference: CallRef, plan: &'static Plan, a: Leg, b: Leg) -> Self {
        Self {
            reference,
            plan,
            a,
            b,
            state: CallState::CallingA,
            ring_limit: None,
            talked: false,
            cause: None,
        }
    }

    /// Begins: tells that the call exists, and rings the phone of leg A.
    pub(super) fn open(&mut self, opened: CallChange, cx: &mut Context<'_>) {
        self.publish(opened, cx);
        self.run(self.plan.start, cx);
    }

    /// Ends it on the page or by the API. Being ended already, it stays so.
    pub(super) fn hang_up(&mut self, cx: &mut Context<'_>) {
        self.release(Cause::operator(self.talked), cx);
    }

    /// Gives the dialog of a leg something to hear, and follows what it says.
    pub(super) fn tell(&mut self, side: Side, input: dialog::Input<'_>, cx: &mut Context<'_>) {
        if let Some(device) = self.leg(side).speaker() {
            self.tell_device((side, device), input, cx);
        }
    }

    /// The deadline is reached.
    pub(super) fn timeout(&mut self, cx: &mut Context<'_>) {
        let rung = self.ring_limit.filter(|(_, at)| *at <= cx.now);
        if let Some((side, _)) = rung {
            self.ring_limit_over(side, cx);
        }
        for side in [Side::A, Side::B] {
            if self.leg(side).is_next_due(cx.now) {
                self.next_turn(side, cx);
            }
            for device in self.leg(side).due(cx.now) {
                self.tell_device((side, device), dialog::Input::Timeout, cx);
            }
            self.forget_devices(side, cx);
        }
    }

    /// When [`Call::timeout`] is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let ring = self.ring_limit.map(|(_, at)| at);
        let all = [ring, self.a.deadline(), self.b.deadline()];
        all.into_iter().flatten().min()
    }

    /// Whether both legs are gone. Nothing more will be told.
    pub(super) const fn is_done(&self) -> bool {
        matches!(self.state, CallState::Done(_))
    }

    /// The two parties.
    pub(super) const fn parties(&self) -> [&Aor; 2] {
        [&self.a.aor, &self.b.aor]
    }

    /// The Call-IDs of its legs.
    pub(super) fn call_ids(&self) -> impl Iterator<Item = &CallId> {
        let legs = [&self.a, &self.b].into_iter();
        legs.flat_map(Leg::call_ids)
    }

    /// A leg says what happened to it.
    pub(super) fn heard(&mut self, side: Side, event: dialog::Event, cx: &mut Context<'_>) {
        match event {
            dialog::Event::Progress { status, body } => {
                self.progress(side, status, body.is_some(), cx);
            }
            dialog::Event::Answered { body } => self.answered(side, body, cx),
            dialog::Event::Confirmed { body: _ } => self.confirmed(side, cx),
            dialog::Event::Ended(end) => self.ended(side, &end, cx),
            // Nothing is relayed yet: the phone gets the default for its method (a new offer 488, an unknown
            // method 501), and the call goes on as it was.
            dialog::Event::Asked { id, request: _ } => {
                self.tell(side, dialog::Input::Decline(id), cx);
            }
            dialog::Event::Trying
            | dialog::Event::Withdrawn { id: _ }
            // What only follows requests that are never sent or accepted here.
            | dialog::Event::Modifying { status: _ }
            | dialog::Event::Modified { body: _ }
            | dialog::Event::NotModified { status: _ }
            | dialog::Event::Replied { mark: _, response: _ }
            | dialog::Event::PeerAck { body: _ } => {}
        }
    }

    /// 101 to 199. An early session description is only noted: the one that counts is in the 2xx (RFC 3261
    /// section 13.2.1).
    fn progress(&mut self, side: Side, status: u16, has_body: bool, cx: &mut Context<'_>) {
        let next = match (&self.leg(side).state, has_body) {
            // One of several forks has ended (RFC 6228): that rings nobody.
            (LegState::Inviting, false) if status == 199 => return,
            (LegState::Inviting, false) => LegState::Ringing,
            (LegState::Inviting | LegState::Ringing, true) => LegState::EarlyMedia,
            (LegState::Ringing, false) | (LegState::EarlyMedia, _) => return,
            (
                LegState::Planned
                | LegState::Answered
                | LegState::Confirmed
                | LegState::Ending
                | LegState::Ended(_),
                _,
            ) => return,
        };
        self.set_leg(side, next, cx);
    }

    /// 2xx. Its ACK waits for the plan.
    fn answered(&mut self, side: Side, body: Option<Body>, cx: &mut Context<'_>) {
        self.ring_limit = self.ring_limit.filter(|(rings, _)| *rings != side);
        self.set_leg(side, LegState::Answered, cx);
        if let Some(device) = self.leg(side).device() {
            self.publish(CallChange::Device(side, device.into()), cx);
        }
        let next = match side {
            Side::A => CallState::AWaiting,
            Side::B => CallState::Connecting,
        };
        self.set_state(next, cx);
        let leg = self.leg_mut(side);
        leg.answer = body.filter(offer_plan::describes_session);
        if leg.answer.is_none() {
            return self.release(Cause::no_session(), cx);
        }
        self.run(self.plan.answered(side), cx);
    }

    /// Our ACK left.
    fn confirmed(&mut self, side: Side, cx: &mut Context<'_>) {
        self.set_leg(side, LegState::Confirmed, cx);
        if self.leg(side.other()).state == LegState::Confirmed {
            self.talked = true;
            self.set_state(CallState::Talking, cx);
        }
    }

    /// The usage of a leg is over: by our hang-up, whose cause is known, or by itself.
    pub(super) fn ended(&mut self, side: Side, end: &End, cx: &mut Context<'_>) {
        let cause = match (&self.cause, end) {
            (Some(cause), End::HungUp) => cause.clone(),
            (
                Some(_) | None,
                End::HungUp
                | End::Refused(_)
                | End::TimedOut
                | End::Unreachable
                | End::RemoteBye { .. }
                | End::RemoteCancel { .. }
                | End::Lost { .. },
            ) => Cause::leg(side, end),
        };
        self.leg_over(side, cause, cx);
    }

    /// The call is done when both legs are.
    pub(super) fn close(&mut self, cx: &mut Context<'_>) {
        let are_gone = [&self.a, &self.b].map(|leg| matches!(leg.state, LegState::Ended(_)));
        let (Some(cause), [true, true], false) = (&self.cause, are_gone, self.is_done()) else {
            return;
        };
        let outcome = if self.talked {
            Outcome::Answered
        } else {
            cause.outcome()
        };
        self.set_state(CallState::Done(outcome), cx);
    }

    pub(super) const fn leg(&self, side: Side) -> &Leg {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    pub(super) const fn leg_mut(&mut self, side: Side) -> &mut Leg {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    pub(super) fn set_leg(&mut self, side: Side, state: LegState, cx: &mut Context<'_>) {
        self.leg_mut(side).state = state.clone();
        self.publish(CallChange::Leg(side, state), cx);
    }

    pub(super) fn set_state(&mut self, state: CallState, cx: &mut Context<'_>) {
        self.state = state;
        self.publish(CallChange::State(state), cx);
    }

    fn publish(&self, change: CallChange, cx: &mut Context<'_>) {
        let what = What::Call(self.reference, change);
        cx.out.push(Effect::Event(Event { at: cx.now, what }));
    }
}
