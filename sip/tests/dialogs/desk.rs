//! A desk to put one usage on: gives it inputs, says in a word or two what came out.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use sip::dialog::invite_uac::{InviteParams, InviteUac};
use sip::dialog::invite_uas::{AnswerParams, InviteUas};
use sip::dialog::{ALLOW, Body, Effect, End, Event, Input, Outbox, Reason, RequestId};
use sip::msg::build::{Request, Response};
use sip::msg::{Message, Method, Name, lex};
use sip::name::{Branch, ConnectionId, Flow, Ids, Tag, Transport};
use sip::time::Instant;
use sip::transaction::{self, Layer, ServerId, Timers};

pub(crate) const START: Instant = Instant::from_unix_micros(1_700_000_000_000_000);

pub(crate) fn flow() -> Flow {
    Flow {
        transport: Transport::Udp,
        local: SocketAddr::from(([192, 0, 2, 1], 5080)),
        peer: SocketAddr::from(([192, 0, 2, 7], 5060)),
        connection: ConnectionId::NONE,
    }
}

pub(crate) fn sdp(text: &str) -> Body {
    Body::sdp(text.to_owned())
}

/// Whatever usage stands on the desk.
pub(crate) trait Usage {
    fn handle(&mut self, now: Instant, input: Input<'_>, ids: &mut Ids, out: &mut Outbox);
    fn deadline(&self) -> Option<Instant>;
}

impl Usage for InviteUac {
    fn handle(&mut self, now: Instant, input: Input<'_>, ids: &mut Ids, out: &mut Outbox) {
        InviteUac::handle(self, now, input, ids, out);
    }

    fn deadline(&self) -> Option<Instant> {
        InviteUac::deadline(self)
    }
}

impl Usage for InviteUas {
    fn handle(&mut self, now: Instant, input: Input<'_>, ids: &mut Ids, out: &mut Outbox) {
        InviteUas::handle(self, now, input, ids, out);
    }

    fn deadline(&self) -> Option<Instant> {
        InviteUas::deadline(self)
    }
}

pub(crate) struct Desk<U> {
    pub(crate) usage: U,
    pub(crate) now: Instant,
    pub(crate) ids: Ids,
    /// The first INVITE of the usage, ours or the peer's.
    pub(crate) invite: Message,
    /// Every effect so far.
    pub(crate) past: Vec<Effect>,
    layer: Layer<()>,
    cseq: u32,
    /// The server transaction of the peer's INVITE.
    peers_invite: Option<ServerId>,
}

impl Desk<InviteUac> {
    /// We have sent an INVITE without offer.
    pub(crate) fn uac() -> Self {
        Self::uac_with(flow(), None)
    }

    pub(crate) fn uac_with(flow: Flow, body: Option<Body>) -> Self {
        let mut ids = Ids::new([7; 32], 0);
        let params = InviteParams {
            call_id: ids.call_id(),
            from: "\"Bob\" <sip:bob@click.test>",
            to: "<sip:alice@click.test>",
            request_uri: "sip:alice@192.0.2.7:5060",
            contact: "<sip:192.0.2.1:5080;transport=udp>",
            flow,
            host: None,
            route: &[],
            headers: &[("Subject", "a test")],
            body,
            allow: ALLOW,
            timers: Timers::RFC,
        };
        let mut out = Outbox::default();
        let usage = InviteUac::start(&params, &mut ids, &mut out);
        let invite = match out.effects.first() {
            Some(Effect::Request { bytes, .. }) => lex(bytes.clone()).expect("an INVITE"),
            other => panic!("no INVITE but {other:?}"),
        };
        Self::new(usage, ids, invite, out.effects)
    }

    /// The whole way to a session that stands.
    pub(crate) fn established() -> Self {
        let mut desk = Self::uac();
        desk.invite_hears(180, "a1");
        desk.invite_hears(200, "a1");
        desk.give(Input::Ack { body: None });
        desk
    }

    /// A response of the peer with this To tag to our INVITE.
    pub(crate) fn to_invite(&self, status: u16, tag: &str) -> Message {
        let draft = Response::to(&self.invite, status, None, Some(&Tag::new(tag)));
        let message = match status {
            100 => draft.finish(),
            180 | 300..=699 => draft.contact("<sip:alice@192.0.2.7:5060>").finish(),
            _ => draft
                .contact("<sip:alice@192.0.2.7:5060>")
                .body("application/sdp", b"offer")
                .finish(),
        };
        lex(message).expect("a response")
    }

    pub(crate) fn invite_hears(&mut self, status: u16, tag: &str) -> String {
        let response = self.to_invite(status, tag);
        let request = self.id_of_invite();
        self.give(Input::Response {
            request,
            response: &response,
            flow: &flow(),
        })
    }

    pub(crate) fn id_of_invite(&self) -> RequestId {
        match self.past.first() {
            Some(Effect::Request { id, .. }) => *id,
            other => panic!("no INVITE but {other:?}"),
        }
    }
}

impl Desk<InviteUas> {
    /// We have received an INVITE.
    pub(crate) fn uas() -> Self {
        let mut ids = Ids::new([7; 32], 0);
        let bytes = Request::new(&Method::Invite, "sip:alice@192.0.2.1:5080")
            .via(Transport::Udp, flow().peer, &Branch::new("z9hG4bKfirst"))
            .from("<sip:bob@click.test>;tag=a1")
            .to("<sip:alice@click.test>")
            .call_id("call-1")
            .cseq(1, &Method::Invite)
            .max_forwards(70)
            .contact("<sip:bob@192.0.2.7:5060>")
            .header(Name::RecordRoute, "<sip:p2.test;lr>;own=param")
            .header(Name::RecordRoute, "<sip:p1.test;lr;x=y>")
            .finish();
        let mut layer = Layer::new(Timers::RFC, 1_000, [0; 16]);
        let (id, invite) = received(&mut layer, bytes);
        let params = AnswerParams {
            contact: "<sip:192.0.2.1:5080;transport=udp>",
            allow: ALLOW,
            timers: Timers::RFC,
        };
        let usage = InviteUas::start(id, &invite, &flow(), &params, &mut ids);
        Self {
            layer,
            cseq: 1,
            peers_invite: Some(id),
            ..Self::new(usage, ids, invite, Vec::new())
        }
    }

    pub(crate) fn id_of_peers_invite(&self) -> ServerId {
        self.peers_invite.expect("an INVITE of the peer")
    }

    pub(crate) fn act(&mut self, act: impl FnOnce(&mut InviteUas, Instant, &mut Outbox)) -> String {
        let mut out = Outbox::default();
        act(&mut self.usage, self.now, &mut out);
        self.keep(out)
    }
}

impl<U: Usage> Desk<U> {
    fn new(usage: U, ids: Ids, invite: Message, past: Vec<Effect>) -> Self {
        Self {
            usage,
            now: START,
            ids,
            invite,
            past,
            layer: Layer::new(Timers::RFC, 1_000, [0; 16]),
            cseq: 100,
            peers_invite: None,
        }
    }

    /// Gives one input, and says what came of it.
    pub(crate) fn give(&mut self, input: Input<'_>) -> String {
        let mut out = Outbox::default();
        self.usage.handle(self.now, input, &mut self.ids, &mut out);
        self.keep(out)
    }

    fn keep(&mut self, out: Outbox) -> String {
        let said: Vec<String> = out.effects.iter().map(word).collect();
        self.past.extend(out.effects);
        said.join(", ")
    }

    pub(crate) fn hang_up(&mut self) -> String {
        self.give(Input::HangUp {
            reason: Some(Reason::sip(480, "bye")),
        })
    }

    /// Lets time pass, and wakes the usage at each of its deadlines.
    pub(crate) fn wait(&mut self, span: Duration) -> String {
        let until = self.now + span;
        let mut said = Vec::new();
        while let Some(at) = self.usage.deadline().filter(|&at| at <= until) {
            assert!(at >= self.now, "a deadline in the past");
            self.now = at;
            let now = self.give(Input::Timeout);
            if !now.is_empty() {
                said.push(format!("{}s {now}", at.since(START).as_secs_f64()));
            }
        }
        self.now = until;
        said.join(", ")
    }

    /// A request of the peer in the dialog with its tag `tag`.
    pub(crate) fn peer_request(
        &mut self,
        method: &Method,
        tag: &str,
        body: &str,
    ) -> (ServerId, Message) {
        self.cseq += 1;
        self.peer_request_with(method, tag, self.cseq, &[], body)
    }

    pub(crate) fn peer_request_with(
        &mut self,
        method: &Method,
        tag: &str,
        cseq: u32,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (ServerId, Message) {
        let own = self.own_tag();
        let branch = self.ids.branch();
        let mut draft = Request::new(method, "sip:192.0.2.1:5080;transport=udp")
            .via(Transport::Udp, flow().peer, &branch)
            .from(format_args!("<sip:alice@click.test>;tag={tag}"))
            .to(format_args!("<sip:bob@click.test>;tag={own}"))
            .call_id(self.invite.call_id().expect("a Call-ID"))
            .cseq(cseq, method)
            .max_forwards(70)
            .contact("<sip:alice@192.0.2.8:5062>");
        for (name, value) in headers {
            draft = draft.raw(name, value.as_bytes());
        }
        if !body.is_empty() {
            draft = draft.body("application/sdp", body.as_bytes());
        }
        received(&mut self.layer, draft.finish())
    }

    /// Our tag: From of an INVITE of ours, To of the first response of ours.
    fn own_tag(&self) -> String {
        let ours = self.past.iter().find_map(|effect| match effect {
            Effect::Respond { bytes, .. } => {
                let response = lex(bytes.clone()).expect("a response");
                Some(response.to().expect("To").tag().expect("a tag").to_owned())
            }
            Effect::Request { .. }
            | Effect::Cancel { .. }
            | Effect::Transmit { .. }
            | Effect::Event(_) => None,
        });
        let from = self.invite.from().expect("From");
        match self.past.first() {
            Some(Effect::Request { .. }) => from.tag().expect("a tag").to_owned(),
            _ => ours.unwrap_or_else(|| "unknown".to_owned()),
        }
    }

    pub(crate) fn peer(&mut self, method: &Method, tag: &str, body: &str) -> String {
        let (id, request) = self.peer_request(method, tag, body);
        self.ask(id, &request)
    }

    pub(crate) fn ask(&mut self, id: ServerId, request: &Message) -> String {
        self.give(Input::Request {
            id,
            request,
            flow: &flow(),
        })
    }

    /// The peer's ACK to our 2xx whose INVITE had this CSeq number.
    pub(crate) fn peer_acks(&mut self, cseq: u32, tag: &str, body: &str) -> String {
        let (_, as_invite) = self.peer_request_with(&Method::Info, tag, cseq, &[], body);
        let text = String::from_utf8(as_invite.bytes().to_vec()).expect("text");
        let ack = lex(Bytes::from(text.replace("INFO", "ACK"))).expect("an ACK");
        self.give(Input::PeerAck { ack: &ack })
    }

    /// The last request of ours with this method: its name and itself.
    pub(crate) fn last(&self, method: &Method) -> (RequestId, Message) {
        let sent = self.sent(method).pop();
        sent.unwrap_or_else(|| panic!("no {method} was sent"))
    }

    pub(crate) fn has_sent(&self, method: &Method) -> bool {
        !self.sent(method).is_empty()
    }

    /// All requests of ours with this method, in order.
    pub(crate) fn sent(&self, method: &Method) -> Vec<(RequestId, Message)> {
        let sent = self.past.iter().filter_map(|effect| match effect {
            Effect::Request { id, bytes, .. } => {
                let request = lex(bytes.clone()).expect("a request");
                (request.method() == Some(method)).then_some((*id, request))
            }
            Effect::Cancel { .. }
            | Effect::Transmit { .. }
            | Effect::Respond { .. }
            | Effect::Event(_) => None,
        });
        sent.collect()
    }

    /// The peer answers the last request of ours with this method.
    pub(crate) fn hears(&mut self, method: &Method, status: u16, body: &str) -> String {
        let (id, request) = self.last(method);
        let response = self.response_to(&request, status, body);
        self.give(Input::Response {
            request: id,
            response: &response,
            flow: &flow(),
        })
    }

    /// The peer's response to a request of ours in the dialog.
    pub(crate) fn response_to(&self, request: &Message, status: u16, body: &str) -> Message {
        let mut draft = Response::to(request, status, None, None);
        if status < 300 {
            draft = draft.contact("<sip:alice@192.0.2.9:5064>");
        }
        if !body.is_empty() {
            draft = draft.body("application/sdp", body.as_bytes());
        }
        lex(draft.finish()).expect("a response")
    }

    /// Every ACK we sent, in order.
    pub(crate) fn acks(&self) -> Vec<Message> {
        let sent = self.past.iter().filter_map(|effect| match effect {
            Effect::Transmit { bytes, .. } => Some(lex(bytes.clone()).expect("an ACK")),
            Effect::Request { .. }
            | Effect::Cancel { .. }
            | Effect::Respond { .. }
            | Effect::Event(_) => None,
        });
        sent.collect()
    }

    /// The last response we gave.
    pub(crate) fn last_response(&self) -> Message {
        let mut sent = self.past.iter().rev().filter_map(|effect| match effect {
            Effect::Respond { bytes, .. } => Some(lex(bytes.clone()).expect("a response")),
            Effect::Request { .. }
            | Effect::Cancel { .. }
            | Effect::Transmit { .. }
            | Effect::Event(_) => None,
        });
        sent.next().expect("a response")
    }
}

fn received(layer: &mut Layer<()>, bytes: Bytes) -> (ServerId, Message) {
    let mut out = transaction::Outbox::new();
    let message = lex(bytes).expect("a request");
    message.verify().expect("a good request");
    let input = transaction::Input::Message {
        message,
        flow: flow(),
    };
    layer.handle(START, input, &mut out);
    match out.events.pop() {
        Some(transaction::Event::Request { id, request, .. }) => (id, request),
        other => panic!("no new request: {other:?}"),
    }
}

pub(crate) fn text(message: &Message, name: Name) -> String {
    message.text(name).unwrap_or_default().into_owned()
}

/// One effect in a word or two: `BYE`, `ACK+offer`, `200 to BYE`, `answered+offer`.
fn word(effect: &Effect) -> String {
    match effect {
        Effect::Request { bytes, .. } | Effect::Transmit { bytes, .. } => {
            let request = lex(bytes.clone()).expect("a request");
            assert_eq!(request.verify(), Ok(()), "{request:?}");
            let method = request.method().expect("a method");
            format!("{method}{}", with(Body::of(&request).as_ref()))
        }
        Effect::Cancel { .. } => "CANCEL".to_owned(),
        Effect::Respond { bytes, .. } => {
            let response = lex(bytes.clone()).expect("a response");
            assert_eq!(response.verify(), Ok(()), "{response:?}");
            let (_, method) = response.cseq().expect("CSeq");
            let body = Body::of(&response);
            let status = response.status().expect("a status");
            format!("{status} to {method}{}", with(body.as_ref()))
        }
        Effect::Event(event) => event_word(event),
    }
}

fn event_word(event: &Event) -> String {
    match event {
        Event::Trying => "trying".to_owned(),
        Event::Progress { status, body } => format!("progress {status}{}", with(body.as_ref())),
        Event::Answered { body } => format!("answered{}", with(body.as_ref())),
        Event::Confirmed { body } => format!("confirmed{}", with(body.as_ref())),
        Event::Modifying { status } => format!("modifying {status}"),
        Event::Modified { body } => format!("modified{}", with(body.as_ref())),
        Event::NotModified { status: None } => "not modified".to_owned(),
        Event::NotModified { status: Some(s) } => format!("not modified {s}"),
        Event::Replied { mark, response } => {
            let status = response.as_ref().and_then(Message::status);
            format!(
                "replied {mark}:{}",
                status.map_or("none".to_owned(), |s| s.to_string())
            )
        }
        Event::Asked { request, .. } => {
            let body = Body::of(request);
            format!(
                "asked {}{}",
                request.method().expect("a method"),
                with(body.as_ref())
            )
        }
        Event::Withdrawn { .. } => "withdrawn".to_owned(),
        Event::PeerAck { body } => format!("peer ack{}", with(body.as_ref())),
        Event::Ended(end) => format!("ended: {}", end_word(end)),
    }
}

fn end_word(end: &End) -> String {
    match end {
        End::Refused(refusal) => format!("refused {}", refusal.status),
        End::TimedOut => "timed out".to_owned(),
        End::Unreachable => "unreachable".to_owned(),
        End::HungUp => "hung up".to_owned(),
        End::RemoteBye { .. } => "remote bye".to_owned(),
        End::RemoteCancel { .. } => "remote cancel".to_owned(),
        End::Lost { status: None } => "lost".to_owned(),
        End::Lost { status: Some(s) } => format!("lost {s}"),
    }
}

fn with(body: Option<&Body>) -> String {
    body.map_or(String::new(), |body| {
        format!("+{}", String::from_utf8_lossy(&body.bytes))
    })
}
