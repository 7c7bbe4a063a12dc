//! The INVITE client transaction: RFC 3261 17.1.1, figure 5 as RFC 6026 redraws it.
//!
//! ```text
//!                            |INVITE from user
//!          timer A fires     |INVITE sent      timer B fires
//!          start A again     V                 or transport error
//!          INVITE sent +------------+          tell user
//!            +---------|            |---------------------------+
//!            |         |  Calling   |                           |
//!            +-------->|            |-----------+               |
//!                      +------------+ 2xx       |               |
//!                         |    |      2xx to    |               |
//!                         |    |1xx   user      |               |
//!  300-699 ACK sent       |    |1xx to user     |               |
//!  response to user +-----+    |                |               |
//!                   |          V                |               |
//!      1xx          |  +------------+           |               |
//!      1xx to user  |  |            | 2xx       |               |
//!           +----------| Proceeding | 2xx to    |               |
//!           +--------->|            | user      |               |
//!                   |  +------------+---------->+               |
//!                   |          |                |               |
//!                   |          |300-699         |               |
//!                   |          |ACK sent        |               |
//!                   |          |resp. to user   |               |
//!                   |          V                V               |
//!  300-699          |  +------------+     +------------+        |
//!  ACK sent         +->|            |     |            | 2xx    |
//!           +----------| Completed  |     |  Accepted  |---+    |
//!           +--------->|            |     |            |<--+    |
//!                      +------------+     +------------+ 2xx to |
//!   transport error       |    |                |        user   |
//!   tell user             |    |timer D fires   |timer M fires  |
//!                         V    V                V               |
//!                      +------------+           |               |
//!                      |            |<----------+               |
//!                      | Terminated |                           |
//!                      |            |<--------------------------+
//!                      +------------+
//! ```
//!
//! `Cancelling` is `Proceeding` after our CANCEL: the same, but for the bound of 9.1, 64*T1 from the CANCEL.
//! Acknowledging a 2xx is the user's part.

use super::machine::Effect::{
    Acknowledge, Again, Forget, Pass, Send, SendCancel, Start, Stop, TellBroken, TellTimeout,
};
use super::machine::Input::{
    self, Ack, Broken, Cancel, Expire, Failure, Provisional, Repeat, Request, Success,
};
use super::machine::Step;
use super::timer::Slot;
use super::timer::Timer::{A, B, Cancelled, D, M};

/// A state of the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Calling,
    Proceeding,
    Cancelling,
    Accepted,
    Completed,
    Terminated,
}

use State::{Accepted, Calling, Cancelling, Completed, Proceeding, Terminated};

/// How it begins.
pub(super) const START: Step<State> = (Calling, &[Send, Start(A), Start(B)]);

impl State {
    /// The figure.
    pub(super) const fn step(self, input: Input) -> Step<Self> {
        match (self, input) {
            (Calling, Provisional) => (Proceeding, &[Stop(Slot::Repeat), Stop(Slot::End), Pass]),
            (Calling, Success) => (Accepted, &[Stop(Slot::Repeat), Forget, Start(M), Pass]),
            (Calling, Failure) => (
                Completed,
                &[Stop(Slot::Repeat), Acknowledge, Start(D), Pass],
            ),
            (Calling, Repeat) => (Calling, &[Send, Again(A)]),
            // Timer B.
            (Calling, Expire) => (Terminated, &[TellTimeout]),
            (Calling, Broken) => (Terminated, &[TellBroken]),
            // 9.1: a CANCEL must not be sent before a provisional response came.
            (Calling, Cancel) => (Calling, &[]),

            (Proceeding, Cancel) => (Cancelling, &[SendCancel, Start(Cancelled)]),
            (Proceeding | Cancelling, Provisional) => (self, &[Pass]),
            (Proceeding | Cancelling, Success) => (Accepted, &[Forget, Start(M), Pass]),
            (Proceeding | Cancelling, Failure) => (Completed, &[Acknowledge, Start(D), Pass]),
            // Nothing is being sent: a response may still come, by another connection (18.2.2).
            (Proceeding | Cancelling, Broken) => (self, &[]),
            // 9.1: consider it cancelled.
            (Cancelling, Expire) => (Terminated, &[TellTimeout]),
            (Cancelling, Cancel) => (Cancelling, &[]),
            (Proceeding | Cancelling, Repeat) | (Proceeding, Expire) => (self, &[]),

            // RFC 6026 7.2: every 2xx, repeated or from another fork, wants an ACK of its own.
            (Accepted, Success) => (Accepted, &[Pass]),
            (Accepted, Provisional | Failure) => (Accepted, &[]),
            // Timer M.
            (Accepted, Expire) => (Terminated, &[]),
            (Accepted, Broken | Cancel | Repeat) => (Accepted, &[]),

            // Stored is the ACK now.
            (Completed, Failure) => (Completed, &[Send]),
            (Completed, Provisional | Success) => (Completed, &[]),
            // Timer D.
            (Completed, Expire) => (Terminated, &[]),
            (Completed, Broken) => (Terminated, &[TellBroken]),
            (Completed, Cancel | Repeat) => (Completed, &[]),

            (Terminated, Provisional | Success | Failure | Repeat | Expire | Broken | Cancel) => {
                (Terminated, &[])
            }

            // Only a server hears these.
            (
                Calling | Proceeding | Cancelling | Accepted | Completed | Terminated,
                Request | Ack,
            ) => (self, &[]),
        }
    }
}
