//! What was sent on the virtual network, and what became of it.

use std::net::SocketAddr;

use bytes::Bytes;
use sip::name::{ConnectionId, Flow, Transport};
use sip::time::Instant;

/// One message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When it was sent.
    pub at: Instant,
    /// How it travels.
    pub transport: Transport,
    /// Who sent it.
    pub from: SocketAddr,
    /// Whom to.
    pub to: SocketAddr,
    /// The message.
    pub bytes: Bytes,
    /// What the network made of it.
    pub fate: Fate,
}

impl Sent {
    /// The flow as the receiver sees it.
    pub(super) const fn arrival_flow(&self, connection: ConnectionId) -> Flow {
        Flow {
            transport: self.transport,
            local: self.to,
            peer: self.from,
            connection,
        }
    }
}

/// What the network made of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Delivered,
    /// It arrives twice.
    Doubled,
    /// It does not arrive.
    Lost,
}
