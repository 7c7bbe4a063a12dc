//! What is known of the ways to phones: carries questions of [`crate::qualify`] to the transaction layer, and what it learns
//! to the location service; has flows watched that their phones have to keep alive (RFC 5626 section 5.4).

use std::mem;
use std::time::Duration;

use sip::msg::{Message, response_flow};
use sip::name::{Aor, Flow};
use sip::time::Instant;

use super::{Outbox, Owner, Switch, phone};
use crate::event::PhoneCause;
use crate::location::{Full, Revision};
use crate::qualify::Heard;

impl Switch {
    /// A phone has registered by this flow, which is dead once it is silent for so long.
    pub(super) fn keep_alive(
        &mut self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        silence: Duration,
        out: &mut Outbox,
    ) {
        if flow.transport.is_reliable() {
            out.keep_alive.push((*flow, silence));
            return;
        }
        let Some(aor) = request
            .to()
            .ok()
            .and_then(|to| Aor::from_uri(to.uri().ok()?).ok())
        else {
            return;
        };
        let flow = response_flow(request, flow);
        let woken = self.location.keep_alive(now, &aor, &flow, silence);
        out.wake.extend(woken.filter(|shard| *shard != self.shard));
    }

    pub(super) fn ask_phones(&mut self, now: Instant) {
        let mut questions = Vec::new();
        let location = &self.location;
        for aor in location.newcomers(self.shard) {
            self.qualify.learn(now, &aor, &location.lookup(&aor, now));
        }
        self.qualify
            .ask(now, |aor| location.lookup(aor, now), &mut questions);
        for question in mem::take(&mut questions) {
            let owner = Owner::Qualify(question.number);
            let (bytes, flow) = (question.bytes, question.flow);
            let started = self.layer.request(now, bytes, flow, owner, &mut self.heard);
            if started.is_err() {
                // Without room for a transaction nothing is learnt of the phone.
                let _ = self.qualify.hear(now, question.number, Heard::Nothing);
            }
        }
    }

    pub(super) fn phone_heard(
        &mut self,
        now: Instant,
        number: u64,
        heard: Heard,
        out: &mut Outbox,
    ) {
        let Some(verdict) = self.qualify.hear(now, number, heard) else {
            return;
        };
        if heard == Heard::Answer {
            self.location.heard(now, verdict.flow());
        }
        let updated = self.location.update(now, &verdict.aor, |before| {
            Ok::<_, Full>(match verdict.apply(before) {
                Some(after) => Revision::Replace(after, PhoneCause::Refreshed),
                None => Revision::Keep,
            })
        });
        // What stands already never finds the service full.
        let change = updated.ok().and_then(|updated| updated.change);
        out.events.extend(change.map(|change| phone(now, change)));
    }
}
