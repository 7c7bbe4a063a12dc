//! An office on the virtual network that calls phones: the UAC usage on the transaction layer, and a registrar that
//! says yes.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use sip::dialog::invite_uac::{InviteParams, InviteUac, State};
use sip::dialog::{ALLOW, Body, Effect, Event, Input, Outbox, RequestId};
use sip::msg::build::Response;
use sip::msg::{Message, Method, Name, lex};
use sip::name::{ConnectionId, Flow, Ids, Transport};
use sip::time::Instant;
use sip::transaction::{self, Layer, ServerId, Timers, Transmit};
use testkit::net::Node;

pub(crate) const OFFICE: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)),
    5080,
);

/// One call of the office.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) uac: InviteUac,
    pub(crate) heard: Vec<Event>,
    /// How long the ACK is held.
    hold: Option<Duration>,
    release_at: Option<Instant>,
    pub(crate) hang_up_at: Option<Instant>,
}

#[derive(Debug)]
pub(crate) struct Office {
    layer: Layer<(usize, RequestId)>,
    ids: Ids,
    pub(crate) legs: Vec<Leg>,
    /// The way by which a phone registered last.
    pub(crate) flow: Option<Flow>,
}

impl Office {
    pub(crate) fn new(seed: u8) -> Self {
        Self {
            layer: Layer::new(Timers::RFC, 1_000, [seed; 16]),
            ids: Ids::new([seed; 32], 0),
            legs: Vec::new(),
            flow: None,
        }
    }

    /// Calls the phone at `to`, and holds the ACK for `hold` (`None`: for ever).
    pub(crate) fn call(
        &mut self,
        now: Instant,
        to: SocketAddr,
        (hold, body): (Option<Duration>, Option<Body>),
        out: &mut Vec<Transmit>,
    ) {
        let flow = self.flow.unwrap_or(Flow {
            transport: Transport::Udp,
            local: OFFICE,
            peer: to,
            connection: ConnectionId::NONE,
        });
        let params = InviteParams {
            call_id: self.ids.call_id(),
            from: "\"Bob\" <sip:bob@click.test>",
            to: "<sip:alice@click.test>",
            request_uri: &format!("sip:alice@{to}"),
            contact: &format!("<sip:{OFFICE};transport={}>", flow.transport.uri_param()),
            flow,
            host: None,
            route: &[],
            headers: &[],
            body,
            allow: ALLOW,
            timers: Timers::RFC,
        };
        let mut effects = Outbox::default();
        let uac = InviteUac::start(&params, &mut self.ids, &mut effects);
        self.legs.push(Leg {
            uac,
            heard: Vec::new(),
            hold,
            release_at: None,
            hang_up_at: None,
        });
        self.carry_out(now, self.legs.len() - 1, effects, out);
    }

    /// Gives an input to a leg.
    pub(crate) fn tell(
        &mut self,
        now: Instant,
        leg: usize,
        input: Input<'_>,
        out: &mut Vec<Transmit>,
    ) {
        let mut effects = Outbox::default();
        self.legs[leg]
            .uac
            .handle(now, input, &mut self.ids, &mut effects);
        self.carry_out(now, leg, effects, out);
    }

    /// What the last leg heard.
    pub(crate) fn heard(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        let leg = self.legs.last().expect("a leg");
        leg.heard.iter().filter(|event| is_it(event)).count()
    }

    pub(crate) fn state(&self) -> State {
        self.legs.last().expect("a leg").uac.state()
    }

    pub(crate) fn transactions(&self) -> usize {
        self.layer.len()
    }

    fn carry_out(&mut self, now: Instant, leg: usize, effects: Outbox, out: &mut Vec<Transmit>) {
        for effect in effects.effects {
            let mut outbox = transaction::Outbox::new();
            match effect {
                Effect::Request { id, bytes, flow } => {
                    let user = (leg, id);
                    let begun = self.layer.request(now, bytes, flow, user, &mut outbox);
                    begun.expect("room");
                }
                Effect::Cancel { branch, reason } => {
                    let reason = reason.map(|reason| reason.to_string());
                    let reason = reason.as_deref();
                    self.layer.cancel(now, &branch, reason, &mut outbox);
                }
                Effect::Transmit { bytes, flow } => out.push(Transmit { flow, bytes }),
                Effect::Respond { id, bytes } => {
                    let _ = self.layer.respond(now, id, bytes, &mut outbox);
                }
                Effect::Event(event) => self.hear(now, leg, event, out),
            }
            self.pump(now, outbox, out);
        }
    }

    fn hear(&mut self, now: Instant, leg: usize, event: Event, out: &mut Vec<Transmit>) {
        if let Event::Asked { id, request } = &event {
            let input = match request.method() {
                Some(Method::Invite | Method::Update) => Input::Respond {
                    id: *id,
                    status: 200,
                    headers: &[],
                    body: Body::of(request),
                },
                _ => Input::Decline(*id),
            };
            self.tell(now, leg, input, out);
        }
        let leg = &mut self.legs[leg];
        if let (Event::Answered { .. }, Some(hold)) = (&event, leg.hold) {
            leg.release_at = Some(now + hold);
        }
        leg.heard.push(event);
    }

    fn pump(
        &mut self,
        now: Instant,
        outbox: transaction::Outbox<(usize, RequestId)>,
        out: &mut Vec<Transmit>,
    ) {
        out.extend(outbox.transmit);
        for event in outbox.events {
            self.event(now, event, out);
        }
    }

    fn event(
        &mut self,
        now: Instant,
        event: transaction::Event<(usize, RequestId)>,
        out: &mut Vec<Transmit>,
    ) {
        use transaction::Event as Layer;
        match event {
            Layer::Request { id, request, flow } => self.request(now, id, &request, flow, out),
            Layer::Ack { ack, .. } => {
                if let Some(leg) = self.leg_of(&ack) {
                    self.tell(now, leg, Input::PeerAck { ack: &ack }, out);
                }
            }
            Layer::Cancel { invite, cancel } => {
                if let Some(leg) = self.leg_of(&cancel) {
                    let id = invite;
                    self.tell(now, leg, Input::PeerCancel { id, reason: None }, out);
                }
            }
            Layer::Response {
                user: (leg, request),
                response,
                flow,
            } => {
                let input = Input::Response {
                    request,
                    response: &response,
                    flow: &flow,
                };
                self.tell(now, leg, input, out);
            }
            Layer::Stray { response, flow } => {
                if let Some(leg) = self.leg_of(&response) {
                    let input = Input::Stray {
                        response: &response,
                        flow: &flow,
                    };
                    self.tell(now, leg, input, out);
                }
            }
            Layer::TimedOut { user: (leg, id) } => self.tell(now, leg, Input::TimedOut(id), out),
            Layer::Unreachable { user: (leg, id) } => {
                self.tell(now, leg, Input::Unreachable(id), out);
            }
            Layer::Overload { .. } | Layer::Unacknowledged { .. } | Layer::Undeliverable { .. } => {
            }
        }
    }

    fn request(
        &mut self,
        now: Instant,
        id: ServerId,
        request: &Message,
        flow: Flow,
        out: &mut Vec<Transmit>,
    ) {
        if let Some(leg) = self.leg_of(request) {
            let flow = &flow;
            self.tell(now, leg, Input::Request { id, request, flow }, out);
            return;
        }
        let is_register = request.method() == Some(&Method::Register);
        let status = if is_register { 200 } else { 481 };
        let mut draft = Response::to(request, status, None, None);
        if let (true, Some(contact)) = (is_register, request.text(Name::Contact)) {
            let expires = request.expires().unwrap_or(0);
            if expires > 0 {
                draft = draft.contact(format_args!("{contact};expires={expires}"));
            }
            self.flow = Some(flow);
        }
        let mut outbox = transaction::Outbox::new();
        let _ = self.layer.respond(now, id, draft.finish(), &mut outbox);
        self.pump(now, outbox, out);
    }

    fn leg_of(&self, message: &Message) -> Option<usize> {
        let call_id = message.call_id().ok()?;
        let mut legs = self.legs.iter();
        legs.position(|leg| leg.uac.call_id().as_str() == call_id)
    }
}

impl Node for Office {
    fn receive(&mut self, now: Instant, flow: Flow, bytes: Bytes, out: &mut Vec<Transmit>) {
        let mut message = lex(bytes).expect("phones send messages");
        assert_eq!(message.verify(), Ok(()));
        if message.is_request() {
            message = message.stamped(&flow);
        }
        let mut outbox = transaction::Outbox::new();
        let input = transaction::Input::Message { message, flow };
        self.layer.handle(now, input, &mut outbox);
        self.pump(now, outbox, out);
    }

    fn broken(&mut self, now: Instant, flow: Flow, out: &mut Vec<Transmit>) {
        let mut outbox = transaction::Outbox::new();
        let input = transaction::Input::Broken(flow);
        self.layer.handle(now, input, &mut outbox);
        self.pump(now, outbox, out);
    }

    fn deadline(&self) -> Option<Instant> {
        let legs = self.legs.iter();
        let plans = legs.flat_map(|leg| [leg.uac.deadline(), leg.release_at, leg.hang_up_at]);
        plans.flatten().chain(self.layer.deadline()).min()
    }

    fn timeout(&mut self, now: Instant, out: &mut Vec<Transmit>) {
        let mut outbox = transaction::Outbox::new();
        self.layer
            .handle(now, transaction::Input::Timeout, &mut outbox);
        self.pump(now, outbox, out);
        for leg in 0..self.legs.len() {
            self.tell(now, leg, Input::Timeout, out);
            if self.legs[leg].release_at.is_some_and(|at| at <= now) {
                self.legs[leg].release_at = None;
                let body = Some(Body::sdp(
                    &b"v=0\r\nc=IN IP4 10.0.0.9\r\nm=audio 9 RTP/AVP 0\r\n"[..],
                ));
                self.tell(now, leg, Input::Ack { body }, out);
            }
            if self.legs[leg].hang_up_at.is_some_and(|at| at <= now) {
                self.legs[leg].hang_up_at = None;
                self.tell(now, leg, Input::HangUp { reason: None }, out);
            }
        }
    }
}
