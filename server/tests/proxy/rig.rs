//! A server between peers without a mind: every message by hand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use server::config::Config;
use sip::msg::build::Response;
use sip::msg::{Message, Name};
use sip::name::{ConnectionId, Flow, Tag, Transport};
use sip::transaction::Transmit;
use testkit::net::{Handle, VirtualNet};

use crate::support::{House, Peer, Request, SERVER, addr, laws};

/// The peers by number; the first one asks, at the address that [`Request`] writes into its Via.
pub const ALICE: usize = 0;
pub const BOB: usize = 1;
pub const CAROL: usize = 2;
/// A server of somebody else, in a public network.
pub const SCREEN: usize = 4;

pub struct Rig {
    pub net: VirtualNet,
    pub house: Handle<House>,
    peers: Vec<Handle<Peer>>,
    read: Vec<usize>,
    registers: u32,
}

impl Rig {
    pub fn new() -> Self {
        Self::with(1, Config::default())
    }

    pub fn with(shards: u8, config: Config) -> Self {
        let mut net = VirtualNet::new(1);
        let house = net.add("server", &[SERVER], House::new(shards, Arc::new(config)));
        let names = ["alice", "bob", "carol", "dave", "screen"];
        let join = |(n, name): (usize, &&str)| Peer::join(&mut net, name, address(n));
        let peers: Vec<_> = names.iter().enumerate().map(join).collect();
        Self {
            net,
            house,
            read: vec![0; peers.len()],
            peers,
            registers: 0,
        }
    }

    /// Registers a contact of `user` that leads to a peer; `more` are parameters of the Contact.
    pub fn register(&mut self, peer: usize, user: &str, more: &str) {
        self.register_by(peer, Transport::Udp, user, more);
    }

    pub fn register_by(&mut self, peer: usize, transport: Transport, user: &str, more: &str) {
        self.registers += 1;
        let request = Request::register(user)
            .call_id(&format!("register-{}", self.registers))
            .contact(&format!("<sip:{user}@{}>{more}", address(peer)));
        self.register_with(peer, transport, request);
    }

    pub fn register_with(&mut self, peer: usize, transport: Transport, request: Request) {
        self.registers += 1;
        let via = format!(
            "SIP/2.0/{} {};rport;branch=z9hG4bK-r{}",
            transport.via_token(),
            address(peer),
            self.registers
        );
        let heard = self.exchange(peer, transport, request.with(|r| r.via = via).bytes());
        assert_eq!(heard.last().unwrap().status(), Some(200));
    }

    pub fn send(&mut self, peer: usize, transport: Transport, bytes: Bytes) {
        let flow = Flow {
            transport,
            local: address(peer),
            peer: SERVER,
            connection: ConnectionId::NONE,
        };
        self.net.act(self.peers[peer], |_, _, out| {
            out.push(Transmit { flow, bytes })
        });
    }

    /// Sends, waits for half a second less than the first repetition, and gives what the same peer heard.
    pub fn exchange(&mut self, peer: usize, transport: Transport, bytes: Bytes) -> Vec<Message> {
        self.send(peer, transport, bytes);
        self.wait(100);
        self.heard(peer)
    }

    /// What Alice asks over UDP, and what she hears within 100 ms.
    pub fn ask(&mut self, request: &Request) -> Vec<Message> {
        self.exchange(ALICE, Transport::Udp, request.bytes())
    }

    pub fn wait(&mut self, milliseconds: u64) {
        self.net.run_for(Duration::from_millis(milliseconds));
    }

    /// What a peer heard since it was last asked, each message once.
    pub fn heard(&mut self, peer: usize) -> Vec<Message> {
        let all = &self.net.node(self.peers[peer]).heard;
        let mut fresh: Vec<Message> = Vec::new();
        for (n, message) in all.iter().enumerate().skip(self.read[peer]) {
            if !all[..n].contains(message) {
                fresh.push(message.clone());
            }
        }
        self.read[peer] = all.len();
        fresh
    }

    /// The one message that a peer heard since it was last asked.
    #[track_caller]
    pub fn one(&mut self, peer: usize) -> Message {
        let heard = self.heard(peer);
        assert_eq!(heard.len(), 1, "{heard:#?}");
        heard.into_iter().next().unwrap()
    }

    /// A peer answers a request, with a tag of its own.
    pub fn answer(&mut self, peer: usize, request: &Message, status: u16) {
        self.answer_with(peer, request, status, |response| response);
    }

    pub fn answer_with(
        &mut self,
        peer: usize,
        request: &Message,
        status: u16,
        more: impl FnOnce(Response<'static>) -> Response<'static>,
    ) {
        let tag = Tag::new(&format!("tag-{peer}"));
        let tag = (status > 100).then_some(&tag);
        let response = Response::to(request, status, None, tag)
            .record_route(request)
            .contact(format!("<sip:{}>", address(peer)));
        let transport = request.via().unwrap().transport().unwrap();
        self.send(peer, transport, more(response).finish());
        self.wait(50);
    }

    /// The statuses of what a peer heard since it was last asked.
    pub fn statuses(&mut self, peer: usize) -> Vec<u16> {
        let heard = self.heard(peer);
        heard.iter().filter_map(Message::status).collect()
    }

    pub fn run_for(&mut self, seconds: u64) {
        self.net.run_for(Duration::from_secs(seconds));
    }

    /// Somebody clicks on "End" in the cell of the one call there is.
    pub fn end(&mut self) {
        let house = self.net.node(self.house);
        let call = *laws::fold(&house.events).keys().next_back().unwrap();
        let act = |house: &mut House, now, out: &mut _| house.hang_up(now, call, out);
        self.net.act(self.house, act).unwrap();
        self.wait(50);
    }

    /// That nothing is left, after everybody has given up.
    pub fn assert_over(&mut self) {
        self.run_for(300);
        let house = self.net.node(self.house);
        assert_eq!((house.proxied(), house.transactions()), (0, 0));
    }
}

/// An INVITE of Alice's to Bob.
pub fn invite() -> Request {
    to_bob("INVITE").header("Contact", "<sip:alice@10.0.0.2:5060>")
}

/// A request of Alice's to Bob.
pub fn to_bob(method: &str) -> Request {
    Request::new(method).with(|r| {
        r.uri = "sip:bob@click.test".to_owned();
        r.to = "<sip:bob@click.test>".to_owned();
    })
}

pub fn address(peer: usize) -> SocketAddr {
    if peer == SCREEN {
        return addr("198.51.100.9:5060");
    }
    addr(&format!("10.0.0.{}:5060", peer + 2))
}

/// The values of a list, as texts.
pub fn list(message: &Message, name: Name) -> Vec<String> {
    let values = message.values(name);
    values
        .map(|value| String::from_utf8(value.to_vec()).unwrap())
        .collect()
}
