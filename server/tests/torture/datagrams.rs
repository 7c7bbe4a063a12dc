//! Any datagrams, a whole server and an operator: whatever comes, nothing panics, grows or lasts for ever. Played by
//! the fuzz target `switch`, and by the test that replays its corpus.
//!
//! An input is a row of steps. Each begins with `===`, what to do ([`Play::step`]), and how many seconds later: `===t1`
//! and a message come over TCP one second after what was before. What stands before the first mark is a datagram.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sip::msg::build::Response;
use sip::msg::{Message, Method, Name, lex};
use sip::name::{ConnectionId, Flow, Tag, Transport};
use sip::time::Instant;
use sip::transaction::Transmit;
use testkit::net::Node;

use crate::house::{House, SERVER};

const MARK: &[u8] = b"\n===";
/// What one input can ask for; more is left unread.
const STEPS: usize = 60;
const STATUSES: [u16; 10] = [100, 180, 183, 200, 302, 401, 408, 486, 491, 603];

/// Plays one input, with one shard and with four.
pub fn play(octets: &[u8]) {
    for shards in [1, 4] {
        let mut play = Play::new(shards);
        let (first, rest) = split(octets);
        play.step(b'u', first);
        let mut rest = rest;
        for _ in 0..STEPS {
            let [how, wait, step @ ..] = rest else { break };
            let (step, after) = split(step);
            play.wait(u64::from(wait.saturating_sub(b'0')));
            play.step(*how, step);
            rest = after;
        }
        play.finish();
    }
}

/// A step, and what stands behind the next mark.
fn split(octets: &[u8]) -> (&[u8], &[u8]) {
    let mark = octets.windows(MARK.len()).position(|window| window == MARK);
    mark.map_or((octets, &[]), |at| {
        (&octets[..at], &octets[at + MARK.len()..])
    })
}

struct Play {
    house: House,
    now: Instant,
    out: Vec<Transmit>,
    /// The last request that the server has sent, and by which flow.
    asked: Option<(Message, Flow)>,
    steps: usize,
}

impl Play {
    /// With two phones, so that calls can be placed.
    fn new(shards: u8) -> Self {
        let mut house = House::new(shards, Arc::default());
        house.second_reader = false;
        let mut play = Self {
            house,
            now: Instant::from_unix_micros(1_767_268_800_000_000),
            out: Vec::new(),
            asked: None,
            steps: 0,
        };
        for user in ["alice", "bob"] {
            play.receive(Transport::Udp, &Bytes::from(register(user)));
        }
        assert_eq!(play.house.location.len(), 2);
        play
    }

    fn step(&mut self, how: u8, octets: &[u8]) {
        self.steps += 1;
        let octets = Bytes::copy_from_slice(octets);
        match how {
            b't' => self.receive(Transport::Tcp, &octets),
            b'a' => self.answer(&octets),
            b'p' => {
                let (alice, bob) = ("sip:alice@click.test", "sip:bob@click.test");
                // There may be one between them already, or one of them may be gone.
                let _ = self.house.place_call(self.now, alice, bob, &mut self.out);
            }
            b'h' => self.house.hang_up_all(self.now, &mut self.out),
            b'c' => self
                .house
                .broken(self.now, flow(Transport::Tcp), &mut self.out),
            b'b' => self
                .house
                .broken(self.now, flow(Transport::Udp), &mut self.out),
            b'd' => self.house.drain(),
            _ => self.receive(Transport::Udp, &octets),
        }
        self.look();
        assert!(self.house.transactions() <= 8 * (self.steps + 2));
        assert!(self.house.calls() <= self.steps);
    }

    fn receive(&mut self, transport: Transport, octets: &Bytes) {
        self.house
            .receive(self.now, flow(transport), octets.clone(), &mut self.out);
    }

    /// Answers the last request of the server: the first octet says how, the rest is a body.
    fn answer(&mut self, octets: &Bytes) {
        let (Some((request, flow)), Some((&which, body))) =
            (self.asked.clone(), octets.split_first())
        else {
            return;
        };
        let status = STATUSES[usize::from(which) % STATUSES.len()];
        let response = Response::to(&request, status, None, Some(&Tag::new("phone")))
            .header(Name::Contact, "<sip:phone@10.0.0.2>");
        let response = if body.is_empty() {
            response.finish()
        } else {
            response.body("application/sdp", body).finish()
        };
        self.house.receive(self.now, flow, response, &mut self.out);
    }

    fn wait(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        while let Some(at) = self.house.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.house.timeout(self.now, &mut self.out);
            let next = self.house.deadline();
            assert!(next.is_none_or(|next| next > self.now), "time goes on");
            self.look();
        }
        self.now = end;
    }

    fn look(&mut self) {
        assert!(self.out.len() <= 64, "one step makes few messages");
        for Transmit { flow, bytes } in self.out.drain(..) {
            let message = lex(bytes).expect("what is sent is a message");
            let is_ours = |method: &Method| *method != Method::Ack;
            if message.method().is_some_and(is_ours) {
                assert_eq!(message.verify(), Ok(()), "what we ask is good");
                self.asked = Some((message, flow));
            }
        }
    }

    /// Hours later all is forgotten.
    fn finish(mut self) {
        self.house.hang_up_all(self.now, &mut self.out);
        self.look();
        // Longer than any call is followed.
        self.wait(44_000);
        assert_eq!(self.house.deadline(), None);
        assert_eq!((self.house.transactions(), self.house.calls()), (0, 0));
        assert!(self.house.location.is_empty());
    }
}

fn flow(transport: Transport) -> Flow {
    Flow {
        transport,
        local: SERVER,
        peer: ([10, 0, 0, 2], 5060).into(),
        connection: ConnectionId(u64::from(transport.is_reliable())),
    }
}

fn register(user: &str) -> String {
    format!(
        "REGISTER sip:click.test SIP/2.0\r\n\
         Via: SIP/2.0/UDP 10.0.0.2:5060;rport;branch=z9hG4bK-{user}\r\n\
         From: <sip:{user}@click.test>;tag={user}\r\n\
         To: <sip:{user}@click.test>\r\n\
         Call-ID: {user}\r\n\
         CSeq: 1 REGISTER\r\n\
         Contact: <sip:{user}@10.0.0.2:5060>\r\n\
         Content-Length: 0\r\n\r\n"
    )
}
