//! Transactions: a request, its responses, and the repeating that gets both across (RFC 3261 section 17).
//!
//! [`Layer`] holds the four machines, each in a file of its own beside the figure it follows, with the
//! `Accepted` state of RFC 6026 and the non-INVITE rules of RFC 4320. It matches messages to transactions,
//! repeats and absorbs, acknowledges what is not 2xx, and answers CANCEL. The user of a transaction keeps
//! what RFC 6026 leaves to it: repeating a 2xx to INVITE until its ACK comes, and sending that ACK.
//!
//! Knows nothing of dialogs, of routing, of merged requests (8.2.2.2), or of who asks and why: `U` is the
//! user's own mark, kept beside a client transaction and given back with everything that is heard of it.

mod client_invite;
mod client_non_invite;
mod deadlines;
mod effects;
mod key;
mod layer;
mod machine;
mod server_invite;
mod server_non_invite;
mod store;
#[cfg(test)]
mod tests;
mod timer;

use std::time::Duration;

use bytes::Bytes;

pub use self::layer::Layer;
use crate::msg::Message;
use crate::name::Flow;

/// The three round-trip numbers from which every timer is derived (RFC 3261 17.1.1.1 and table 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// The estimate of a round trip; a transaction is given up after 64 of them.
    pub t1: Duration,
    /// The longest pause between two repetitions of a non-INVITE request or of a final response to INVITE.
    pub t2: Duration,
    /// How long a message can stay in the network.
    pub t4: Duration,
}

impl Timers {
    /// The defaults of RFC 3261: 500 ms, 4 s, 5 s.
    pub const RFC: Self = Self {
        t1: Duration::from_millis(500),
        t2: Duration::from_secs(4),
        t4: Duration::from_secs(5),
    };
}

/// Bytes to put on the wire: one whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// The way to send it.
    pub flow: Flow,
    /// The message.
    pub bytes: Bytes,
}

/// Names a server transaction. Never valid for another one, even after its own has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerId {
    slot: u32,
    generation: u32,
}

/// Something the layer has to hear.
#[derive(Clone, Debug)]
pub enum Input {
    /// A message came; a request has been stamped with `received` and `rport` already.
    Message {
        /// The message.
        message: Message,
        /// The way it came.
        flow: Flow,
    },
    /// Sending on this very flow failed, or its connection closed (RFC 3261 18.4).
    Broken(Flow),
    /// The instant of [`Layer::deadline`] has come. Too early or too late does no harm.
    Timeout,
}

/// Something the user of the transactions has to hear.
#[derive(Clone, Debug)]
pub enum Event<U> {
    /// A new request: answer it by [`Layer::respond`].
    Request {
        /// The server transaction that waits for the answer.
        id: ServerId,
        /// The request.
        request: Message,
        /// The way it came.
        flow: Flow,
    },
    /// A new request for which there is no room: answer it without a transaction, by 503 (RFC 3261 8.2.7).
    Overload {
        /// The request; never an ACK or a CANCEL.
        request: Message,
        /// The way it came.
        flow: Flow,
    },
    /// An ACK that belongs to no failed INVITE: it acknowledges a 2xx.
    Ack {
        /// The ACK.
        ack: Message,
        /// The way it came.
        flow: Flow,
    },
    /// An INVITE without a final response so far is to be cancelled: answer *it* by 487 (RFC 3261 9.2).
    /// The CANCEL itself has been answered, as every CANCEL is: 200, or 481 where nothing matches.
    /// Raised at most once for an INVITE.
    Cancel {
        /// The INVITE's transaction.
        invite: ServerId,
        /// The CANCEL, for its Reason.
        cancel: Message,
    },
    /// A response to a request of ours. Repetitions are absorbed, except that of a 2xx to INVITE: each one
    /// is given up, because each one wants an ACK, and another To tag is another dialog (RFC 6026 7.2).
    Response {
        /// Whose request.
        user: U,
        /// The response.
        response: Message,
        /// The way it came.
        flow: Flow,
    },
    /// A response to no request of ours, or to one long over. Nothing is due but, for a proxy, RFC 6026 8.
    Stray {
        /// The response.
        response: Message,
        /// The way it came.
        flow: Flow,
    },
    /// No final response came in time (timer B or F; or none within 64*T1 of the CANCEL, RFC 3261 9.1).
    /// Treat as 408 (8.1.3.1). The transaction is over.
    TimedOut {
        /// Whose request.
        user: U,
    },
    /// The request, or the ACK to its failure, could not be sent. Treat as 503 (8.1.3.1). The transaction
    /// is over.
    Unreachable {
        /// Whose request.
        user: U,
    },
    /// A failure answered to an INVITE was never acknowledged (timer H). The transaction is over.
    Unacknowledged {
        /// Which one.
        id: ServerId,
    },
    /// A response could not be sent (RFC 3261 17.2.4). That of an INVITE may still be repeated and come
    /// through; any other transaction is over.
    Undeliverable {
        /// Which one.
        id: ServerId,
    },
}

/// What the layer wants done, in order. The caller owns it, ships it at once, and uses it again.
#[derive(Debug)]
pub struct Outbox<U> {
    /// Messages to send.
    pub transmit: Vec<Transmit>,
    /// News for the user.
    pub events: Vec<Event<U>>,
}

impl<U> Outbox<U> {
    /// An empty one.
    pub const fn new() -> Self {
        Self {
            transmit: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Whether nothing is to be done.
    pub const fn is_empty(&self) -> bool {
        self.transmit.is_empty() && self.events.is_empty()
    }
}

impl<U> Default for Outbox<U> {
    fn default() -> Self {
        Self::new()
    }
}

/// The layer holds as many transactions as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no room for another transaction")]
pub struct Full;

/// The server transaction has ended: nobody waits for a response any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the transaction has ended")]
pub struct Gone;
