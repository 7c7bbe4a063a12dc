//! Connections of one shard: accepted and opened ones, their limits, and the table by which they are found.
//!
//! ```text
//! listener --accept--> enter --+                       +--> Arrival::{Opened, Message, Ping, Closed} --> the shard
//!                              +--> connection (task) -+
//! table --------open-----------+                       +<-- bytes, bounded <-- table <-- the shard
//! ```
//!
//! Everything here lives on the thread of its shard: no lock but one, for the limits all shards share, taken when
//! a connection comes or goes. Knows nothing of transactions.

mod admission;
mod connection;
mod enter;
mod line;
mod listener;
mod open;
mod table;
#[cfg(test)]
mod tests;
mod websocket;

use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use sip::msg::Message;
use sip::name::{ConnectionId, Flow, Transport};
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;

pub(crate) use admission::{Admission, Permit, source};
pub(crate) use line::Line;
pub(crate) use listener::{is_of_the_peer, listen};
pub(crate) use table::{Table, Unsent, home};
pub(crate) use websocket::{Upgraded, answer};

use super::{Bound, OriginRule, Tls, Traffic};
use crate::limits;

/// What connections tell their shard, in the order in which it happened.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A connection was accepted.
    Opened(Flow, Line),
    /// A message came.
    Message(Message, Flow),
    /// A keep-alive that wants an answer (RFC 5626 4.4.1).
    Ping(Flow),
    /// A datagram sent by this flow did not arrive.
    Unreachable(Flow),
    /// The connection is gone, or could not be opened for a reason of ours. The last word of its flow.
    Closed(Flow),
    /// The connection could not be opened: at that address nobody takes it. The last word of its flow.
    Untaken(Flow),
}

/// What the connections of one shard are given.
pub(crate) struct Setup {
    pub(crate) shard: u8,
    pub(crate) admission: Arc<Admission>,
    pub(crate) traffic: Arc<Traffic>,
    /// Bounded: a shard that is behind makes its connections wait, and TCP makes their peers wait.
    pub(crate) arrivals: mpsc::Sender<Arrival>,
    /// Silence after which a connection is closed.
    pub(crate) idle: Duration,
    /// What we listen on: a connection opened by us calls a port of these its own, because there the peer reaches us.
    pub(crate) bound: Box<[Bound]>,
    /// Where it is spoken.
    pub(crate) tls: Option<Arc<Tls>>,
    /// Which pages may open a WebSocket.
    pub(crate) origins: Arc<OriginRule>,
}

/// What all connections of one shard share.
pub(crate) struct Context {
    setup: Setup,
    /// Bytes just read; borrowed only between two awaits, so that an idle connection has no buffer.
    scratch: RefCell<Box<[u8]>>,
    last: Cell<u64>,
}

impl Deref for Context {
    type Target = Setup;

    fn deref(&self) -> &Setup {
        &self.setup
    }
}

impl Context {
    pub(crate) fn new(setup: Setup) -> Rc<Self> {
        Rc::new(Self {
            setup,
            scratch: RefCell::new(vec![0; limits::STREAM_READ].into_boxed_slice()),
            last: Cell::new(0),
        })
    }

    /// The port at which peers of that family reach us by that transport.
    fn listening(&self, transport: Transport, family: IpAddr) -> Option<u16> {
        let fits = |bound: &&Bound| {
            bound.transport == transport && bound.addr.is_ipv4() == family.is_ipv4()
        };
        let bound = self.bound.iter().filter(fits);
        bound.map(|bound| bound.addr.port()).next()
    }

    /// For TLS connections that we open; `None` where nobody could vouch for their peers.
    fn connector(&self) -> Option<TlsConnector> {
        self.tls.as_ref()?.connector()
    }

    /// A number that says which shard has the connection.
    fn next_id(&self) -> ConnectionId {
        self.last.set(self.last.get() + 1);
        ConnectionId(self.last.get() << 8 | u64::from(self.shard))
    }
}
