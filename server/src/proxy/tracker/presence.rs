//! Whether the phones of a followed call are still there: each is asked now and then, by OPTIONS within the dialog (RFC 3261
//! section 11.2), because a phone that loses its power says nothing that could pass here.
//!
//! The question is put in the name of the other phone with the CSeq that this one used last. Section 12.2.2 has a phone
//! refuse lower numbers only, so the question takes no number away from the requests that follow. Whatever it answers, it
//! is there, unless it says that it does not know the dialog (RFC 5057 section 5.1) or that it cannot be reached. One that
//! was silent twice is gone: the other one is told so by BYE.
//!
//! A phone whose connection has closed may come back by another: it is asked there when it has had the time to register.

use sip::msg::Method;
use sip::name::{Aor, Flow, Ids, UriRef};
use sip::time::Instant;

use super::call::Call;
use super::{Part, Tracker};
use crate::event::{CallRef, Side};
use crate::limits;
use crate::location::Location;
use crate::proxy::effect::{Effect, Mark, Outbox};
use crate::proxy::rewrite::Signature;

/// What it takes to ask.
#[derive(Debug)]
pub(in crate::proxy) struct Asker<'a> {
    pub(in crate::proxy) ids: &'a mut Ids,
    pub(in crate::proxy) signature: Signature<'a>,
    pub(in crate::proxy) location: &'a Location,
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proxy) enum Found {
    /// The phone answered.
    There,
    /// It does not know the call.
    Stranger,
    /// It did not answer, or could not be reached.
    Silent,
    /// It could not be asked: nothing is known.
    Unasked,
}

impl Found {
    /// What a response says; `None` for one that is not final.
    pub(in crate::proxy) const fn of_status(status: u16) -> Option<Self> {
        match status {
            0..200 => None,
            481 => Some(Self::Stranger),
            // RFC 5626 section 5.3: the edge proxy has lost the flow.
            408 | 430 => Some(Self::Silent),
            _ => Some(Self::There),
        }
    }
}

/// What is known of one phone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pulse {
    /// When it is to be asked next; `None` while an answer is due, and before there is a dialog.
    pub(super) next: Option<Instant>,
    /// By which way it was asked last.
    asked: Option<Flow>,
    silent: bool,
}

impl Pulse {
    /// A phone that has just been heard.
    pub(super) fn beginning(now: Instant) -> Self {
        Self {
            next: Some(now + limits::TRACKED_QUESTION),
            asked: None,
            silent: false,
        }
    }

    /// `true` when the phone is gone.
    fn hear(&mut self, now: Instant, found: Found) -> bool {
        let wait = match found {
            Found::Stranger => return true,
            Found::Silent if self.silent => return true,
            Found::Silent => limits::TRACKED_DOUBT,
            Found::There | Found::Unasked => limits::TRACKED_QUESTION,
        };
        self.silent = match found {
            Found::There | Found::Stranger => false,
            Found::Silent => true,
            Found::Unasked => self.silent,
        };
        self.next = Some(now + wait);
        false
    }
}

impl Tracker {
    /// What became of a question to the phone on `side`.
    pub(in crate::proxy) fn heard_of(
        &mut self,
        now: Instant,
        (reference, side): (CallRef, Side),
        found: Found,
        asker: &mut Asker<'_>,
        out: &mut Outbox,
    ) {
        let Some(call) = self.calls.get_mut(&reference) else {
            return;
        };
        let pulse = &mut call.pulses[side as usize];
        let asked = pulse.asked.take();
        if pulse.hear(now, found) {
            call.lose(now, side, asker, out);
        } else if let (Found::There, Some(flow), Some(ends)) = (found, asked, &mut call.ends) {
            ends.move_to(side, flow);
            self.stands_by(flow, reference);
        }
        self.settle(reference);
    }

    /// A connection is closed: the phones of calls that stand by it are looked for elsewhere soon.
    pub(in crate::proxy) fn closed(&mut self, now: Instant, flow: &Flow) {
        let first = (flow.connection, CallRef::LEAST);
        let of_it = self.lines.range(first..);
        let calls: Vec<CallRef> = of_it
            .take_while(|(connection, _)| *connection == flow.connection)
            .map(|(_, reference)| *reference)
            .collect();
        for reference in calls {
            if let Some(call) = self.calls.get_mut(&reference) {
                for side in [Side::A, Side::B] {
                    let is_cut = call
                        .ends
                        .as_ref()
                        .is_some_and(|ends| ends.flow(side).connection == flow.connection);
                    let pulse = &mut call.pulses[side as usize];
                    // An open question hears of it by itself.
                    if is_cut && pulse.next.is_some() {
                        pulse.silent = true;
                        pulse.next = Some(now + limits::TRACKED_DOUBT);
                    }
                }
            }
            self.settle(reference);
        }
    }

    /// A request of a followed call was passed on without being remembered: nothing will be heard of it.
    pub(in crate::proxy) fn passed(&mut self, now: Instant, part: Part, out: &mut Outbox) {
        match part {
            Part::Invite(_) | Part::Inside(..) => {}
            // Who sent a BYE is gone (RFC 3261 section 15.1.1).
            Part::Bye(reference, side) => {
                if let Some(call) = self.calls.get_mut(&reference) {
                    call.bye_done(now, side, out);
                }
                self.settle(reference);
            }
        }
    }
}

impl Call {
    /// Asks the phones that are due, while the call stands.
    pub(super) fn ask(&mut self, now: Instant, asker: &mut Asker<'_>, out: &mut Outbox) {
        let is_standing = self.stands();
        for side in [Side::A, Side::B] {
            let pulse = &mut self.pulses[side as usize];
            if pulse.next.is_none_or(|at| at > now) {
                continue;
            }
            pulse.next = None;
            let Some(ends) = self.ends.as_ref().filter(|_| is_standing) else {
                continue;
            };
            // One that fell silent may have come back by another way.
            let elsewhere = pulse.silent.then(|| {
                let (name, target) = ends.address(side);
                whereabouts(asker.location, now, name, target)
            });
            let flow = elsewhere.flatten().unwrap_or_else(|| ends.flow(side));
            pulse.asked = Some(flow);
            let branch = asker.ids.branch();
            let bytes = ends.question(side, flow, &branch, asker.signature);
            out.push(Effect::Forward {
                mark: Mark::question(self.reference, side),
                branch,
                method: Method::Options,
                bytes,
                flow,
            });
        }
    }

    /// The phone on `side` is gone: the other one is told, if it has a dialog that may be ended.
    fn lose(&mut self, now: Instant, side: Side, asker: &mut Asker<'_>, out: &mut Outbox) {
        if !self.stands() {
            return;
        }
        tracing::info!(call = %self.reference, ?side, "a phone has left its call without a word");
        let other = side.other();
        // Section 15: none to the caller before its ACK.
        let bye = self
            .ends
            .as_ref()
            .filter(|ends| ends.is_confirmed() || other == Side::B)
            .map(|ends| {
                let branch = asker.ids.branch();
                let reason = super::ends::GONE;
                let (bytes, flow) = ends.bye(other, &branch, asker.signature, reason);
                Effect::Forward {
                    mark: Mark::bye(self.reference, other),
                    branch,
                    method: Method::Bye,
                    bytes,
                    flow,
                }
            });
        match bye {
            Some(bye) => {
                self.begin_release_of(now, other, out);
                out.push(bye);
            }
            None => self.lost(now, out),
        }
    }
}

/// Where a phone is registered now with this very Contact.
fn whereabouts(location: &Location, now: Instant, name: Option<Aor>, target: &str) -> Option<Flow> {
    let target = UriRef::parse(target).ok()?;
    let bindings = location.lookup(&name?, now);
    let is_it = |contact| UriRef::parse(contact).is_ok_and(|contact| contact.equivalent(&target));
    let binding = bindings
        .iter()
        .find(|binding| is_it(binding.contact()) && binding.is_reachable())?;
    Some(binding.flow)
}
