//! A node for the virtual network: a transaction layer, and a user of it that asks, answers and keeps books.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use sip::msg::build::{Request, Response};
use sip::msg::{Message, Method, lex};
use sip::name::{Branch, Flow, Ids, Tag};
use sip::time::Instant;
use sip::transaction::{Event, Input, Layer, Outbox, ServerId, Timers, Transmit};
use testkit::chance::Chance;
use testkit::net::Node;

/// What a request has come to at its client, by Call-ID.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// The final status, however often it came.
    pub(crate) status: Option<u16>,
    /// How often a failure, a time-out or a broken flow was told.
    pub(crate) endings: u32,
}

/// What a request has come to at its server, by Call-ID.
#[derive(Clone, Debug, Default)]
pub(crate) struct Served {
    /// How often it was given to the user.
    pub(crate) times: u32,
    /// The final status of the answer, if it was in time.
    pub(crate) status: Option<u16>,
    /// Whether an ACK to a 2xx came.
    pub(crate) acknowledged: bool,
}

/// What the user will do.
enum Plan {
    Answer {
        id: ServerId,
        status: u16,
    },
    Repeat {
        id: ServerId,
        call: String,
        response: Bytes,
        pause: Duration,
    },
    Cancel {
        branch: Branch,
    },
}

/// See the [module](self).
pub(crate) struct Peer {
    pub(crate) layer: Layer<String>,
    pub(crate) asked: BTreeMap<String, Asked>,
    pub(crate) served: BTreeMap<String, Served>,
    /// Requests that came and are still to be answered.
    open: HashMap<ServerId, Message>,
    plans: BTreeMap<(Instant, usize), Plan>,
    planned: usize,
    ids: Ids,
    chance: Chance,
    outbox: Outbox<String>,
}

impl Peer {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&chance.next().to_be_bytes());
        Self {
            layer: Layer::new(Timers::RFC, 1_000, [1; 16]),
            asked: BTreeMap::new(),
            served: BTreeMap::new(),
            open: HashMap::new(),
            plans: BTreeMap::new(),
            planned: 0,
            ids: Ids::new(bytes, 0),
            chance,
            outbox: Outbox::new(),
        }
    }

    /// Sends a request; an INVITE may be cancelled later.
    pub(crate) fn ask(
        &mut self,
        now: Instant,
        method: &Method,
        flow: Flow,
        out: &mut Vec<Transmit>,
    ) {
        let (branch, call) = (self.ids.branch(), self.ids.call_id().to_string());
        let bytes = Request::new(method, "sip:peer@example.com")
            .via(flow.transport, flow.local, &branch)
            .from(format_args!("<sip:me@example.com>;tag={}", self.ids.tag()))
            .to("<sip:peer@example.com>")
            .call_id(&call)
            .cseq(1, method)
            .max_forwards(70)
            .finish();
        self.asked.insert(call.clone(), Asked::default());
        self.layer
            .request(now, bytes, flow, call, &mut self.outbox)
            .expect("there is room");
        if *method == Method::Invite {
            if self.chance.happens(40) {
                let after = self.think();
                self.plan(
                    now + after,
                    Plan::Cancel {
                        branch: branch.clone(),
                    },
                );
            }
            // Nothing but its user ends an INVITE that rings.
            self.plan(now + Duration::from_secs(60), Plan::Cancel { branch });
        }
        self.settle(now, out);
    }

    fn think(&mut self) -> Duration {
        self.chance
            .within(&(Duration::ZERO..=Duration::from_secs(8)))
    }

    fn plan(&mut self, at: Instant, plan: Plan) {
        self.planned += 1;
        self.plans.insert((at, self.planned), plan);
    }

    fn carry_out(&mut self, now: Instant, plan: Plan) {
        match plan {
            Plan::Cancel { branch } => self.layer.cancel(now, &branch, None, &mut self.outbox),
            Plan::Answer { id, status } => self.answer(now, id, status),
            Plan::Repeat {
                id,
                call,
                response,
                pause,
            } => {
                let acknowledged = self
                    .served
                    .get(&call)
                    .is_some_and(|served| served.acknowledged);
                let sent = !acknowledged
                    && self
                        .layer
                        .respond(now, id, response.clone(), &mut self.outbox)
                        .is_ok();
                if sent {
                    let pause = (pause * 2).min(Timers::RFC.t2);
                    self.plan(
                        now + pause,
                        Plan::Repeat {
                            id,
                            call,
                            response,
                            pause,
                        },
                    );
                }
            }
        }
    }

    /// Gives the final answer, unless it has been given.
    fn answer(&mut self, now: Instant, id: ServerId, status: u16) {
        let Some(request) = self.open.remove(&id) else {
            return;
        };
        let call = request.call_id().expect("a Call-ID").to_owned();
        let response = Response::to(&request, status, None, Some(&Tag::new("peer"))).finish();
        if self
            .layer
            .respond(now, id, response.clone(), &mut self.outbox)
            .is_err()
        {
            return;
        }
        self.served.entry(call.clone()).or_default().status = Some(status);
        if status < 300 && request.method() == Some(&Method::Invite) {
            let pause = Timers::RFC.t1;
            self.plan(
                now + pause,
                Plan::Repeat {
                    id,
                    call,
                    response,
                    pause,
                },
            );
        }
    }

    fn hear(&mut self, now: Instant, event: Event<String>) {
        match event {
            Event::Request { id, request, .. } => {
                let call = request.call_id().expect("a Call-ID").to_owned();
                self.served.entry(call).or_default().times += 1;
                let is_invite = request.method() == Some(&Method::Invite);
                if is_invite && self.chance.happens(50) {
                    let ringing =
                        Response::to(&request, 180, None, Some(&Tag::new("peer"))).finish();
                    let sent = self.layer.respond(now, id, ringing, &mut self.outbox);
                    assert_eq!(sent, Ok(()));
                }
                self.open.insert(id, request);
                let status = if self.chance.happens(50) { 200 } else { 486 };
                let after = self.think();
                self.plan(now + after, Plan::Answer { id, status });
            }
            Event::Cancel { invite, .. } => self.answer(now, invite, 487),
            Event::Ack { ack, .. } => {
                let call = ack.call_id().expect("a Call-ID").to_owned();
                // That of a failure comes this way too when it is late (timer I); it means nothing.
                let served = self.served.entry(call).or_default();
                served.acknowledged |= served.status == Some(200);
            }
            Event::Response {
                user,
                response,
                flow,
            } => {
                let status = response.status().expect("a status");
                let asked = self.asked.get_mut(&user).expect("it was asked");
                if status < 200 {
                    assert_eq!(asked.status, None, "nothing provisional after the end");
                    return;
                }
                assert!(
                    asked.status.is_none_or(|before| before == status),
                    "one status"
                );
                asked.status = Some(status);
                let (_, method) = response.cseq().expect("a CSeq");
                let is_accepted_invite = status < 300 && method == Method::Invite;
                if is_accepted_invite {
                    self.outbox.transmit.push(Transmit {
                        flow,
                        bytes: ack_of(&response, &flow),
                    });
                } else {
                    asked.endings += 1;
                }
            }
            Event::TimedOut { user } | Event::Unreachable { user } => {
                self.asked.get_mut(&user).expect("it was asked").endings += 1;
            }
            Event::Unacknowledged { id } => {
                assert!(!self.open.contains_key(&id), "it was answered");
            }
            Event::Stray { .. } | Event::Undeliverable { .. } => {}
            Event::Overload { .. } => panic!("there is room for all"),
        }
    }

    /// Hears all news and sends all messages.
    fn settle(&mut self, now: Instant, out: &mut Vec<Transmit>) {
        while !self.outbox.events.is_empty() {
            for event in std::mem::take(&mut self.outbox.events) {
                self.hear(now, event);
            }
        }
        out.append(&mut self.outbox.transmit);
    }
}

/// The ACK to a 2xx (RFC 3261 13.2.2.4): the same bytes for the same response.
fn ack_of(response: &Message, flow: &Flow) -> Bytes {
    let raw = |name| String::from_utf8_lossy(response.raw(name).expect("a header")).into_owned();
    let call = response.call_id().expect("a Call-ID");
    Request::new(&Method::Ack, "sip:peer@example.com")
        .via(
            flow.transport,
            flow.local,
            &Branch::new(&format!("z9hG4bKack{call}")),
        )
        .from(raw(sip::msg::Name::From))
        .to(raw(sip::msg::Name::To))
        .call_id(call)
        .cseq(1, &Method::Ack)
        .max_forwards(70)
        .finish()
}

impl Node for Peer {
    fn receive(&mut self, now: Instant, flow: Flow, bytes: Bytes, out: &mut Vec<Transmit>) {
        let message = lex(bytes).expect("a message").stamped(&flow);
        let input = Input::Message { message, flow };
        self.layer.handle(now, input, &mut self.outbox);
        self.settle(now, out);
    }

    fn broken(&mut self, now: Instant, flow: Flow, out: &mut Vec<Transmit>) {
        self.layer
            .handle(now, Input::Broken(flow), &mut self.outbox);
        self.settle(now, out);
    }

    fn deadline(&self) -> Option<Instant> {
        let plan = self.plans.first_key_value().map(|((at, _), _)| *at);
        [plan, self.layer.deadline()].into_iter().flatten().min()
    }

    fn timeout(&mut self, now: Instant, out: &mut Vec<Transmit>) {
        while let Some(plan) = self.plans.first_entry().filter(|plan| plan.key().0 <= now) {
            let plan = plan.remove();
            self.carry_out(now, plan);
        }
        self.layer.handle(now, Input::Timeout, &mut self.outbox);
        self.settle(now, out);
    }
}
