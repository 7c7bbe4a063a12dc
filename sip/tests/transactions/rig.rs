//! A layer on a virtual clock that writes down all it does, one short line each.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use sip::msg::build::Response;
use sip::msg::{Message, lex};
use sip::name::{Branch, ConnectionId, Flow, Tag, Transport};
use sip::time::Instant;
use sip::transaction::{Event, Gone, Input, Layer, Outbox, ServerId, Timers};
use testkit::clock::Clock;

/// A layer under test. Every call returns the lines it caused.
pub(crate) struct Rig {
    pub(crate) layer: Layer<&'static str>,
    pub(crate) flow: Flow,
    pub(crate) out: Outbox<&'static str>,
    /// The transaction of the last request that came.
    pub(crate) id: Option<ServerId>,
    /// The last request that came.
    request: Option<Message>,
    clock: Clock,
}

/// The flow between two fixed addresses.
pub(crate) fn flow(transport: Transport) -> Flow {
    Flow {
        transport,
        local: SocketAddr::from(([192, 0, 2, 1], 5080)),
        peer: SocketAddr::from(([192, 0, 2, 2], 5060)),
        connection: ConnectionId(u64::from(transport.is_reliable())),
    }
}

/// A request as `branch` sends it; `more` is further header lines.
pub(crate) fn request(method: &str, branch: &str, more: &str) -> String {
    format!(
        "{method} sip:bob@192.0.2.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.2:5060;branch={branch}\r\n\
         From: <sip:alice@example.com>;tag=a\r\n\
         To: <sip:bob@example.com>\r\n\
         Call-ID: one\r\n\
         CSeq: 1 {method}\r\n\
         {more}Content-Length: 0\r\n\r\n",
    )
}

/// A response to [`request`] with the same branch.
pub(crate) fn response(status: u16, method: &str, branch: &str) -> String {
    let request = lex(Bytes::from(request(method, branch, ""))).expect("a request");
    let bytes = Response::to(&request, status, None, Some(&Tag::new("b"))).finish();
    String::from_utf8(bytes.to_vec()).expect("text")
}

impl Rig {
    pub(crate) fn new(transport: Transport) -> Self {
        Self::with(transport, Timers::RFC, 100)
    }

    pub(crate) fn with(transport: Transport, timers: Timers, capacity: usize) -> Self {
        Self {
            layer: Layer::new(timers, capacity, [7; 16]),
            flow: flow(transport),
            out: Outbox::new(),
            id: None,
            request: None,
            clock: Clock::new(),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Sends a request whose branch is `z9hG4bK1`.
    pub(crate) fn send(&mut self, method: &str) -> Vec<String> {
        let bytes = Bytes::from(request(method, "z9hG4bK1", ""));
        self.layer
            .request(self.clock.now(), bytes, self.flow, "mine", &mut self.out)
            .expect("there is room");
        self.lines()
    }

    pub(crate) fn cancel(&mut self) -> Vec<String> {
        let branch = Branch::new("z9hG4bK1");
        self.layer.cancel(
            self.clock.now(),
            &branch,
            Some("SIP;cause=200"),
            &mut self.out,
        );
        self.lines()
    }

    /// A message comes.
    pub(crate) fn receive(&mut self, text: &str) -> Vec<String> {
        self.receive_on(self.flow, text)
    }

    pub(crate) fn receive_on(&mut self, flow: Flow, text: &str) -> Vec<String> {
        let message = lex(Bytes::from(text.to_owned())).expect("a message");
        self.handle(Input::Message { message, flow })
    }

    /// A response to the request of [`Rig::send`] comes.
    pub(crate) fn hear(&mut self, status: u16, method: &str) -> Vec<String> {
        self.receive(&response(status, method, "z9hG4bK1"))
    }

    /// Answers the last request that came.
    pub(crate) fn answer(&mut self, status: u16) -> Vec<String> {
        self.try_answer(status).expect("the transaction lives")
    }

    pub(crate) fn try_answer(&mut self, status: u16) -> Result<Vec<String>, Gone> {
        let request = self.request.as_ref().expect("a request came");
        let tag = (status > 100).then(|| Tag::new("b"));
        let bytes = Response::to(request, status, None, tag.as_ref()).finish();
        let id = self.id.expect("a request came");
        self.layer
            .respond(self.clock.now(), id, bytes, &mut self.out)?;
        Ok(self.lines())
    }

    pub(crate) fn broken(&mut self) -> Vec<String> {
        self.handle(Input::Broken(self.flow))
    }

    pub(crate) fn handle(&mut self, input: Input) -> Vec<String> {
        self.layer.handle(self.clock.now(), input, &mut self.out);
        self.lines()
    }

    /// Lets `span` pass. Each line begins with the milliseconds since the call.
    pub(crate) fn run(&mut self, span: Duration) -> Vec<String> {
        let start = self.clock.now();
        let mut lines = Vec::new();
        while let Some(at) = self.layer.deadline().filter(|&at| at <= start + span) {
            let now = self.clock.advance_to(at);
            let passed = (now - start).as_millis();
            let news = self.handle(Input::Timeout);
            lines.extend(news.into_iter().map(|line| format!("{passed} {line}")));
            if self.layer.is_empty() {
                lines.push(format!("{passed} over"));
            }
        }
        self.clock.advance_to(start + span);
        lines
    }

    /// Lets `span` pass in which nobody looks at the deadline, then wakes the layer once.
    pub(crate) fn oversleep(&mut self, span: Duration) -> Vec<String> {
        self.clock.advance(span);
        self.handle(Input::Timeout)
    }

    /// Lets ten minutes pass, in which every transaction that can end by itself has ended.
    pub(crate) fn run_out(&mut self) -> Vec<String> {
        self.run(Duration::from_secs(600))
    }

    /// What is in the outbox, which it empties.
    fn lines(&mut self) -> Vec<String> {
        let sent = self.out.transmit.drain(..).map(|transmit| {
            let message = lex(transmit.bytes).expect("what is sent can be read");
            assert_eq!(message.verify(), Ok(()), "what is sent is right");
            format!("send {}", word(&message))
        });
        let mut lines: Vec<String> = sent.collect();
        for event in self.out.events.drain(..) {
            lines.push(match event {
                Event::Request { id, request, .. } => {
                    self.id = Some(id);
                    let line = format!("request {}", word(&request));
                    self.request = Some(request);
                    line
                }
                Event::Overload { request, .. } => format!("overload {}", word(&request)),
                Event::Ack { .. } => "ack".to_owned(),
                Event::Cancel { invite, .. } => {
                    assert_eq!(Some(invite), self.id, "the INVITE that came is meant");
                    "cancel".to_owned()
                }
                Event::Response { user, response, .. } => {
                    assert_eq!(user, "mine");
                    format!("response {}", word(&response))
                }
                Event::Stray { response, .. } => format!("stray {}", word(&response)),
                Event::TimedOut { user } => format!("timed out {user}"),
                Event::Unreachable { user } => format!("unreachable {user}"),
                Event::Unacknowledged { id } => {
                    assert_eq!(Some(id), self.id);
                    "unacknowledged".to_owned()
                }
                Event::Undeliverable { id } => {
                    assert_eq!(Some(id), self.id);
                    "undeliverable".to_owned()
                }
            });
        }
        lines
    }
}

/// A message in one word: its method or its status.
fn word(message: &Message) -> String {
    match (message.method(), message.status()) {
        (Some(method), _) => method.to_string(),
        (None, status) => status.map_or_else(String::new, |status| status.to_string()),
    }
}
