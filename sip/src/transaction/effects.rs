//! Carries out what the machines say: sending, storing, telling, timers.
//!
//! Knows nothing of matching: which transaction is meant has been found.

use std::mem;

use bytes::Bytes;

use super::layer::Layer;
use super::machine::{Effect, Input, Machine, Step};
use super::store::New;
use super::timer::Slot;
use super::{Event, Outbox, Transmit};
use crate::msg::build::{self, Response};
use crate::msg::{Message, Method, lex};
use crate::name::Flow;
use crate::time::Instant;

/// What a step is about.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, on the stack, and most are messages"
)]
pub(super) enum AtHand<'a> {
    /// Time, or a broken flow.
    Nothing,
    /// A message that came.
    Message(Message, Flow),
    /// The user's response.
    Answer(Bytes),
    /// The user's Reason for a CANCEL.
    Reason(Option<&'a str>),
}

impl AtHand<'_> {
    const fn message(&self) -> Option<&Message> {
        match self {
            Self::Message(message, _) => Some(message),
            Self::Nothing | Self::Answer(_) | Self::Reason(_) => None,
        }
    }

    fn answer(&self) -> Bytes {
        match self {
            Self::Answer(bytes) => bytes.clone(),
            Self::Nothing | Self::Message(..) | Self::Reason(_) => Bytes::new(),
        }
    }

    const fn reason(&self) -> Option<&str> {
        match self {
            Self::Reason(reason) => *reason,
            Self::Nothing | Self::Message(..) | Self::Answer(_) => None,
        }
    }
}

impl<U: Clone> Layer<U> {
    /// Lets the transaction in `slot` hear `input`.
    pub(super) fn step(
        &mut self,
        now: Instant,
        slot: u32,
        input: Input,
        at_hand: AtHand<'_>,
        out: &mut Outbox<U>,
    ) {
        if let Some(transaction) = self.store.get(slot) {
            let step = transaction.machine.step(input);
            self.perform(now, slot, step, at_hand, out);
        }
    }

    /// Does what `step` says, then drops or schedules the transaction.
    pub(super) fn perform(
        &mut self,
        now: Instant,
        slot: u32,
        (machine, effects): Step<Machine>,
        mut at_hand: AtHand<'_>,
        out: &mut Outbox<U>,
    ) {
        let timers = self.timers;
        let mut ends_at_once = false;
        for &effect in effects {
            let Some(transaction) = self.store.get_mut(slot) else {
                return;
            };
            match effect {
                Effect::Send => out.send(transaction.flow, &transaction.stored),
                Effect::Reply => {
                    transaction.stored = at_hand.answer();
                    out.send(transaction.flow, &transaction.stored);
                }
                Effect::Relay => out.send(transaction.flow, &at_hand.answer()),
                Effect::Acknowledge => {
                    let request = lex(mem::take(&mut transaction.stored)).ok();
                    if let (Some(request), Some(response)) = (request, at_hand.message()) {
                        transaction.stored = build::ack_non_2xx(&request, response);
                        out.send(transaction.flow, &transaction.stored);
                    }
                }
                Effect::PrepareTrying => {
                    let trying = |request: &_| Response::to(request, 100, None, None).finish();
                    let stored = mem::take(&mut transaction.stored);
                    transaction.stored = match at_hand.message() {
                        Some(request) => trying(request),
                        None => lex(stored).as_ref().map(trying).unwrap_or_default(),
                    };
                }
                Effect::SendCancel => self.send_cancel(now, slot, at_hand.reason(), out),
                Effect::Forget => transaction.stored = Bytes::new(),
                Effect::Pass => {
                    if let AtHand::Message(message, flow) =
                        mem::replace(&mut at_hand, AtHand::Nothing)
                    {
                        out.events.extend(self.passed(slot, message, flow));
                    }
                }
                Effect::TellTimeout => {
                    let user = transaction.user.take();
                    out.events.extend(user.map(|user| Event::TimedOut { user }));
                }
                Effect::TellBroken => {
                    let (machine, user) = (transaction.machine, transaction.user.take());
                    let id = self.store.id(slot);
                    out.events.extend(match machine {
                        Machine::InviteClient(_) | Machine::NonInviteClient(_) => {
                            user.map(|user| Event::Unreachable { user })
                        }
                        Machine::InviteServer(_) | Machine::NonInviteServer(_) => {
                            Some(Event::Undeliverable { id })
                        }
                    });
                }
                Effect::TellUnacknowledged => {
                    let id = self.store.id(slot);
                    out.events.push(Event::Unacknowledged { id });
                }
                Effect::Start(timer) => {
                    match timer.first(&timers, transaction.flow.transport.is_reliable()) {
                        None => transaction.stop(timer.slot()),
                        Some(pause) => {
                            ends_at_once |= timer.slot() == Slot::End && pause.is_zero();
                            transaction.start(timer.slot(), now, pause);
                        }
                    }
                }
                Effect::Again(timer) => {
                    let pause = timer.next(&timers, transaction.pause);
                    transaction.start(timer.slot(), now, pause);
                }
                Effect::Stop(timer_slot) => transaction.stop(timer_slot),
            }
        }
        let Some(transaction) = self.store.get_mut(slot) else {
            return;
        };
        transaction.machine = machine;
        if machine.is_terminated() {
            self.store.remove(slot);
        } else if ends_at_once {
            self.step(now, slot, Input::Expire, AtHand::Nothing, out);
        } else {
            self.store.schedule(slot);
        }
    }

    /// The news that a message makes. That of a CANCEL of ours nobody hears.
    fn passed(&self, slot: u32, message: Message, flow: Flow) -> Option<Event<U>> {
        match message.method() {
            None => {
                let user = self.store.get(slot)?.user.clone()?;
                let response = message;
                Some(Event::Response {
                    user,
                    response,
                    flow,
                })
            }
            Some(Method::Ack) => Some(Event::Ack { ack: message, flow }),
            Some(Method::Cancel) => {
                let invite = self.store.id(slot);
                Some(Event::Cancel {
                    invite,
                    cancel: message,
                })
            }
            Some(_) => {
                let id = self.store.id(slot);
                Some(Event::Request {
                    id,
                    request: message,
                    flow,
                })
            }
        }
    }

    /// Sends the CANCEL of the INVITE in `slot`, the way the INVITE went (9.1).
    fn send_cancel(&mut self, now: Instant, slot: u32, reason: Option<&str>, out: &mut Outbox<U>) {
        let Some(invite) = self.store.get(slot) else {
            return;
        };
        let flow = invite.flow;
        let Ok(invite) = lex(invite.stored.clone()) else {
            return;
        };
        let cancel = build::cancel(&invite, reason);
        let branch = invite.via().ok().and_then(|via| via.branch());
        let key = branch.map(|branch| self.keys.client(branch, &Method::Cancel));
        let step = Machine::client(false);
        if let Some(key) = key
            && let Some(slot) = self.store.insert(New {
                machine: step.0,
                key,
                flow,
                flow_key: self.keys.flow(&flow),
                stored: cancel,
                user: None,
            })
        {
            self.perform(now, slot, step, AtHand::Nothing, out);
        }
    }
}

impl<U> Outbox<U> {
    /// Sends a message, if there is one.
    pub(super) fn send(&mut self, flow: Flow, bytes: &Bytes) {
        if !bytes.is_empty() {
            let bytes = bytes.clone();
            self.transmit.push(Transmit { flow, bytes });
        }
    }
}
