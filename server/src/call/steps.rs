//! What a call does: the steps of its offer plan, and the release of its legs.

use sip::dialog::{self, Body};

use super::call::{Call, Context};
use super::cause::Cause;
use super::effect::{Effect, Mark};
use super::leg::Terms;
use super::offer_plan::{Session, Step};
use crate::event::{CallState, LegState, Side};

impl Call {
    /// Takes the steps of the plan, until one ends the call.
    pub(super) fn run(&mut self, steps: &'static [Step], cx: &mut Context<'_>) {
        for step in steps {
            if self.cause.is_some() {
                return;
            }
            match *step {
                Step::Invite(side, session) => {
                    let offer = self.session(session);
                    self.invite(side, offer, cx);
                }
                Step::Ack(side, session) => {
                    let body = self.session(session);
                    self.tell(side, dialog::Input::Ack { body }, cx);
                }
            }
        }
    }

    fn session(&self, session: Session) -> Option<Body> {
        match session {
            Session::Nothing => None,
            Session::Of(side) => self.leg(side).answer.clone(),
        }
    }

    /// Rings a phone. Where it is, is looked up now: it may have moved while the other one rang.
    fn invite(&mut self, side: Side, offer: Option<Body>, cx: &mut Context<'_>) {
        match side {
            Side::A => {}
            Side::B => self.set_state(CallState::CallingB, cx),
        }
        let setup = &mut *cx.setup;
        let (leg, other) = match side {
            Side::A => (&mut self.a, &self.b),
            Side::B => (&mut self.b, &self.a),
        };
        leg.targets = setup.location.lookup(&leg.aor, cx.now);
        let terms = Terms {
            identity: &setup.identity,
            timers: setup.timers,
        };
        let mut said = dialog::Outbox::default();
        let caller = other.caller();
        let ids = &mut setup.ids;
        let Some(call_id) = leg.invite(caller, offer, terms, ids, &mut said) else {
            return self.release(Cause::not_registered(), cx);
        };
        cx.dialogs.insert(call_id, (self.reference, side));
        self.ring_limit = Some((side, cx.now + setup.ring_limit(side)));
        self.set_leg(side, LegState::Inviting, cx);
        self.follow(side, said, cx);
    }

    /// Ends both legs. Each is told once to hang up; its usage knows whether that means CANCEL, ACK and BYE, or
    /// BYE. Only the first cause counts.
    pub(super) fn release(&mut self, cause: Cause, cx: &mut Context<'_>) {
        if self.cause.is_some() {
            return;
        }
        let (end, reason) = (cause.leg_end(), cause.reason());
        self.cause = Some(cause);
        self.ring_limit = None;
        self.set_state(CallState::Releasing, cx);
        for side in [Side::A, Side::B] {
            match self.leg(side).state {
                LegState::Planned => {
                    self.set_leg(side, LegState::Ended(end.clone()), cx);
                    continue;
                }
                LegState::Ending | LegState::Ended(_) => continue,
                LegState::Inviting
                | LegState::Ringing
                | LegState::EarlyMedia
                | LegState::Answered
                | LegState::Confirmed => {}
            }
            self.set_leg(side, LegState::Ending, cx);
            self.follow_device(side, cx);
            let reason = Some(reason.clone());
            self.tell(side, dialog::Input::HangUp { reason }, cx);
        }
        self.close(cx);
    }

    /// The phone may have registered by another way since it was invited: after the loss of its connection, or from
    /// behind another door of its NAT. What follows goes that way.
    fn follow_device(&mut self, side: Side, cx: &Context<'_>) {
        let leg = self.leg_mut(side);
        let bindings = cx.setup.location.lookup(&leg.aor, cx.now);
        leg.follow_device(&bindings);
    }

    /// Carries out what the usage of a leg wants done, in its order.
    pub(super) fn follow(&mut self, side: Side, said: dialog::Outbox, cx: &mut Context<'_>) {
        for effect in said.effects {
            let effect = match effect {
                dialog::Effect::Request { id, bytes, flow } => {
                    let mark = Mark {
                        call: self.reference,
                        side,
                        request: id,
                    };
                    Effect::Request { mark, bytes, flow }
                }
                dialog::Effect::Cancel { branch, reason } => Effect::Cancel { branch, reason },
                dialog::Effect::Transmit { bytes, flow } => Effect::Transmit { bytes, flow },
                dialog::Effect::Respond { id, bytes } => Effect::Respond { id, bytes },
                dialog::Effect::Event(event) => {
                    self.heard(side, event, cx);
                    continue;
                }
            };
            cx.out.push(effect);
        }
    }
}
