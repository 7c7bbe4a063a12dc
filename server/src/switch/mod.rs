//! The switch: transactions, registrar and call control put together behind one contract.
//!
//! `handle(now, input, out)` and `deadline()`: pure, so that tests drive it on virtual time. It is run as N
//! shards, one thread each; a message belongs to the shard of its Call-ID ([`sip::name::owner_of`]), a call
//! to the shard of its pair ([`shard_of_pair`]). Knows no sockets and no clock.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::sync::Arc;

use sip::msg::Message;
use sip::name::{Aor, Flow};
use sip::time::Instant;
pub use sip::transaction::Transmit;

pub use crate::command::{HangUpError, PlaceCall, PlaceError};
use crate::config::Config;
use crate::event::{CallRef, Event};
use crate::location::Location;

/// One shard of the SIP side of the server.
pub struct Switch {
    shard: u8,
    location: Arc<Location>,
}

/// What a switch is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Which shard this is, from 0.
    pub shard: u8,
    /// How many there are.
    pub shards: u8,
    /// The settings in force.
    pub config: Arc<Config>,
    /// The addresses at which phones reach us, with their real ports. A wildcard stands for each address of
    /// the machine.
    pub addresses: Arc<[SocketAddr]>,
    /// Shared by all shards.
    pub location: Arc<Location>,
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
    /// Other shards whose [`Switch::deadline`] has become earlier by what was done here: give them
    /// [`Input::Timeout`], or at least ask them again.
    pub wake: Vec<u8>,
}

/// What a switch holds, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Client and server transactions.
    pub transactions: usize,
    /// Calls, ringing ones included.
    pub calls: usize,
}

impl Switch {
    /// An idle one.
    pub fn new(setup: Setup) -> Self {
        Self {
            shard: setup.shard,
            location: setup.location,
        }
    }

    /// Takes one input.
    pub fn handle(&mut self, _now: Instant, _input: Input, _out: &mut Outbox) {}

    /// Begins a call. Ask the shard of the pair ([`shard_of_pair`]).
    pub fn place_call(
        &mut self,
        _now: Instant,
        place: PlaceCall,
        _out: &mut Outbox,
    ) -> Result<CallRef, PlaceError> {
        Err(PlaceError::NotRegistered(place.to))
    }

    /// Ends a call, at whatever point it is. Ask the shard of the call ([`CallRef::shard`]). To end one that is
    /// being ended already is no error.
    pub fn hang_up(
        &mut self,
        _now: Instant,
        call: CallRef,
        _out: &mut Outbox,
    ) -> Result<(), HangUpError> {
        Err(HangUpError::NoSuchCall(call))
    }

    /// Refuses new work from now on: REGISTER and INVITE get 503 with Retry-After, calls that stand go on.
    pub fn drain(&mut self) {}

    /// Ends all calls of this shard.
    pub fn hang_up_all(&mut self, _now: Instant, _out: &mut Outbox) {}

    /// When [`Input::Timeout`] is due; it may change with each input.
    pub fn deadline(&self) -> Option<Instant> {
        self.location.deadline(self.shard)
    }

    /// What it holds now.
    pub fn load(&self) -> Load {
        Load::default()
    }
}

/// The shard that owns all calls between these two, whoever of them calls: so the same pair is never called
/// twice at once.
pub fn shard_of_pair(one: &Aor, other: &Aor, shards: u8) -> u8 {
    let mut hasher = DefaultHasher::new();
    one.min(other).hash(&mut hasher);
    one.max(other).hash(&mut hasher);
    u8::try_from(hasher.finish() % u64::from(shards.max(1))).unwrap_or(0)
}
