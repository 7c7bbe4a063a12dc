//! What the proxy is told and what it wants done. The switch stands between these words and the transaction layer.

use std::borrow::Cow;

use bytes::Bytes;
use sip::msg::{Message, Method};
use sip::name::{Branch, Flow};
use sip::transaction::ServerId;

use super::destination::Destination;
use crate::event::{CallRef, Event, Side};
use crate::locate::{Sought, Unlocated};

/// Whose request it is: the mark of a client transaction of the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark(pub(super) Whose);

/// What is meant by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    /// A copy of somebody's request.
    Branch { context: ContextId, branch: u8 },
    /// Our BYE to one side of a call that is followed.
    Bye { call: CallRef, side: Side },
    /// Our question to one side of such a call.
    Question { call: CallRef, side: Side },
}

impl Mark {
    pub(super) const fn bye(call: CallRef, side: Side) -> Self {
        Self(Whose::Bye { call, side })
    }

    pub(super) const fn question(call: CallRef, side: Side) -> Self {
        Self(Whose::Question { call, side })
    }
}

/// A question where the servers of another domain are; to be given back with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lookup(pub(super) ContextId);

/// Names a response context. Never valid for another one, even after its own is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ContextId {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

/// Something from the network, or from the clock. Everything may come at any time, also for what is long over.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A request that is for somebody else; never ACK or CANCEL.
    Request {
        /// By which it is answered.
        id: ServerId,
        /// What came.
        request: &'a Message,
        /// The way it came.
        flow: &'a Flow,
        /// Where it is to go: [`super::Proxy::destination`].
        destination: Destination,
    },
    /// A request for which the transaction layer has no room, but whose way is proven and which may be passed on without
    /// being remembered: [`Destination::needs_no_memory`].
    Passing {
        /// What came.
        request: &'a Message,
        /// The way it came.
        flow: &'a Flow,
        /// Where it is to go.
        destination: Destination,
    },
    /// An ACK to a 2xx.
    Ack {
        /// What came.
        ack: &'a Message,
        /// The way it came.
        flow: &'a Flow,
    },
    /// A CANCEL, answered already.
    Cancel {
        /// The INVITE it cancels.
        id: ServerId,
        /// The CANCEL itself.
        cancel: &'a Message,
    },
    /// A response to a request that we sent on.
    Response {
        /// The request.
        mark: Mark,
        /// What came.
        response: &'a Message,
    },
    /// A response without a transaction.
    Stray {
        /// What came.
        response: &'a Message,
        /// The way it came.
        flow: &'a Flow,
    },
    /// A request that we sent on got no final response in time.
    TimedOut(Mark),
    /// A request could not be sent on.
    Unreachable(Mark),
    /// Where the servers of another domain are.
    Located {
        /// Who asked.
        lookup: Lookup,
        /// The ways to them, best first.
        found: Result<Vec<Flow>, Unlocated>,
    },
    /// The transaction layer had no room for a request.
    NoRoom(Mark),
    /// A connection is closed.
    Closed(&'a Flow),
    /// The deadline is reached.
    Timeout,
}

/// Something the proxy wants done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Start a client transaction. If there is no room for it, say [`Input::NoRoom`].
    Forward {
        /// To be given back with all that is heard of it.
        mark: Mark,
        /// Of our Via.
        branch: Branch,
        /// The method.
        method: Method,
        /// The whole request.
        bytes: Bytes,
        /// Where to.
        flow: Flow,
    },
    /// Find out where these servers are, and say [`Input::Located`].
    Locate {
        /// To be given back.
        lookup: Lookup,
        /// Whose servers.
        sought: Sought,
    },
    /// Cancel the INVITE with this branch.
    Cancel {
        /// Of the INVITE.
        branch: Branch,
        /// The value of a Reason header.
        reason: Option<Cow<'static, str>>,
    },
    /// Forget a server transaction: its request is passed on without state.
    Forget {
        /// Which.
        id: ServerId,
    },
    /// Send outside of any transaction: an ACK to a 2xx, a late 2xx, or what is passed on for want of room.
    Transmit {
        /// The whole message.
        bytes: Bytes,
        /// Where to.
        flow: Flow,
    },
    /// Answer a server transaction.
    Respond {
        /// Which.
        id: ServerId,
        /// The whole response.
        bytes: Bytes,
    },
    /// Tell everybody.
    Event(Event),
}

/// Where the proxy puts its wishes. The caller owns it, carries them out in order and clears it.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    /// In the order in which they are to happen.
    pub effects: Vec<Effect>,
}

impl Outbox {
    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }
}
