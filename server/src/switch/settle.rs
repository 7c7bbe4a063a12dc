//! Carries news from the transaction layer to call control and proxy and wishes back, until nothing is left to do.

use std::mem;

use bytes::Bytes;
use sip::time::Instant;
use sip::transaction::{ServerId, Transmit};

use super::{Outbox, Owner, Switch};
use crate::call::{self, Effect};
use crate::proxy;

impl Switch {
    /// It ends: every round is caused by a message, a timer or a command, and what cannot be sent is given up.
    pub(super) fn settle(&mut self, now: Instant, out: &mut Outbox) {
        while !(self.heard.events.is_empty()
            && self.wanted.effects.is_empty()
            && self.passed.effects.is_empty())
        {
            let mut events = mem::take(&mut self.heard.events);
            for event in events.drain(..) {
                self.dispatch(now, event, out);
            }
            let mut effects = mem::take(&mut self.wanted.effects);
            for effect in effects.drain(..) {
                self.carry_out(now, effect, out);
            }
            let mut passed = mem::take(&mut self.passed.effects);
            for effect in passed.drain(..) {
                self.send_on(now, effect, out);
            }
            // Back go the emptied ones, for the room they have.
            if self.heard.events.is_empty() {
                self.heard.events = events;
            }
            if self.wanted.effects.is_empty() {
                self.wanted.effects = effects;
            }
            if self.passed.effects.is_empty() {
                self.passed.effects = passed;
            }
        }
        out.transmit.append(&mut self.heard.transmit);
    }

    /// What the proxy wants.
    fn send_on(&mut self, now: Instant, effect: proxy::Effect, out: &mut Outbox) {
        use proxy::Effect;
        match effect {
            Effect::Forward {
                mark,
                branch,
                method,
                bytes,
                flow,
            } => {
                let branch = branch.as_str();
                let owner = Owner::Proxy(mark);
                let heard = &mut self.heard;
                let started = self
                    .layer
                    .forward(now, branch, &method, bytes, flow, owner, heard);
                if let Err(full) = started {
                    tracing::warn!(%method, "request not sent on: {full}");
                    let input = proxy::Input::NoRoom(mark);
                    self.proxy.handle(now, input, &mut self.passed);
                }
            }
            Effect::Locate { lookup, sought } => out.lookups.push((lookup, sought)),
            Effect::Cancel { branch, reason } => {
                self.layer
                    .cancel(now, &branch, reason.as_deref(), &mut self.heard);
            }
            Effect::Transmit { bytes, flow } => self.heard.transmit.push(Transmit { flow, bytes }),
            Effect::Respond { id, bytes } => self.respond(now, id, bytes),
            Effect::Forget { id } => self.layer.forget(id),
            Effect::Event(event) => {
                self.tally.heard(&event.what);
                out.events.push(event);
            }
        }
    }

    /// What call control wants.
    fn carry_out(&mut self, now: Instant, effect: Effect, out: &mut Outbox) {
        match effect {
            Effect::Request { mark, bytes, flow } => {
                let started =
                    self.layer
                        .request(now, bytes, flow, Owner::Call(mark), &mut self.heard);
                if let Err(full) = started {
                    tracing::warn!(call = %mark.call, "request not sent: {full}");
                    self.calls
                        .handle(now, call::Input::Unreachable(mark), &mut self.wanted);
                }
            }
            Effect::Cancel { branch, reason } => {
                let reason = reason.map(|reason| reason.to_string());
                self.layer
                    .cancel(now, &branch, reason.as_deref(), &mut self.heard);
            }
            Effect::Transmit { bytes, flow } => self.heard.transmit.push(Transmit { flow, bytes }),
            Effect::Respond { id, bytes } => self.respond(now, id, bytes),
            Effect::Event(event) => {
                self.tally.heard(&event.what);
                out.events.push(event);
            }
            Effect::Journal { call, state } => out.journal.push((call, state)),
        }
    }

    /// Answers a server transaction.
    pub(super) fn respond(&mut self, now: Instant, id: ServerId, bytes: Bytes) {
        if self.layer.respond(now, id, bytes, &mut self.heard).is_err() {
            tracing::debug!(?id, "the transaction was over before its answer");
        }
    }
}
