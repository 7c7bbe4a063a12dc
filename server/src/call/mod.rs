//! Third-party call control (RFC 3725): two phones are rung one after the other and joined.
//!
//! One [`CallControl`] holds the calls of one shard. Sans-IO: `handle(now, input, out)` and `deadline()`. It
//! knows no sockets, no transactions and no sessions: what the phones tell each other about media passes
//! through it unread.

mod effect;

use std::sync::Arc;

use sip::name::Ids;
use sip::time::Instant;
use sip::transaction::Timers;

pub use crate::command::{HangUpError, PlaceCall, PlaceError};
use crate::config::Calls;
use crate::event::CallRef;
use crate::location::Location;
pub use effect::{Effect, Input, Mark, Outbox};

/// What call control is made of.
#[derive(Debug)]
pub struct Setup {
    /// The shard that owns the calls.
    pub shard: u8,
    /// How long phones may ring.
    pub times: Calls,
    /// Calls at the same time.
    pub limit: u32,
    /// The host that phones are told to send to, where it is not the address they are reached from.
    pub advertised: Option<Arc<str>>,
    /// T1, T2 and T4.
    pub timers: Timers,
    /// Where the phones are.
    pub location: Arc<Location>,
    /// Call-IDs, tags and branches of this shard.
    pub ids: Ids,
}

/// The calls of one shard.
#[derive(Debug)]
pub struct CallControl {
    setup: Setup,
    draining: bool,
}

impl CallControl {
    /// Without a call.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            draining: false,
        }
    }

    /// Begins a call: both parties must have a phone, and this shard must own the pair.
    pub fn place(
        &mut self,
        _now: Instant,
        place: &PlaceCall,
        _out: &mut Outbox,
    ) -> Result<CallRef, PlaceError> {
        Err(PlaceError::NotRegistered(place.to.clone()))
    }

    /// Ends a call, at whatever point it is. To end one that is being ended already is no error.
    pub fn hang_up(
        &mut self,
        _now: Instant,
        call: CallRef,
        _out: &mut Outbox,
    ) -> Result<(), HangUpError> {
        Err(HangUpError::NoSuchCall(call))
    }

    /// Ends all calls.
    pub fn hang_up_all(&mut self, _now: Instant, _out: &mut Outbox) {}

    /// Takes no new calls from now on; those that are go on.
    pub fn drain(&mut self) {
        self.draining = true;
    }

    /// Whether messages with this Call-ID are for a leg of ours.
    pub fn knows(&self, _call_id: &str) -> bool {
        false
    }

    /// Takes one input.
    pub fn handle(&mut self, _now: Instant, _input: Input<'_>, _out: &mut Outbox) {}

    /// When [`Input::Timeout`] is due; it may change with each input.
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// How many calls there are that are not done.
    pub fn len(&self) -> usize {
        0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
