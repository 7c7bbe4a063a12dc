//! What the tests of whole switches share: a server of one or more shards that stands on the virtual network, and
//! requests by hand.
//!
//! Every scenario runs with one shard and with four: [`with_shards`].

#![allow(
    dead_code,
    unused_imports,
    reason = "each test binary takes what it needs"
)]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

pub mod house;
pub mod laws;
pub mod peer;
pub mod request;
pub mod story;
pub mod told;
pub mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use server::config::Config;
use server::event::{Event, PhoneChange, What};
use sip::msg::Message;
use sip::name::{ConnectionId, Flow, Transport};
use sip::transaction::Transmit;
use testkit::ladder::Ladder;
use testkit::net::{Handle, VirtualNet};

pub use house::{House, SERVER};
pub use peer::Peer;
pub use request::{Request, addr};

/// Where the peer without a mind stands, from which [`Request`]s come.
pub const PEER: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2)),
    5060,
);

/// Runs a scenario as a server with one core and one with four would.
pub fn with_shards(scenario: impl Fn(u8)) {
    for shards in [1, 4] {
        scenario(shards);
    }
}

/// A network with a server on it. Phones join it by themselves, before or after.
pub struct Stage {
    /// The network.
    pub net: VirtualNet,
    /// The server on it, named `server`.
    pub house: Handle<House>,
    peer: Option<Handle<Peer>>,
}

impl Stage {
    /// A server with default settings.
    pub fn new(shards: u8) -> Self {
        Self::with(shards, 1, Config::default())
    }

    /// A server with settings of its own, on a network whose chances `seed` decides.
    pub fn with(shards: u8, seed: u64, config: Config) -> Self {
        let mut net = VirtualNet::new(seed);
        let house = net.add("server", &[SERVER], House::new(shards, Arc::new(config)));
        Self {
            net,
            house,
            peer: None,
        }
    }

    /// Sends a request from the peer over UDP and gives what it heard of it within a second.
    pub fn ask(&mut self, request: &Request) -> Vec<Message> {
        self.ask_by(Transport::Udp, request)
    }

    /// Sends a request from the peer and gives what it heard of it within a second.
    pub fn ask_by(&mut self, transport: Transport, request: &Request) -> Vec<Message> {
        let heard = self.send(transport, request.bytes());
        let is_answer = |message: &&Message| message.cseq().unwrap().0 == request.cseq;
        heard.iter().filter(is_answer).cloned().collect()
    }

    /// Sends bytes from the peer and gives all that it heard within a second.
    pub fn send(&mut self, transport: Transport, bytes: Bytes) -> Vec<Message> {
        let net = &mut self.net;
        let peer = *self
            .peer
            .get_or_insert_with(|| Peer::join(net, "peer", PEER));
        let before = net.node(peer).heard.len();
        let flow = Flow {
            transport,
            local: PEER,
            peer: SERVER,
            connection: ConnectionId::NONE,
        };
        net.act(peer, |_, _, out| out.push(Transmit { flow, bytes }));
        net.run_for(Duration::from_secs(1));
        net.node(peer).heard[before..].to_vec()
    }

    /// The ladder of all that was sent so far.
    pub fn ladder(&self) -> String {
        Ladder::of(&self.net).print()
    }

    /// What was told so far, a line each: the second, and what it is about.
    pub fn told(&self) -> String {
        told::print(self.events())
    }

    /// The one response that the peer heard.
    pub fn answer(&mut self, request: &Request) -> Message {
        let heard = self.ask(request);
        assert_eq!(heard.len(), 1, "{request:?} {heard:?}");
        heard.into_iter().next().unwrap()
    }

    /// Everything that was told so far.
    pub fn events(&self) -> &[Event] {
        &self.net.node(self.house).events
    }

    /// What was told of phones so far.
    pub fn phones(&self) -> impl Iterator<Item = &PhoneChange> {
        self.events().iter().filter_map(|event| match &event.what {
            What::Phone(change) => Some(change),
            What::Call(..) => None,
        })
    }
}
