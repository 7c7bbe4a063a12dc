//! Any messages in any order, from peers that keep to nothing and to a user who errs: the transaction layer stays
//! within its bound, and when its user has answered and cancelled what there is, it empties.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use sip::msg::build::Response;
use sip::msg::{Message, lex};
use sip::name::{Branch, ConnectionId, Flow, Tag, Transport};
use sip::time::Instant;
use sip::transaction::{Event, Input, Layer, Outbox, ServerId, Timers};

const CAPACITY: usize = 4;
const BRANCHES: [&str; 5] = ["z9hG4bK1", "z9hG4bK2", "z9hG4bK3", "2543", "z9hG4bK"];
const METHODS: [&str; 6] = ["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "WHATEVER"];
const STATUSES: [u16; 7] = [100, 180, 200, 302, 401, 487, 603];
/// What the transactions of one run can be asked to do; more octets are left unread.
const ACTS: usize = 400;

/// The first octet chooses the transport, each three that follow are one act.
pub fn transactions(octets: &[u8]) {
    let (&first, acts) = octets.split_first().unwrap_or((&0, &[]));
    let mut run = Run::new([Transport::Udp, Transport::Tcp][usize::from(first % 2)]);
    for act in acts.chunks_exact(3).take(ACTS) {
        run.act([act[0], act[1], act[2]]);
        // A CANCEL of ours for each INVITE of ours finds room beyond the bound.
        assert!(run.layer.len() <= 2 * CAPACITY, "{:?}", run.layer);
    }
    run.finish();
}

struct Run {
    layer: Layer<u32>,
    out: Outbox<u32>,
    now: Instant,
    flow: Flow,
    asked: Vec<(ServerId, Message)>,
    known: HashSet<ServerId>,
}

impl Run {
    fn new(transport: Transport) -> Self {
        Self {
            layer: Layer::new(Timers::RFC, CAPACITY, [9; 16]),
            out: Outbox::new(),
            now: Instant::from_unix_micros(1),
            flow: Flow {
                transport,
                local: ([192, 0, 2, 1], 5080).into(),
                peer: ([192, 0, 2, 2], 5060).into(),
                connection: ConnectionId(u64::from(transport.is_reliable())),
            },
            asked: Vec::new(),
            known: HashSet::new(),
        }
    }

    fn act(&mut self, [what, which, how]: [u8; 3]) {
        let (one, other) = (usize::from(which), usize::from(how));
        let (method, branch) = (METHODS[one % 6], BRANCHES[other % 5]);
        match what % 8 {
            0 => self.hear(request(method, branch, how / 5)),
            1 => {
                let request = request(METHODS[other / 5 % 6], branch, 0);
                let status = STATUSES[one % 7];
                let tag = Tag::new(["b", "c"][one / 7 % 2]);
                self.hear(Response::to(&message(&request), status, None, Some(&tag)).finish());
            }
            2 => {
                let asked = ["INVITE", "OPTIONS"][one % 2];
                // Refused when full: that is the bound.
                let bytes = request(asked, branch, 0);
                let _ = self
                    .layer
                    .request(self.now, bytes, self.flow, 0, &mut self.out);
            }
            3 => self.cancel(branch),
            4 => self.answer(one, STATUSES[other % 7]),
            5 => {
                let broken = Input::Broken(self.flow);
                self.layer.handle(self.now, broken, &mut self.out);
            }
            6 => self.wait(Duration::from_millis(
                u64::from(which) << 8 | u64::from(how),
            )),
            _ => self.due(),
        }
        self.keep();
    }

    fn hear(&mut self, bytes: Bytes) {
        let input = Input::Message {
            message: message(&bytes),
            flow: self.flow,
        };
        self.layer.handle(self.now, input, &mut self.out);
    }

    fn cancel(&mut self, branch: &str) {
        self.layer.cancel(
            self.now,
            &Branch::new(branch),
            Some("SIP;cause=487"),
            &mut self.out,
        );
    }

    fn answer(&mut self, which: usize, status: u16) {
        if let Some((id, request)) = self.asked.get(which % self.asked.len().max(1)) {
            let bytes = Response::to(request, status, None, Some(&Tag::new("us"))).finish();
            // Too late, or twice: the user may err.
            let _ = self.layer.respond(self.now, *id, bytes, &mut self.out);
        }
    }

    /// What is due is done at once, and is not due again.
    fn due(&mut self) {
        self.layer.handle(self.now, Input::Timeout, &mut self.out);
        let next = self.layer.deadline();
        assert!(next.is_none_or(|next| next > self.now), "time goes on");
    }

    fn wait(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(at) = self.layer.deadline().filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.due();
        }
        self.now = end;
    }

    fn keep(&mut self) {
        for sent in self.out.transmit.drain(..) {
            assert!(lex(sent.bytes).is_ok(), "what is sent is a message");
        }
        for event in self.out.events.drain(..) {
            if let Event::Request { id, request, .. } = event {
                assert!(self.known.insert(id), "a name is given once");
                self.asked.push((id, request));
            }
        }
    }

    fn finish(&mut self) {
        for which in 0..self.asked.len() {
            self.answer(which, 487);
        }
        for branch in BRANCHES {
            self.cancel(branch);
        }
        self.wait(Duration::from_secs(200));
        assert_eq!(self.layer.len(), 0);
        assert_eq!(self.layer.deadline(), None);
    }
}

fn message(bytes: &Bytes) -> Message {
    lex(bytes.clone()).expect("a message")
}

/// `variant` makes it another request of the same branch.
fn request(method: &str, branch: &str, variant: u8) -> Bytes {
    let tag = [";tag=b", "", ";tag=us"][usize::from(variant % 3)];
    let port = [5060, 5070][usize::from(variant / 3 % 2)];
    let rport = ["", ";rport"][usize::from(variant / 6 % 2)];
    Bytes::from(format!(
        "{method} sip:bob@192.0.2.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.2:{port};branch={branch}{rport}\r\n\
         From: <sip:alice@example.com>;tag=a\r\n\
         To: <sip:bob@example.com>{tag}\r\n\
         Call-ID: one\r\n\
         CSeq: 1 {method}\r\n\
         Content-Length: 0\r\n\r\n"
    ))
}
