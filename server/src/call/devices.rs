//! All devices of a party ring: who is rung when, who wins, and what it means when one after the other refuses.
//!
//! ```text
//!            1xx            first 2xx          refused, others     refused, the last     6xx             its time is over,
//!                                              ring                of its preference                     others wait
//!  rings     leg moves      wins: others get   waits              next preference,      leg is           stops: next preference
//!                           CANCEL                                or leg is refused     released
//!  past      -              ACK, then BYE      -                  -                     -                -
//! ```
//!
//! Above the leg nothing of this is seen: [`Call::heard`] is told what one phone would have said.

use std::sync::Arc;

use sip::dialog::{self, End, Event, Reason};

use super::DeviceId;
use super::call::{Call, Context};
use super::cause::Cause;
use super::leg::{Standing, Terms};
use super::tables::Line;
use crate::binding::{Binding, Bindings};
use crate::event::{LegState, Side};
use crate::forking::rank;

/// The rank of a device that stopped because it was told to.
const SAYS_NOTHING: u8 = u8::MAX;

impl Call {
    /// Rings the devices that come next; `false` when none is left. While others wait after them, the time that is left of
    /// the ring limit is shared.
    pub(super) fn ring_next(&mut self, side: Side, cx: &mut Context<'_>) -> bool {
        let (group, waiting) = self.leg_mut(side).next_group();
        if group.is_empty() {
            return false;
        }
        let limit = self.ring_limit.filter(|_| waiting > 0);
        let turn = limit.map(|(_, at)| cx.now + at.since(cx.now) / (waiting + 1));
        self.leg_mut(side).set_turn(turn);
        let is_alone = group.len() == 1;
        for binding in group {
            self.ring(side, binding, is_alone, cx);
        }
        true
    }

    fn ring(&mut self, side: Side, binding: Arc<Binding>, is_alone: bool, cx: &mut Context<'_>) {
        let setup = &mut *cx.setup;
        let (leg, other) = match side {
            Side::A => (&mut self.a, &self.b),
            Side::B => (&mut self.b, &self.a),
        };
        let terms = Terms {
            identity: &setup.identity,
            timers: setup.timers,
            answers_itself: false,
        };
        let mut said = dialog::Outbox::default();
        let (device, call_id) = leg.invite(
            binding,
            is_alone,
            other.caller(),
            terms,
            &mut setup.ids,
            &mut said,
        );
        let line = Line {
            call: self.reference,
            side,
            device,
        };
        cx.dialogs.insert(call_id, line);
        self.follow(side, device, said, cx);
    }

    /// Gives a device something to hear, and follows what it says.
    pub(super) fn tell_device(
        &mut self,
        (side, device): (Side, DeviceId),
        input: dialog::Input<'_>,
        cx: &mut Context<'_>,
    ) {
        let mut said = dialog::Outbox::default();
        if let Some(uac) = self.leg_mut(side).uac_mut(device) {
            uac.handle(cx.now, input, &mut cx.setup.ids, &mut said);
        }
        self.follow(side, device, said, cx);
    }

    /// Tells all of a leg that may still answer, or its dialog, to end.
    pub(super) fn hang_up_leg(&mut self, side: Side, reason: &Reason, cx: &mut Context<'_>) {
        self.leg_mut(side).call_off();
        for device in self.leg(side).open() {
            let reason = Some(reason.clone());
            self.tell_device((side, device), dialog::Input::HangUp { reason }, cx);
        }
    }

    /// A device says what happened to it.
    pub(super) fn heard_of(
        &mut self,
        side: Side,
        device: DeviceId,
        event: Event,
        cx: &mut Context<'_>,
    ) {
        let standing = self.leg(side).standing(device);
        if let Event::Ended(end) = event {
            // Its phone repeats a 2xx for so long (RFC 3261 section 13.3.1.4).
            let until = cx.now + cx.setup.timers.t1 * 64;
            self.leg_mut(side).over(device, until);
            match standing {
                Standing::Winner => self.ended(side, &end, cx),
                Standing::Rings => self.stopped(side, device, &end, cx),
                Standing::Past => {}
            }
            return;
        }
        match (standing, &event) {
            (Standing::Winner, _) => self.heard(side, event, cx),
            (Standing::Rings, Event::Answered { .. }) => {
                self.win(side, device, cx);
                self.heard(side, event, cx);
            }
            (Standing::Rings, Event::Trying | Event::Progress { .. }) => {
                self.heard(side, event, cx);
            }
            // Before it has answered a device is asked for nothing, and asks for nothing.
            (Standing::Rings | Standing::Past, Event::Asked { id, .. }) => {
                self.tell_device((side, device), dialog::Input::Decline(*id), cx);
            }
            (Standing::Rings | Standing::Past, _) => {}
        }
    }

    /// The first 2xx: the others are told that the call was completed elsewhere (RFC 3326 section 2), so that they show no
    /// missed call. What crosses is acknowledged and released by their usages.
    fn win(&mut self, side: Side, device: DeviceId, cx: &mut Context<'_>) {
        let others = self.leg(side).open();
        self.leg_mut(side).set_winner(device);
        let elsewhere = Reason::sip(200, "Call completed elsewhere");
        for other in others.into_iter().filter(|other| *other != device) {
            self.dismiss(side, other, &elsewhere, cx);
        }
    }

    fn dismiss(&mut self, side: Side, device: DeviceId, reason: &Reason, cx: &mut Context<'_>) {
        self.leg_mut(side).dismiss(device);
        let reason = Some(reason.clone());
        self.tell_device((side, device), dialog::Input::HangUp { reason }, cx);
    }

    /// A device that nobody answered rings no more.
    fn stopped(&mut self, side: Side, device: DeviceId, end: &End, cx: &mut Context<'_>) {
        let status = match end {
            End::Refused(refusal) => refusal.status,
            End::TimedOut | End::Lost { .. } => 408,
            End::Unreachable => 503,
            End::HungUp | End::RemoteBye { .. } | End::RemoteCancel { .. } => 487,
        };
        let (rank, cause) = match (&self.cause, end) {
            (Some(cause), End::HungUp) => (SAYS_NOTHING, cause.clone()),
            (Some(_) | None, _) => (rank(status), Cause::leg(side, end)),
        };
        let is_released = self.cause.is_some();
        // RFC 5626 section 5.3: the way is dead, not the phone.
        if !is_released
            && (status == 430 || *end == End::Unreachable)
            && let Some(spare) = self.leg_mut(side).spare(device)
        {
            return self.ring(side, spare, false, cx);
        }
        self.leg_mut(side).consider(rank, cause.clone());
        let others_ring = !self.leg(side).open().is_empty();
        // RFC 3261 section 16.7 step 5: that is the answer of all.
        if status >= 600 && others_ring && !is_released {
            return self.release(cause, cx);
        }
        if others_ring || (status < 600 && !is_released && self.ring_next(side, cx)) {
            return;
        }
        let cause = self.leg_mut(side).take_best().unwrap_or(cause);
        self.leg_over(side, cause, cx);
    }

    /// Those that ring have had their share of the time: the next ones have theirs.
    pub(super) fn next_turn(&mut self, side: Side, cx: &mut Context<'_>) {
        let cause = self.unanswered(side, cx);
        let reason = cause.reason();
        self.leg_mut(side).set_turn(None);
        self.leg_mut(side).consider(rank(408), cause);
        for device in self.leg(side).open() {
            self.dismiss(side, device, &reason, cx);
        }
        self.ring_next(side, cx);
    }

    /// The party has rung as long as it may. Where one device refused and the other is silent, the refusal says more.
    pub(super) fn ring_limit_over(&mut self, side: Side, cx: &mut Context<'_>) {
        let cause = self.unanswered(side, cx);
        let leg = self.leg_mut(side);
        leg.consider(rank(408), cause.clone());
        let cause = leg.take_best().unwrap_or(cause);
        self.release(cause, cx);
    }

    fn unanswered(&self, side: Side, cx: &Context<'_>) -> Cause {
        if self.leg(side).is_silent() {
            Cause::no_response()
        } else {
            Cause::no_answer(cx.setup.ring_limit(side))
        }
    }

    /// Lets go of devices that lost long ago.
    pub(super) fn forget_devices(&mut self, side: Side, cx: &mut Context<'_>) {
        for call_id in self.leg_mut(side).forget(cx.now) {
            cx.dialogs.remove(&call_id);
        }
    }

    /// The leg is over, for this cause, and with it the call.
    pub(super) fn leg_over(&mut self, side: Side, cause: Cause, cx: &mut Context<'_>) {
        self.set_leg(side, LegState::Ended(cause.leg_end()), cx);
        self.release(cause, cx);
        self.close(cx);
    }
}

/// Without those to which there is no way, unless there is no other: then the call says that it is unreachable.
pub(super) fn reachable(targets: Bindings) -> Bindings {
    let is_reachable = |target: &&Arc<Binding>| target.is_reachable();
    match targets.iter().filter(is_reachable).count() {
        0 => targets,
        count if count == targets.len() => targets,
        _ => targets.iter().filter(is_reachable).cloned().collect(),
    }
}
