//! The non-INVITE server transaction: RFC 3261 17.2.2, figure 8, with the two bounds of RFC 4320.
//!
//! ```text
//!                               |request
//!                               |request to user
//!                               V
//!                         +------------+
//!                         |            |  64*T1 (RFC 4320 4.2)
//!                         |   Trying   |--------------------------+
//!                         |            |  or transport error:     |
//!                         +------------+  tell user               |
//!                           |      |                              |
//!        200-699 from user  |      |1xx from user,                |
//!        response sent      |      |or 100 when the client has    |
//!            +--------------+      |come to T2 (RFC 4320 4.1)     |
//!            |                     |response sent                 |
//!            |                     V                              |
//!            |   request  +------------+ 1xx from user            |
//!            |   response |            | response sent            |
//!            |   sent  +--|            |--+                       |
//!            |         +->| Proceeding |<-+                       |
//!            |            |            |------------------------->|
//!            |            +------------+  64*T1, or               |
//!            |                     |      transport error:        |
//!            |                     |      tell user               |
//!            |                     |200-699 from user             |
//!            |                     |response sent                 |
//!            |                     V                              |
//!            |   request  +------------+                          |
//!            |   response |            |                          |
//!            |   sent  +--| Completed  |------------------------->|
//!            |         +->|            |  transport error:        |
//!            +----------->|            |  tell user               |
//!                         +------------+                          |
//!                               |timer J fires                    |
//!                               V                                 |
//!                         +------------+                          |
//!                         | Terminated |<-------------------------+
//!                         +------------+
//! ```
//!
//! RFC 4320 also forbids the user any other 1xx than 100, and 408.

use super::machine::Effect::{Pass, PrepareTrying, Reply, Send, Start, Stop, TellBroken};
use super::machine::Input::{
    self, Ack, Broken, Cancel, Expire, Failure, Provisional, Repeat, Request, Success,
};
use super::machine::Step;
use super::timer::Slot;
use super::timer::Timer::{J, LongPatience, TooLate};

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
pub(super) const START: Step<State> = (Trying, &[Start(LongPatience), Start(TooLate), Pass]);

impl State {
    /// The figure.
    pub(super) const fn step(self, input: Input) -> Step<Self> {
        match (self, input) {
            (Trying, Request) => (Trying, &[]),
            (Trying, Provisional) => (Proceeding, &[Stop(Slot::Repeat), Reply]),
            // RFC 4320 4.1.
            (Trying, Repeat) => (Proceeding, &[PrepareTrying, Send]),

            (Proceeding, Request) => (Proceeding, &[Send]),
            (Proceeding, Provisional) => (Proceeding, &[Reply]),
            (Proceeding, Repeat) => (Proceeding, &[]),

            (Trying | Proceeding, Success | Failure) => {
                (Completed, &[Stop(Slot::Repeat), Reply, Start(J)])
            }
            // RFC 4320 4.2: the client has given up.
            (Trying | Proceeding, Expire) => (Terminated, &[]),
            (Trying | Proceeding, Broken) => (Terminated, &[TellBroken]),

            (Completed, Request) => (Completed, &[Send]),
            (Completed, Provisional | Success | Failure | Repeat) => (Completed, &[]),
            // Timer J.
            (Completed, Expire) => (Terminated, &[]),
            (Completed, Broken) => (Terminated, &[TellBroken]),

            (Terminated, Request | Provisional | Success | Failure | Repeat | Expire | Broken) => {
                (Terminated, &[])
            }

            // An ACK or a CANCEL has the key of an INVITE (17.2.3, 9.2).
            (Trying | Proceeding | Completed | Terminated, Ack | Cancel) => (self, &[]),
        }
    }
}
