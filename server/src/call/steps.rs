//! What a call does: the steps of its offer plan, and the release of its legs.

use sip::dialog::{self, Body};

use super::DeviceId;
use super::call::{Call, Context};
use super::cause::Cause;
use super::devices::reachable;
use super::effect::{Effect, Mark};
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

    /// Rings a party. Where it is, is looked up now: it may have moved while the other one rang.
    fn invite(&mut self, side: Side, offer: Option<Body>, cx: &mut Context<'_>) {
        match side {
            Side::A => {}
            Side::B => self.set_state(CallState::CallingB, cx),
        }
        let targets = cx.setup.location.lookup(&self.leg(side).aor, cx.now);
        if targets.is_empty() {
            return self.release(Cause::not_registered(), cx);
        }
        self.leg_mut(side).line_up(reachable(targets), offer);
        self.ring_limit = Some((side, cx.now + cx.setup.ring_limit(side)));
        self.set_leg(side, LegState::Inviting, cx);
        self.ring_next(side, cx);
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
            self.follow_devices(side, cx);
            self.hang_up_leg(side, &reason, cx);
        }
        self.close(cx);
    }

    /// The phone may have registered by another way since it was invited: after the loss of its connection, or from
    /// behind another door of its NAT. What follows goes that way.
    fn follow_devices(&mut self, side: Side, cx: &Context<'_>) {
        let leg = self.leg_mut(side);
        let bindings = cx.setup.location.lookup(&leg.aor, cx.now);
        leg.follow_devices(&bindings);
    }

    /// Carries out what the usage of a device wants done, in its order.
    pub(super) fn follow(
        &mut self,
        side: Side,
        device: DeviceId,
        said: dialog::Outbox,
        cx: &mut Context<'_>,
    ) {
        for effect in said.effects {
            let effect = match effect {
                dialog::Effect::Request { id, bytes, flow } => {
                    let mark = Mark {
                        call: self.reference,
                        side,
                        device,
                        request: id,
                    };
                    Effect::Request { mark, bytes, flow }
                }
                dialog::Effect::Cancel { branch, reason } => Effect::Cancel { branch, reason },
                dialog::Effect::Transmit { bytes, flow } => Effect::Transmit { bytes, flow },
                dialog::Effect::Respond { id, bytes } => Effect::Respond { id, bytes },
                dialog::Effect::Event(event) => {
                    self.heard_of(side, device, event, cx);
                    continue;
                }
            };
            cx.out.push(effect);
        }
    }
}
