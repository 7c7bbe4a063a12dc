//! What a switch is made of, what it is told and what it wants done.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sip::msg::Message;
use sip::name::Flow;
use sip::transaction::{Timers, Transmit};

use crate::auth::Auth;
use crate::call::Tally;
use crate::config::Config;
use crate::event::{CallRef, Event};
use crate::identity::Identity;
use crate::locate::{Sought, Unlocated};
use crate::location::Location;
use crate::proxy::Lookup;
use crate::router::Router;

/// What a switch is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Which shard this is, from 0.
    pub shard: u8,
    /// How many there are.
    pub shards: u8,
    /// The settings in force.
    pub config: Arc<Config>,
    /// By what we are known.
    pub identity: Identity,
    /// Shared by all shards.
    pub location: Arc<Location>,
    /// Who may register and call; shared by all shards.
    pub auth: Arc<Auth>,
    /// Which applications a request meets; shared by all shards.
    pub router: Arc<Router>,
    /// How many calls there may be; shared by all shards.
    pub tally: Arc<Tally>,
    /// T1, T2 and T4; [`Timers::RFC`] but in a laboratory.
    pub timers: Timers,
    /// Random bytes from the operating system, another 32 for each shard.
    pub seed: [u8; 32],
}

/// What a switch is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// A message of this shard arrived.
    Message {
        /// As it came.
        message: Message,
        /// How it came.
        flow: Flow,
    },
    /// A message could not be sent by this flow. For the shard that sent it.
    Broken(Flow),
    /// A connection is closed. For every shard, after all messages that came by it.
    Closed(Flow),
    /// A keep-alive came by datagram (RFC 5626 section 4.4). For one shard.
    KeepAlive(Flow),
    /// Nobody receives datagrams at the peer of this flow any more. For one shard, besides [`Input::Broken`] for all.
    Unreachable(Flow),
    /// No connection can be opened to the peer of this flow. For one shard.
    Untaken(Flow),
    /// What became of a lookup of [`Outbox::lookups`]. For the shard that asked.
    Located {
        /// Which.
        lookup: Lookup,
        /// The ways to the servers, best first.
        found: Result<Vec<Flow>, Unlocated>,
    },
    /// The deadline is reached, or has moved (see [`Outbox::wake`]).
    Timeout,
}

/// What a switch wants done. The caller owns it, does it at once and clears it.
#[derive(Debug, Default)]
pub struct Outbox {
    /// To be sent, in this order.
    pub transmit: Vec<Transmit>,
    /// To be told, in this order.
    pub events: Vec<Event>,
    /// Servers to be looked for; each is answered by [`Input::Located`], or given up when its time is over.
    pub lookups: Vec<(Lookup, Sought)>,
    /// Connections that are dead when nothing comes by them for so long (RFC 5626 section 5.4): to be closed then.
    pub keep_alive: Vec<(Flow, Duration)>,
    /// Other shards whose [`super::Switch::deadline`] has become earlier by what was done here: give them
    /// [`Input::Timeout`], or at least ask them again.
    pub wake: Vec<u8>,
    /// Calls to be kept beyond the process, each whole as it is now; `None`: to be forgotten. The last of a call counts.
    pub journal: Vec<(CallRef, Option<Bytes>)>,
}

/// What a switch holds, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Client and server transactions.
    pub transactions: usize,
    /// Calls that were placed here, ringing ones included.
    pub calls: usize,
    /// Legs of calls, those included that only wait for what their phones may repeat.
    pub legs: usize,
    /// Requests that are being sent on.
    pub proxied: usize,
    /// Calls of phones among themselves, ringing ones included.
    pub followed: usize,
    /// Requests that are known again when they come again.
    pub remembered: usize,
    /// Phones that are asked whether they are there.
    pub asked: usize,
}
