//! Connections of one shard: accepted and opened ones, their limits, and the table by which they are found.
//!
//! ```text
//! listener --accept--+                       +--> Arrival::{Opened, Message, Ping, Closed} --> the shard
//!                    +--> connection (task) -+
//! table ----open-----+                       +<-- bytes, bounded <-- table <-- the shard
//! ```
//!
//! Everything here lives on the thread of its shard: no lock but one, for the limits all shards share, taken when
//! a connection comes or goes. Knows nothing of transactions.

mod admission;
mod connection;
mod line;
mod listener;
mod open;
mod table;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use sip::msg::Message;
use sip::name::{ConnectionId, Flow};
use tokio::sync::mpsc;

pub(crate) use admission::Admission;
pub(crate) use line::Line;
pub(crate) use listener::{is_of_the_peer, listen};
pub(crate) use table::{Table, home};

use super::Traffic;
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
    /// The connection is gone, or could not be opened. The last word of its flow.
    Closed(Flow),
}

/// What all connections of one shard share.
pub(crate) struct Context {
    pub(crate) shard: u8,
    pub(crate) admission: Arc<Admission>,
    pub(crate) traffic: Arc<Traffic>,
    /// Bounded: a shard that is behind makes its connections wait, and TCP makes their peers wait.
    pub(crate) arrivals: mpsc::Sender<Arrival>,
    /// Silence after which a connection is closed.
    pub(crate) idle: Duration,
    /// The port that a connection opened by us calls its own: where we listen, because there the peer reaches us.
    pub(crate) listening: Option<u16>,
    /// Bytes just read; borrowed only between two awaits, so that an idle connection has no buffer.
    scratch: RefCell<Box<[u8]>>,
    last: Cell<u64>,
}

impl Context {
    pub(crate) fn new(
        shard: u8,
        admission: Arc<Admission>,
        traffic: Arc<Traffic>,
        arrivals: mpsc::Sender<Arrival>,
        idle: Duration,
        listening: Option<u16>,
    ) -> Rc<Self> {
        let scratch = RefCell::new(vec![0; limits::STREAM_READ].into_boxed_slice());
        Rc::new(Self {
            shard,
            admission,
            traffic,
            arrivals,
            idle,
            listening,
            scratch,
            last: Cell::new(0),
        })
    }

    /// A number that says which shard has the connection.
    fn next_id(&self) -> ConnectionId {
        self.last.set(self.last.get() + 1);
        ConnectionId(self.last.get() << 8 | u64::from(self.shard))
    }
}
