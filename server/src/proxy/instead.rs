//! Who rings in place of a called party that is busy, does not answer or is not to be had, as the call-forwarding of the
//! operator has it. Once for each call: who rings in place of another has nobody in his.
//!
//! To the board one call ends and another begins, since a cell is a pair of phones. The caller hears of neither: to him it
//! is one request, sent on to several targets in turn (RFC 3261 section 16.5).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sip::name::Aor;
use sip::time::Instant;

use super::Proxy;
use super::best::{Best, Verdict};
use super::context::{Context, Surroundings};
use super::destination::{Destination, Target};
use crate::binding::Binding;
use crate::limits;

impl Proxy {
    /// Where a request goes whose called party has no phone at all.
    pub(super) fn present(&self, now: Instant, mut destination: Destination) -> Destination {
        if let (Target::Phone(aor), Some(otherwise)) = (&destination.target, &destination.otherwise)
            && let Some(other) = &otherwise.unreachable
            && self.setup.location.lookup(aor, now).is_empty()
        {
            destination.target = Target::Phone(other.clone());
            destination.otherwise = None;
        }
        destination
    }
}

impl Context {
    /// How long the called party wishes to be rung before another is.
    pub(super) fn patience(&self) -> Option<Duration> {
        let rule = self.destination.otherwise.as_ref()?.no_answer.as_ref();
        rule.map(|(after, _)| *after)
    }

    /// No phone can answer any more: `true` if another party's are rung now.
    pub(super) fn rings_another(&mut self, cx: &mut Surroundings<'_>) -> bool {
        let Some(otherwise) = &mut self.destination.otherwise else {
            return false;
        };
        let has_rung = self.branches.iter().any(|branch| branch.given_up);
        let (status, heard) = match self.best.chosen() {
            Some(Verdict::Response(response)) => {
                (response.status().unwrap_or(500), Some(response.clone()))
            }
            Some(Verdict::Own(status)) => (*status, None),
            None => (480, None),
        };
        let other = match (status, &heard) {
            (486, Some(_)) => otherwise.busy.take(),
            (408 | 480, Some(_)) => otherwise.no_answer.take().map(|(_, other)| other),
            (408, None) if has_rung => otherwise.no_answer.take().map(|(_, other)| other),
            (408 | 480 | 503, None) | (430 | 503, Some(_)) => otherwise.unreachable.take(),
            _ => None,
        };
        let Some((other, phones)) = other.and_then(|other| self.phones_of(other, cx)) else {
            return false;
        };
        if let Some(part) = self.part {
            cx.tracker
                .failed(cx.now, part, status, heard.as_ref(), false, cx.out);
        }
        self.best = Best::default();
        self.ring(&other, phones, cx);
        true
    }

    /// Nobody has answered for as long as the called party wishes to be rung.
    pub(super) fn unanswered(&mut self, cx: &mut Surroundings<'_>) {
        let rule = self
            .destination
            .otherwise
            .as_mut()
            .and_then(|otherwise| otherwise.no_answer.take());
        // Where the other one has no phone it goes on ringing.
        let Some((other, phones)) = rule.and_then(|(_, other)| self.phones_of(other, cx)) else {
            return;
        };
        for index in 0..self.branches.len() {
            self.branches[index].given_up |= self.branches[index].is_active();
            self.cancel(index, None, cx);
        }
        if let Some(part) = self.part {
            cx.tracker.unanswered(cx.now, part, cx.out);
        }
        self.ring(&other, phones, cx);
    }

    /// Those phones of a party that have not been rung yet, if there is any.
    fn phones_of(
        &self,
        other: Aor,
        cx: &Surroundings<'_>,
    ) -> Option<(Aor, VecDeque<Arc<Binding>>)> {
        let bindings = cx.location.lookup(&other, cx.now);
        let fresh = bindings.iter().filter(|binding| !self.knows(binding));
        let room = limits::BRANCHES.saturating_sub(self.branches.len());
        let phones: VecDeque<_> = fresh.take(room).cloned().collect();
        (!phones.is_empty()).then_some((other, phones))
    }

    fn ring(&mut self, other: &Aor, phones: VecDeque<Arc<Binding>>, cx: &mut Surroundings<'_>) {
        self.destination.otherwise = None;
        self.rings_until = None;
        if let (Some(_), Some(request)) = (self.part, &self.request) {
            self.part = cx
                .tracker
                .invite(cx.now, request, other, self.id, cx.ids, cx.out);
        }
        self.waiting = phones;
        self.take_turn(cx);
    }
}
