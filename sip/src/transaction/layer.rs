//! The transaction layer: from a message to its transaction, and what is said to those that have none
//! (RFC 3261 17.1.3, 17.2.3, 9.2).
//!
//! Knows no state of any machine.

use std::fmt;

use bytes::Bytes;

use super::effects::AtHand;
use super::key::{Key, Keys};
use super::machine::{self, Machine};
use super::store::{New, Store};
use super::timer::Slot;
use super::{Event, Full, Gone, Input, Outbox, ServerId, Timers};
use crate::msg::build::Response;
use crate::msg::{Message, Method, lex, response_flow};
use crate::name::{Branch, Flow};
use crate::time::Instant;

/// All transactions of one shard. See the [module](super).
pub struct Layer<U> {
    pub(super) timers: Timers,
    pub(super) keys: Keys,
    pub(super) store: Store<U>,
    capacity: usize,
}

impl<U: Clone> Layer<U> {
    /// An empty layer that begins no transaction while it holds `capacity`; only a CANCEL of ours, of which
    /// there is one for an INVITE, always finds room, and a BYE while there is no more than an eighth above: calls must
    /// end so that there is room again.
    ///
    /// `seed` comes from the system's entropy and stays secret: who does not know it cannot choose messages
    /// that are taken for each other.
    pub fn new(timers: Timers, capacity: usize, seed: [u8; 16]) -> Self {
        Self {
            timers,
            keys: Keys::new(&seed),
            store: Store::new(),
            capacity,
        }
    }

    /// Sends a request in a client transaction of its own.
    ///
    /// `request` is complete, and its top Via carries a branch that no other request has: one that has not
    /// counts as unreachable. An ACK is never sent this way: that of a failure is sent by the layer, that of
    /// a 2xx by its user, directly.
    pub fn request(
        &mut self,
        now: Instant,
        request: Bytes,
        flow: Flow,
        user: U,
        out: &mut Outbox<U>,
    ) -> Result<(), Full> {
        let message = lex(request.clone()).ok();
        let begun = message
            .as_ref()
            .and_then(|message| Some((message.via().ok()?.branch()?, message.method()?)));
        match begun {
            Some((branch, method)) => self.forward(now, branch, method, request, flow, user, out),
            None if self.len() >= self.capacity => Err(Full),
            None => {
                out.events.push(Event::Unreachable { user });
                Ok(())
            }
        }
    }

    /// [`Layer::request`] for who knows what he sends: a proxy, which has put `branch` on top of a request of another's
    /// and need not have it read again.
    #[expect(
        clippy::too_many_arguments,
        reason = "a request and what is known of it"
    )]
    pub fn forward(
        &mut self,
        now: Instant,
        branch: &str,
        method: &Method,
        request: Bytes,
        flow: Flow,
        user: U,
        out: &mut Outbox<U>,
    ) -> Result<(), Full> {
        if !self.has_room(method) {
            return Err(Full);
        }
        let key = self.keys.client(branch, method);
        if self.store.find(key).is_some() {
            out.events.push(Event::Unreachable { user });
            return Ok(());
        }
        let step = Machine::client(*method == Method::Invite);
        let slot = self.store.insert(New {
            machine: step.0,
            key,
            flow,
            flow_key: self.keys.flow(&flow),
            stored: request,
            user: Some(user),
        });
        if let Some(slot) = slot {
            self.perform(now, slot, step, AtHand::Nothing, out);
        }
        Ok(())
    }

    /// Cancels the INVITE whose branch is `branch` (RFC 3261 9.1), in a transaction of which nothing is heard.
    /// `reason` is the value of a Reason header.
    ///
    /// Does nothing when the INVITE has a final response, or no provisional one yet (a CANCEL must not
    /// overtake its INVITE), or has been cancelled.
    pub fn cancel(
        &mut self,
        now: Instant,
        branch: &Branch,
        reason: Option<&str>,
        out: &mut Outbox<U>,
    ) {
        let key = self.keys.client(branch.as_str(), &Method::Invite);
        if let Some(slot) = self.store.find(key) {
            self.step(
                now,
                slot,
                machine::Input::Cancel,
                AtHand::Reason(reason),
                out,
            );
        }
    }

    /// Answers a request. A repetition of a 2xx to INVITE goes this way too.
    ///
    /// To a request that is not INVITE, RFC 4320 forbids any 1xx but 100, which the layer sends when it is
    /// time, and 408.
    pub fn respond(
        &mut self,
        now: Instant,
        id: ServerId,
        response: Bytes,
        out: &mut Outbox<U>,
    ) -> Result<(), Gone> {
        let slot = self.store.resolve(id).ok_or(Gone)?;
        // What has no readable status still ends the transaction.
        let input = status(&response)
            .and_then(machine::Input::of_status)
            .unwrap_or(machine::Input::Failure);
        self.step(now, slot, input, AtHand::Answer(response), out);
        Ok(())
    }

    /// Gives a request up unanswered: nothing of it is remembered, and a repetition of it is a new one. For a proxy that
    /// passes it on without state, or answers it so (RFC 3261 sections 8.2.7 and 16.11).
    pub fn forget(&mut self, id: ServerId) {
        if let Some(slot) = self.store.resolve(id) {
            self.store.remove(slot);
        }
    }

    /// Takes a message, a failure of a flow, or the passing of time.
    pub fn handle(&mut self, now: Instant, input: Input, out: &mut Outbox<U>) {
        match input {
            Input::Message { message, flow } => match message.method() {
                None => self.response(now, message, flow, out),
                Some(Method::Ack) => self.ack(now, message, flow, out),
                Some(Method::Cancel) => self.cancel_received(now, message, flow, out),
                Some(method) => {
                    // A message without what tells it apart has no way back either.
                    if let Some(key) = self.keys.server(&message, method) {
                        self.request_received(now, key, message, flow, out);
                    }
                }
            },
            Input::Broken(flow) => {
                for slot in self.store.on_flow(self.keys.flow(&flow)) {
                    self.step(now, slot, machine::Input::Broken, AtHand::Nothing, out);
                }
            }
            Input::Timeout => self.timeout(now, out),
        }
    }

    /// When [`Input::Timeout`] is due next.
    pub fn deadline(&self) -> Option<Instant> {
        self.store.first_deadline().map(|(at, _)| at)
    }

    /// How many transactions there are.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn has_room(&self, method: &Method) -> bool {
        let reserve = match method {
            Method::Bye => self.capacity.div_ceil(8),
            _ => 0,
        };
        self.len() < self.capacity + reserve
    }

    /// 17.1.3.
    fn response(&mut self, now: Instant, response: Message, flow: Flow, out: &mut Outbox<U>) {
        let slot = self
            .keys
            .client_of(&response)
            .and_then(|key| self.store.find(key));
        let input = response.status().and_then(machine::Input::of_status);
        match (slot, input) {
            (Some(slot), Some(input)) => {
                self.step(now, slot, input, AtHand::Message(response, flow), out);
            }
            (None, Some(_)) => out.events.push(Event::Stray { response, flow }),
            (Some(_) | None, None) => {}
        }
    }

    /// 17.2.3.
    fn request_received(
        &mut self,
        now: Instant,
        key: Key,
        request: Message,
        flow: Flow,
        out: &mut Outbox<U>,
    ) {
        if let Some(slot) = self.store.find(key) {
            return self.step(now, slot, machine::Input::Request, AtHand::Nothing, out);
        }
        if !request.method().is_some_and(|method| self.has_room(method)) {
            return out.events.push(Event::Overload { request, flow });
        }
        let is_invite = request.method() == Some(&Method::Invite);
        let step = Machine::server(is_invite);
        let back = response_flow(&request, &flow);
        let slot = self.store.insert(New {
            machine: step.0,
            key,
            flow: back,
            flow_key: self.keys.flow(&back),
            stored: request.bytes().clone(),
            user: None,
        });
        if let Some(slot) = slot {
            self.perform(now, slot, step, AtHand::Message(request, flow), out);
        }
    }

    /// An ACK belongs to the INVITE that failed, or else to the user.
    fn ack(&mut self, now: Instant, ack: Message, flow: Flow, out: &mut Outbox<U>) {
        let slot = self
            .keys
            .server(&ack, &Method::Invite)
            .and_then(|key| self.store.find(key))
            .or_else(|| self.invite_of_old_ack(&ack));
        match slot {
            Some(slot) => {
                self.step(
                    now,
                    slot,
                    machine::Input::Ack,
                    AtHand::Message(ack, flow),
                    out,
                );
            }
            None => out.events.push(Event::Ack { ack, flow }),
        }
    }

    /// 17.2.3, for RFC 2543: the To tag of the ACK is that of the response we sent.
    fn invite_of_old_ack(&self, ack: &Message) -> Option<u32> {
        let slot = self.store.find(self.keys.server_of_old_ack(ack)?)?;
        let sent = lex(self.store.get(slot)?.stored.clone());
        // A 2xx is not kept; its ACK goes to the user in any case.
        let is_ours = sent.is_ok_and(|sent| match (sent.to(), ack.to()) {
            (Ok(sent), Ok(ack)) => sent.tag() == ack.tag(),
            (Ok(_) | Err(_), Ok(_) | Err(_)) => false,
        });
        is_ours.then_some(slot)
    }

    /// 9.2. The answer follows from the request alone, so no transaction has to remember it (8.2.7).
    fn cancel_received(&mut self, now: Instant, cancel: Message, flow: Flow, out: &mut Outbox<U>) {
        let invite = self
            .keys
            .server(&cancel, &Method::Invite)
            .and_then(|key| self.store.find(key));
        let status = if invite.is_some() || self.cancels_another(&cancel) {
            200
        } else {
            481
        };
        // The To tag should be that of the response to the INVITE.
        let tag = invite
            .and_then(|slot| lex(self.store.get(slot)?.stored.clone()).ok())
            .and_then(|sent| Some(sent.to().ok()?.tag()?.into()))
            .unwrap_or_else(|| self.keys.tag(&cancel));
        let answer = Response::to(&cancel, status, None, Some(&tag)).finish();
        out.send(response_flow(&cancel, &flow), &answer);
        if let Some(slot) = invite {
            self.step(
                now,
                slot,
                machine::Input::Cancel,
                AtHand::Message(cancel, flow),
                out,
            );
        }
    }

    /// Whether a CANCEL matches a request that cannot be cancelled: answered by 200, without effect.
    fn cancels_another(&self, cancel: &Message) -> bool {
        const OTHERS: [Method; 11] = [
            Method::Bye,
            Method::Info,
            Method::Message,
            Method::Notify,
            Method::Options,
            Method::Prack,
            Method::Publish,
            Method::Refer,
            Method::Register,
            Method::Subscribe,
            Method::Update,
        ];
        OTHERS.iter().any(|method| {
            let key = self.keys.server(cancel, method);
            key.is_some_and(|key| self.store.find(key).is_some())
        })
    }

    fn timeout(&mut self, now: Instant, out: &mut Outbox<U>) {
        while let Some((at, slot)) = self.store.first_deadline() {
            if at > now {
                return;
            }
            let due = self
                .store
                .get_mut(slot)
                .and_then(|transaction| transaction.take_due(now));
            match due {
                Some(Slot::Repeat) => {
                    self.step(now, slot, machine::Input::Repeat, AtHand::Nothing, out);
                }
                Some(Slot::End) => {
                    self.step(now, slot, machine::Input::Expire, AtHand::Nothing, out);
                }
                None => self.store.schedule(slot),
            }
        }
    }
}

/// The status of a response that we built.
fn status(response: &[u8]) -> Option<u16> {
    let digits = response.strip_prefix(b"SIP/2.0 ")?.get(..3)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

impl<U> fmt::Debug for Layer<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer")
            .field("timers", &self.timers)
            .field("transactions", &self.store.len())
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
