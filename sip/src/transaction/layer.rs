//! The transaction layer: matching, dispatch, effects (RFC 3261 17.1.3, 17.2.3, 9).

use bytes::Bytes;

use super::{Full, Gone, Input, Outbox, ServerId, Timers};
use crate::name::{Branch, Flow};
use crate::time::Instant;

/// All transactions of one shard. See the [module](super).
#[derive(Debug)]
pub struct Layer<U> {
    timers: Timers,
    user: Option<U>,
}

impl<U: Clone> Layer<U> {
    /// An empty layer that holds at most `capacity` transactions, CANCELs of ours not counted.
    ///
    /// `seed` is secret: with it, nobody can choose messages whose keys collide.
    pub fn new(timers: Timers, _capacity: usize, _seed: [u8; 16]) -> Self {
        Self { timers, user: None }
    }

    /// Sends a request in a client transaction of its own.
    ///
    /// `request` is complete, and its top Via carries a branch of ours that no other request has. An ACK is
    /// never sent this way: that of a failure is sent by the layer, that of a 2xx by its user, directly.
    pub fn request(
        &mut self,
        _now: Instant,
        _request: Bytes,
        _flow: Flow,
        _user: U,
        _out: &mut Outbox<U>,
    ) -> Result<(), Full> {
        Ok(())
    }

    /// Cancels the INVITE whose branch is `branch` (RFC 3261 9.1), in a transaction of which nothing is heard.
    ///
    /// Does nothing when the INVITE has a final response, or no provisional one yet (a CANCEL must not
    /// overtake its INVITE), or has been cancelled.
    pub fn cancel(
        &mut self,
        _now: Instant,
        _branch: &Branch,
        _reason: Option<&str>,
        _out: &mut Outbox<U>,
    ) {
    }

    /// Answers a request. A repetition of a 2xx to INVITE goes this way too.
    pub fn respond(
        &mut self,
        _now: Instant,
        _id: ServerId,
        _response: Bytes,
        _out: &mut Outbox<U>,
    ) -> Result<(), Gone> {
        Ok(())
    }

    /// Takes a message, a failure of a flow, or the passing of time.
    pub fn handle(&mut self, _now: Instant, _input: Input, _out: &mut Outbox<U>) {}

    /// When [`Input::Timeout`] is due next.
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// How many transactions there are.
    pub fn len(&self) -> usize {
        0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
