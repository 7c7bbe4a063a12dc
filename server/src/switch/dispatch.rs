//! From the wire to whoever it concerns (RFC 3261 sections 8.2 and 18.2.1).

use bytes::Bytes;
use sip::msg::{Message, Method, response_flow};
use sip::name::{Flow, Tag};
use sip::time::Instant;
use sip::transaction::{self, Event, ServerId, Transmit};

use super::merged::{Mark, Sight};
use super::{Outbox, Owner, Switch, answer, phone};
use crate::auth::{Desk, Subject};
use crate::call;
use crate::proxy::{self, Destination, Target};
use crate::qualify::Heard;
use crate::registrar;
use crate::router::Seen;

impl Switch {
    /// A message, before the transaction layer sees it: only what is sound goes on.
    pub(super) fn intake(&mut self, now: Instant, message: Message, flow: Flow, out: &mut Outbox) {
        let message = if message.is_request() {
            message.stamped(&flow)
        } else {
            message
        };
        let Err(fault) = message.verify() else {
            if message.is_request() && self.door.overlooks(now, &message, &flow) {
                return;
            }
            // Section 8.1.3.3: a user agent's own Via is the last one.
            if !message.is_request()
                && self.is_for_call(&message)
                && message.vias().nth(1).is_some()
            {
                return;
            }
            if message.method() == Some(&Method::Register) && !self.is_for_call(&message) {
                return self.register_statelessly(now, &message, &flow, out);
            }
            self.layer.handle(
                now,
                transaction::Input::Message { message, flow },
                &mut self.heard,
            );
            return;
        };
        tracing::debug!(peer = %flow.peer, transport = %flow.transport, %fault, "bad message");
        // An ACK is never answered (section 17), nor a response, nor what does not say where to.
        let answerable = message
            .method()
            .is_some_and(|method| *method != Method::Ack)
            && message.via().is_ok();
        if answerable {
            let bytes = answer::fault(&message, fault, &self.tags.of(&message));
            self.send_stateless(&message, &flow, bytes);
        }
    }

    /// REGISTER is answered at once, so no transaction has to wait for its answer. Section 8.2.7 has that only where the
    /// same request always has the same result; [`Sight::Repeated`] sees to that.
    fn register_statelessly(
        &mut self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        out: &mut Outbox,
    ) {
        let tag = self.tags.of(request);
        if let Some(bytes) = self.answer(now, request, flow, &tag, out) {
            self.send_stateless(request, flow, bytes);
        }
    }

    /// What the transaction layer heard.
    pub(super) fn dispatch(&mut self, now: Instant, event: Event<Owner>, out: &mut Outbox) {
        match event {
            Event::Request { id, request, flow } => self.request(now, id, &request, &flow, out),
            Event::Overload { request, flow } => self.overload(now, &request, &flow),
            Event::Ack { ack, flow } => {
                if self.is_for_call(&ack) {
                    self.calls
                        .handle(now, call::Input::Ack(&ack), &mut self.wanted);
                } else {
                    let input = proxy::Input::Ack {
                        ack: &ack,
                        flow: &flow,
                    };
                    self.proxy.handle(now, input, &mut self.passed);
                }
            }
            Event::Cancel { invite, cancel } => {
                if self.is_for_call(&cancel) {
                    let input = call::Input::Cancel {
                        id: invite,
                        cancel: &cancel,
                    };
                    self.calls.handle(now, input, &mut self.wanted);
                } else {
                    let input = proxy::Input::Cancel {
                        id: invite,
                        cancel: &cancel,
                    };
                    self.proxy.handle(now, input, &mut self.passed);
                }
            }
            Event::Response {
                user,
                response,
                flow,
            } => match user {
                Owner::Call(mark) => {
                    let input = call::Input::Response {
                        mark,
                        response: &response,
                        flow: &flow,
                    };
                    self.calls.handle(now, input, &mut self.wanted);
                }
                Owner::Proxy(mark) => {
                    let input = proxy::Input::Response {
                        mark,
                        response: &response,
                    };
                    self.proxy.handle(now, input, &mut self.passed);
                }
                Owner::Qualify(number) => {
                    if response.status().is_some_and(|status| status >= 200) {
                        self.phone_heard(now, number, Heard::Answer, out);
                    }
                }
            },
            Event::Stray { response, flow } => {
                if self.is_for_call(&response) {
                    let input = call::Input::Stray {
                        response: &response,
                        flow: &flow,
                    };
                    self.calls.handle(now, input, &mut self.wanted);
                } else {
                    let input = proxy::Input::Stray {
                        response: &response,
                        flow: &flow,
                    };
                    self.proxy.handle(now, input, &mut self.passed);
                }
            }
            Event::TimedOut { user } => match user {
                Owner::Call(mark) => {
                    let input = call::Input::TimedOut(mark);
                    self.calls.handle(now, input, &mut self.wanted);
                }
                Owner::Proxy(mark) => {
                    let input = proxy::Input::TimedOut(mark);
                    self.proxy.handle(now, input, &mut self.passed);
                }
                Owner::Qualify(number) => self.phone_heard(now, number, Heard::Nothing, out),
            },
            Event::Unreachable { user } => match user {
                Owner::Call(mark) => {
                    let input = call::Input::Unreachable(mark);
                    self.calls.handle(now, input, &mut self.wanted);
                }
                Owner::Proxy(mark) => {
                    let input = proxy::Input::Unreachable(mark);
                    self.proxy.handle(now, input, &mut self.passed);
                }
                Owner::Qualify(number) => self.phone_heard(now, number, Heard::Nothing, out),
            },
            // Nobody waits for these: a leg whose peer has fallen silent learns it from its own requests.
            Event::Unacknowledged { id } => tracing::debug!(?id, "no ACK to a failure response"),
            Event::Undeliverable { id } => tracing::debug!(?id, "response could not be sent"),
        }
    }

    fn request(
        &mut self,
        now: Instant,
        id: ServerId,
        request: &Message,
        flow: &Flow,
        out: &mut Outbox,
    ) {
        if self.is_for_call(request) {
            self.calls.handle(
                now,
                call::Input::Request { id, request, flow },
                &mut self.wanted,
            );
            return;
        }
        let tag = self.tags.of(request);
        let response = if request.method() == Some(&Method::Register) {
            self.answer(now, request, flow, &tag, out)
        } else {
            let destination = self.proxy.destination(request, flow);
            if is_for_server(request, &destination) {
                self.answer(now, request, flow, &tag, out)
            } else {
                self.pass_on(now, id, request, flow, destination, &tag)
            }
        };
        match response {
            // Section 26.3.2.4: not repeated, so that nobody makes us remember what he only claims to be.
            Some(challenge) if answer::is_challenge(&challenge) => {
                self.layer.forget(id);
                self.send_stateless(request, flow, challenge);
            }
            Some(response) => self.respond(now, id, response),
            None => {}
        }
    }

    /// A request for which there is no transaction: passed on without one if it belongs to a call that stands by us, so
    /// that calls can end when no others begin; else refused.
    fn overload(&mut self, now: Instant, request: &Message, flow: &Flow) {
        let tag = self.tags.of(request);
        let destination = self.proxy.destination(request, flow);
        let is_passed = !self.is_for_call(request)
            && destination.needs_no_memory(request)
            && self.admit(now, request, flow, &destination, &tag).is_ok();
        if is_passed {
            let input = proxy::Input::Passing {
                request,
                flow,
                destination,
            };
            self.proxy.handle(now, input, &mut self.passed);
        } else {
            let bytes = answer::unavailable(request, "Too Many Transactions", &tag);
            self.send_stateless(request, flow, bytes);
        }
    }

    /// A request to somebody else: to the proxy, or why not.
    fn pass_on(
        &mut self,
        now: Instant,
        id: ServerId,
        request: &Message,
        flow: &Flow,
        destination: Destination,
        tag: &Tag,
    ) -> Option<Bytes> {
        let is_new = request.to().is_ok_and(|to| to.tag().is_none());
        if is_new && self.merged.look(now, request, flow) == Sight::Merged {
            return Some(answer::plain(request, 482, Some("Merged Request"), tag));
        }
        if is_new && self.draining && request.method() == Some(&Method::Invite) {
            return Some(answer::unavailable(request, "Shutting Down", tag));
        }
        let seen = if is_new {
            self.seen(now, request, &destination)
        } else {
            Seen::No
        };
        let (from, who) = match seen {
            // Who sends it was asked when it left.
            Seen::At(place) => (place, Subject::Anyone),
            Seen::Stale => return Some(answer::plain(request, 403, Some("Stale Route"), tag)),
            Seen::No => match self.admit(now, request, flow, &destination, tag) {
                Ok(who) => (0, who),
                Err(refused) => return Some(refused),
            },
        };
        let destination = if is_new {
            match self.route(now, request, flow, destination, (tag, from)) {
                Ok(destination) => destination,
                Err(response) => return Some(response),
            }
        } else {
            destination
        };
        if is_new && self.is_for_nobody(now, &who, &destination.target) {
            return Some(answer::plain(request, 404, None, tag));
        }
        let input = proxy::Input::Request {
            id,
            request,
            flow,
            destination,
        };
        self.proxy.handle(now, input, &mut self.passed);
        None
    }

    /// The response to a request to the server itself, in the order of section 8.2. `None` only for ACK and CANCEL, which
    /// the transaction layer keeps to itself.
    fn answer(
        &mut self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        tag: &Tag,
        out: &mut Outbox,
    ) -> Option<Bytes> {
        let method = request.method()?;
        if !answer::is_allowed(method) {
            return Some(answer::not_allowed(request, tag));
        }
        let in_dialog = request.to().is_ok_and(|to| to.tag().is_some());
        let sight = if in_dialog {
            Sight::New(Mark::default())
        } else {
            self.merged.look(now, request, flow)
        };
        if sight == Sight::Merged {
            return Some(answer::plain(request, 482, Some("Merged Request"), tag));
        }
        let supported = if *method == Method::Register {
            registrar::SUPPORTED
        } else {
            &[]
        };
        if let Some(refused) = answer::bad_extension(request, supported, tag)
            .or_else(|| answer::unsupported_body(request, tag))
        {
            return Some(refused);
        }
        match method {
            Method::Register | Method::Invite
                if self.draining
                    && sight != Sight::Repeated
                    && !(in_dialog && *method == Method::Invite) =>
            {
                Some(answer::unavailable(request, "Shutting Down", tag))
            }
            Method::Register => self
                .without_registrar(request, tag)
                .or_else(|| Some(self.register(now, request, flow, (tag, sight), out))),
            Method::Options if !in_dialog => Some(answer::capabilities(request, tag)),
            // Nobody answers a call here but phones.
            Method::Invite if !in_dialog => Some(answer::plain(request, 404, None, tag)),
            // Section 12.2.2: of a dialog that we have not, or no more.
            Method::Invite | Method::Options | Method::Bye | Method::Info | Method::Update => {
                Some(answer::plain(request, 481, None, tag))
            }
            Method::Ack | Method::Cancel => None,
            Method::Message
            | Method::Notify
            | Method::Prack
            | Method::Publish
            | Method::Refer
            | Method::Subscribe
            | Method::Extension(_) => Some(answer::not_allowed(request, tag)),
        }
    }

    fn register(
        &mut self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        (tag, sight): (&Tag, Sight),
        out: &mut Outbox,
    ) -> Bytes {
        if let Err(refused) = self.door.judge(now, request, flow, Desk::Registrar, tag) {
            return refused;
        }
        let (registrar, location) = (&self.registrar, &self.location);
        let outcome = match sight {
            Sight::Repeated => registrar.repeated(now, request, flow, tag, location),
            Sight::New(_) | Sight::Merged => registrar.register(now, request, flow, tag, location),
        };
        if let (Sight::New(mark), true) = (sight, outcome.accepted) {
            self.merged.carried_out(mark, flow);
        }
        out.events
            .extend(outcome.change.map(|change| phone(now, change)));
        out.wake
            .extend(outcome.wake.filter(|shard| *shard != self.shard));
        if let Some(silence) = outcome.keep_alive {
            self.keep_alive(now, request, flow, silence, out);
        }
        outcome.response
    }

    fn is_for_call(&self, message: &Message) -> bool {
        message.call_id().is_ok_and(|id| self.calls.knows(id))
    }

    /// Outside of any transaction (section 8.2.7): repeated requests are answered again, alike.
    fn send_stateless(&mut self, request: &Message, flow: &Flow, bytes: Bytes) {
        self.heard.transmit.push(Transmit {
            flow: response_flow(request, flow),
            bytes,
        });
    }
}

/// Whether a request ends here. An OPTIONS that may go no further is answered as one to us (section 16.3 step 3).
fn is_for_server(request: &Message, destination: &Destination) -> bool {
    let may_not_go_on =
        || request.method() == Some(&Method::Options) && request.max_forwards() == Ok(Some(0));
    destination.target == Target::Server || may_not_go_on()
}
