//! The phone as a node of the network: bytes to the transaction layer, its events to the call they are of, effects
//! back to bytes.

use bytes::Bytes;
use sip::dialog::invite_uas::{AnswerParams, InviteUas};
use sip::dialog::{self, Body, Effect, Input, Reason};
use sip::msg::build::Response;
use sip::msg::{Message, Method, Name, lex};
use sip::name::Flow;
use sip::time::Instant;
use sip::transaction::{self, Outbox, ServerId, Timers, Transmit};

use super::call::Call;
use super::heard::What;
use super::media::{Direction, Media};
use super::script::Deed;
use super::usage::Usage;
use super::{Owner, Phone};
use crate::net::Node;

pub(super) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, MESSAGE, REFER, NOTIFY";

impl Node for Phone {
    fn receive(&mut self, now: Instant, flow: Flow, bytes: Bytes, out: &mut Vec<Transmit>) {
        let Ok(message) = lex(bytes) else { return };
        if self.overhears(&message) {
            return;
        }
        let message = match message.method() {
            Some(_) => message.stamped(&flow),
            None => message,
        };
        self.layer_hears(now, transaction::Input::Message { message, flow }, out);
    }

    fn broken(&mut self, now: Instant, flow: Flow, out: &mut Vec<Transmit>) {
        self.layer_hears(now, transaction::Input::Broken(flow), out);
    }

    fn deadline(&self) -> Option<Instant> {
        let calls = self.calls.iter().filter_map(Call::deadline);
        calls.chain(self.layer.deadline()).min()
    }

    fn timeout(&mut self, now: Instant, out: &mut Vec<Transmit>) {
        self.layer_hears(now, transaction::Input::Timeout, out);
        let numbers: Vec<u32> = self.calls.iter().map(Call::number).collect();
        for number in numbers {
            self.tell(now, number, Input::Timeout, out);
            while let Some(deed) = self.call(number).and_then(|call| call.due(now)) {
                self.carry_out(now, number, deed, out);
            }
        }
    }
}

impl Phone {
    /// Carries out what the transaction layer wants, and what comes of that.
    pub(super) fn pump(&mut self, now: Instant, outbox: Outbox<Owner>, out: &mut Vec<Transmit>) {
        out.extend(outbox.transmit);
        for event in outbox.events {
            self.event(now, event, out);
        }
    }

    fn layer_hears(&mut self, now: Instant, input: transaction::Input, out: &mut Vec<Transmit>) {
        let mut outbox = Outbox::new();
        self.layer.handle(now, input, &mut outbox);
        self.pump(now, outbox, out);
    }

    /// Whether a message does not get through to the phone's mind at all.
    fn overhears(&self, message: &Message) -> bool {
        let quirks = match self.calls.iter().find(|call| call.is_of(message)) {
            Some(call) => call.script().quirks,
            None => self.script.quirks,
        };
        match message.method() {
            Some(Method::Bye) => quirks.ignores_bye,
            Some(Method::Invite | Method::Cancel) => quirks.is_deaf,
            Some(_) | None => false,
        }
    }

    fn event(&mut self, now: Instant, event: transaction::Event<Owner>, out: &mut Vec<Transmit>) {
        use transaction::Event as Layer;
        match event {
            Layer::Request { id, request, flow } => self.request(now, id, &request, &flow, out),
            Layer::Ack { ack, .. } => {
                if let Some(number) = self.number_of(&ack) {
                    self.tell(now, number, Input::PeerAck { ack: &ack }, out);
                }
            }
            Layer::Cancel { invite, cancel } => self.cancelled(now, invite, &cancel, out),
            Layer::Response {
                user: Owner::Registration,
                response,
                ..
            } => self.registered(now, Some(&response)),
            Layer::TimedOut {
                user: Owner::Registration,
            }
            | Layer::Unreachable {
                user: Owner::Registration,
            } => self.registered(now, None),
            Layer::Response {
                user: Owner::Call(number, request),
                response,
                flow,
            } => {
                let input = Input::Response {
                    request,
                    response: &response,
                    flow: &flow,
                };
                self.tell(now, number, input, out);
            }
            Layer::TimedOut {
                user: Owner::Call(number, request),
            } => self.tell(now, number, Input::TimedOut(request), out),
            Layer::Unreachable {
                user: Owner::Call(number, request),
            } => self.tell(now, number, Input::Unreachable(request), out),
            Layer::Response {
                user: Owner::Rude, ..
            }
            | Layer::TimedOut { user: Owner::Rude }
            | Layer::Unreachable { user: Owner::Rude }
            | Layer::Overload { .. }
            | Layer::Stray { .. }
            | Layer::Unacknowledged { .. }
            | Layer::Undeliverable { .. } => {}
        }
    }

    fn request(
        &mut self,
        now: Instant,
        id: ServerId,
        request: &Message,
        flow: &Flow,
        out: &mut Vec<Transmit>,
    ) {
        if let Some(number) = self.number_of(request) {
            self.tell(now, number, Input::Request { id, request, flow }, out);
            return;
        }
        let is_in_dialog = request.to().is_ok_and(|to| to.tag().is_some());
        let status = match request.method() {
            _ if is_in_dialog => 481,
            Some(Method::Invite) if !self.is_free() => 486,
            Some(Method::Invite) => return self.invited(now, id, request, flow, out),
            Some(Method::Options | Method::Message | Method::Notify) => 200,
            Some(_) | None => 405,
        };
        let tag = self.ids.tag();
        let bytes = Response::to(request, status, None, Some(&tag))
            .header(Name::Allow, ALLOW)
            .finish();
        self.respond(now, id, bytes, out);
    }

    fn is_free(&self) -> bool {
        self.calls.is_empty() || self.script.quirks.takes_second_call
    }

    fn invited(
        &mut self,
        now: Instant,
        id: ServerId,
        invite: &Message,
        flow: &Flow,
        out: &mut Vec<Transmit>,
    ) {
        let from = invite.from().ok();
        self.hears(
            now,
            What::Invited {
                name: from.and_then(|from| from.display()).map(Into::into),
                uri: from.map_or("", |from| from.uri_text()).to_owned(),
            },
        );
        let contact = format!("<{}>", self.contact_uri());
        let params = AnswerParams {
            contact: &contact,
            allow: ALLOW,
            timers: Timers::RFC,
        };
        let usage = InviteUas::start(id, invite, flow, &params, &mut self.ids);
        let own = Media {
            address: self.audio_address(),
            direction: Direction::SendRecv,
        };
        self.calls_made += 1;
        let number = self.calls_made;
        let usage = (Some(id), Usage::Called(Box::new(usage)));
        let call = Call::new(now, number, usage, &self.script, (self.user(), own));
        let is_refused = call.script().quirks.refuses_offerless && invite.body().is_empty();
        self.calls.push(call);
        self.described(now, number, Body::of(invite).as_ref(), true);
        if is_refused {
            self.carry_out(now, number, Deed::Decline(488), out);
        }
        // What is planned for this very moment happens in it.
        while let Some(deed) = self.call(number).and_then(|call| call.due(now)) {
            self.carry_out(now, number, deed, out);
        }
    }

    fn cancelled(
        &mut self,
        now: Instant,
        invite: ServerId,
        cancel: &Message,
        out: &mut Vec<Transmit>,
    ) {
        let Some(number) = self.number_of(cancel) else {
            return;
        };
        let into =
            |call: &&mut Call| call.script().quirks.answers_into_cancel && call.is_invite(invite);
        if self.call(number).as_ref().is_some_and(into) {
            self.carry_out(now, number, Deed::Answer, out);
        } else {
            let reason = Reason::of(cancel);
            self.tell(now, number, Input::PeerCancel { id: invite, reason }, out);
        }
    }

    /// Gives an input to a call.
    pub(super) fn tell(
        &mut self,
        now: Instant,
        number: u32,
        input: Input<'_>,
        out: &mut Vec<Transmit>,
    ) {
        let mut effects = dialog::Outbox::default();
        if let Some(call) = self.calls.iter_mut().find(|call| call.number() == number) {
            call.usage.handle(now, input, &mut self.ids, &mut effects);
        }
        self.effect(now, number, effects, out);
    }

    pub(super) fn effect(
        &mut self,
        now: Instant,
        number: u32,
        effects: dialog::Outbox,
        out: &mut Vec<Transmit>,
    ) {
        for effect in effects.effects {
            match effect {
                Effect::Request { id, bytes, flow } => {
                    self.send(now, bytes, flow, Owner::Call(number, id), out);
                }
                Effect::Cancel { branch, reason } => {
                    let reason = reason.map(|reason| reason.to_string());
                    let mut outbox = Outbox::new();
                    self.layer
                        .cancel(now, &branch, reason.as_deref(), &mut outbox);
                    self.pump(now, outbox, out);
                }
                Effect::Transmit { bytes, flow } => out.push(Transmit { flow, bytes }),
                Effect::Respond { id, bytes } => self.respond(now, id, bytes, out),
                Effect::Event(event) => self.lives_through(now, number, event, out),
            }
        }
    }

    pub(super) fn send(
        &mut self,
        now: Instant,
        bytes: Bytes,
        flow: Flow,
        owner: Owner,
        out: &mut Vec<Transmit>,
    ) {
        let mut outbox = Outbox::new();
        self.layer
            .request(now, bytes, flow, owner, &mut outbox)
            .expect("a phone has room for a transaction");
        self.pump(now, outbox, out);
    }

    fn respond(&mut self, now: Instant, id: ServerId, bytes: Bytes, out: &mut Vec<Transmit>) {
        let mut outbox = Outbox::new();
        // A transaction that is over wants no answer.
        let _ = self.layer.respond(now, id, bytes, &mut outbox);
        self.pump(now, outbox, out);
    }

    pub(super) fn call(&mut self, number: u32) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.number() == number)
    }

    fn number_of(&self, message: &Message) -> Option<u32> {
        let call = self.calls.iter().find(|call| call.is_of(message));
        call.map(Call::number)
    }
}
