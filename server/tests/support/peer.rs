//! A peer without a mind: it sends what it is told and keeps what it hears.

use std::net::SocketAddr;

use bytes::Bytes;
use sip::msg::{Message, lex};
use sip::name::Flow;
use sip::time::Instant;
use sip::transaction::Transmit;
use testkit::net::{Handle, Node, VirtualNet};

/// Hears and keeps.
#[derive(Default)]
pub struct Peer {
    /// Everything that came, in order.
    pub heard: Vec<Message>,
}

impl Peer {
    /// Puts one on the network.
    pub fn join(net: &mut VirtualNet, name: &str, address: SocketAddr) -> Handle<Self> {
        net.add(name, &[address], Self::default())
    }
}

impl Node for Peer {
    fn receive(&mut self, _now: Instant, _flow: Flow, bytes: Bytes, _out: &mut Vec<Transmit>) {
        self.heard.push(lex(bytes).unwrap());
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn timeout(&mut self, _now: Instant, _out: &mut Vec<Transmit>) {}
}
