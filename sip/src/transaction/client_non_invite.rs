//! The non-INVITE client transaction: RFC 3261 17.1.2, figure 6.
//!
//! ```text
//!                              |request from user
//!                              |request sent
//!          timer E fires       V
//!          request sent +------------+
//!             +---------|            |-------------------+
//!             |         |   Trying   | timer F fires     |
//!             +-------->|            | or transport err. |
//!                       +------------+ tell user         |
//!          200-699         |    |                        |
//!          resp. to user   |    |1xx                     |
//!          +---------------+    |resp. to user           |
//!          |                    V                        |
//!          | timer E fires +------------+ timer F fires  |
//!          | request sent  |            | or transport   |
//!          |     +---------| Proceeding | error          |
//!          |     +-------->|            | tell user      |
//!          |               |            |--------------->|
//!          |     +---------|            |                |
//!          |     +-------->+------------+                |
//!          |      1xx             |                      |
//!          |      resp. to user   |200-699               |
//!          |                      |resp. to user         |
//!          |                      V                      |
//!          |               +------------+                |
//!          +-------------->|            |                |
//!                          | Completed  |                |
//!                          |            |                |
//!                          +------------+                |
//!                                 |timer K fires         |
//!                                 V                      |
//!                          +------------+                |
//!                          | Terminated |<---------------+
//!                          +------------+
//! ```

use super::machine::Effect::{Again, Forget, Pass, Send, Start, Stop, TellBroken, TellTimeout};
use super::machine::Input::{
    self, Ack, Broken, Cancel, Expire, Failure, Provisional, Repeat, Request, Success,
};
use super::machine::Step;
use super::timer::Slot;
use super::timer::Timer::{E, F, K, SlowE};

/// A state of the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

use State::{Completed, Proceeding, Terminated, Trying};

/// How it begins.
pub(super) const START: Step<State> = (Trying, &[Send, Start(E), Start(F)]);

impl State {
    /// The figure.
    pub(super) const fn step(self, input: Input) -> Step<Self> {
        match (self, input) {
            (Trying, Provisional) => (Proceeding, &[Pass]),
            (Trying, Repeat) => (Trying, &[Send, Again(E)]),

            (Proceeding, Provisional) => (Proceeding, &[Pass]),
            (Proceeding, Repeat) => (Proceeding, &[Send, Start(SlowE)]),

            (Trying | Proceeding, Success | Failure) => {
                (Completed, &[Stop(Slot::Repeat), Forget, Start(K), Pass])
            }
            // Timer F.
            (Trying | Proceeding, Expire) => (Terminated, &[TellTimeout]),
            (Trying | Proceeding, Broken) => (Terminated, &[TellBroken]),

            (Completed, Provisional | Success | Failure) => (Completed, &[]),
            // Timer K.
            (Completed, Expire) => (Terminated, &[]),
            (Completed, Repeat | Broken) => (Completed, &[]),

            (Terminated, Provisional | Success | Failure | Repeat | Expire | Broken) => {
                (Terminated, &[])
            }

            // 9.1: only an INVITE is cancelled. The others only a server hears.
            (Trying | Proceeding | Completed | Terminated, Cancel | Request | Ack) => (self, &[]),
        }
    }
}
