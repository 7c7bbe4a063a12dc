//! Carries questions of [`crate::qualify`] to the transaction layer, and what it learns to the location service.

use std::mem;

use sip::time::Instant;

use super::{Outbox, Owner, Switch, phone};
use crate::event::PhoneCause;
use crate::location::{Full, Revision};
use crate::qualify::Heard;

impl Switch {
    pub(super) fn ask_phones(&mut self, now: Instant) {
        let mut questions = Vec::new();
        let location = &self.location;
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
