//! What call control is told and what it wants done. The switch stands between these words and the
//! transaction layer.

use bytes::Bytes;
use sip::dialog::{Reason, RequestId};
use sip::msg::Message;
use sip::name::{Branch, Flow};
use sip::transaction::ServerId;

use crate::event::{CallRef, Event, Side};

/// Whose request it is: the mark of a client transaction of call control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The call.
    pub call: CallRef,
    /// The leg.
    pub side: Side,
    /// The device of the party.
    pub device: DeviceId,
    /// The request among those of the device.
    pub request: RequestId,
}

/// Names one device among those that were invited for a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(pub(super) u8);

/// Something from the network, or from the clock. Everything may come at any time, also for calls that are
/// long over.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A response to a request of ours.
    Response {
        /// The request.
        mark: Mark,
        /// What came.
        response: &'a Message,
        /// The way it came.
        flow: &'a Flow,
    },
    /// A request of ours got no final response in time.
    TimedOut(Mark),
    /// A request of ours could not be sent, or the transaction layer had no room for it.
    Unreachable(Mark),
    /// A response without a transaction, but with a Call-ID of ours ([`super::CallControl::knows`]).
    Stray {
        /// What came.
        response: &'a Message,
        /// The way it came.
        flow: &'a Flow,
    },
    /// A request with a Call-ID of ours; never ACK or CANCEL.
    Request {
        /// By which it is answered.
        id: ServerId,
        /// What came.
        request: &'a Message,
        /// The way it came.
        flow: &'a Flow,
    },
    /// An ACK to a 2xx, with a Call-ID of ours.
    Ack(&'a Message),
    /// A CANCEL, answered already, with a Call-ID of ours.
    Cancel {
        /// The request it cancels.
        id: ServerId,
        /// The CANCEL itself.
        cancel: &'a Message,
    },
    /// The deadline is reached.
    Timeout,
}

/// Something call control wants done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Start a client transaction. If that fails, say [`Input::Unreachable`].
    Request {
        /// To be given back with all that is heard of it.
        mark: Mark,
        /// The whole request.
        bytes: Bytes,
        /// Where to.
        flow: Flow,
    },
    /// Cancel the INVITE with this branch.
    Cancel {
        /// Of the INVITE.
        branch: Branch,
        /// For the Reason header.
        reason: Option<Reason>,
    },
    /// Send outside of any transaction: the ACK to a 2xx.
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
    /// Keep this beyond the process.
    Journal {
        /// The call.
        call: CallRef,
        /// All of it, as it is now; `None` when it is over, or cannot be taken up again.
        state: Option<Bytes>,
    },
}

/// Where call control puts its wishes. The caller owns it, carries them out in order and clears it.
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
