//! The INVITE server transaction: RFC 3261 17.2.1, figure 7 as RFC 6026 redraws it.
//!
//! ```text
//!                                |INVITE
//!                                |INVITE to user
//!           INVITE               V 100 sent if the user says nothing for 200 ms
//!           response sent +------------+
//!               +---------|            |--------+ 101-199 from user
//!               +-------->|            |<-------+ response sent
//!                         | Proceeding |
//!                         |            |--------+ transport error
//!                         |            |<-------+ tell user
//!                         +------------+
//!      300-699 from user    |        |    2xx from user
//!      response sent        |        |    response sent
//!              +------------+        +------------+
//!              V                                  V
//!        +------------+                     +------------+
//!        |            |---+ INVITE, timer G |            |---+ INVITE
//!        | Completed  |<--+ response sent   |  Accepted  |<--+ -
//!        |            |---+ transport error |            |---+ 2xx from user
//!        |            |<--+ tell user       |            |<--+ response sent
//!        +------------+                     |            |---+ ACK
//!           |      |ACK                     |            |<--+ ACK to user
//!           |      |-                       |            |---+ transport error
//!           |      V                        |            |<--+ tell user
//!           |   +------------+              +------------+
//!           |   | Confirmed  |---+ ACK            |
//!           |   |            |<--+ -              |timer L fires
//!           |   +------------+                    |-
//!   timer H |      |timer I fires                 |
//!   fires   |      |-                             |
//!   tell    |      V                              |
//!   user    |   +------------+                    |
//!           +-->| Terminated |<-------------------+
//!               +------------+
//! ```
//!
//! `Cancelled` is `Proceeding` after a CANCEL: the same, but the user is not told twice (9.2). Repeating a
//! 2xx until its ACK comes is the user's part; nothing but the user ends `Proceeding`.

use super::machine::Effect::{
    Again, Forget, Pass, PrepareTrying, Relay, Reply, Send, Start, Stop, TellBroken,
    TellUnacknowledged,
};
use super::machine::Input::{
    self, Ack, Broken, Cancel, Expire, Failure, Provisional, Repeat, Request, Success,
};
use super::machine::Step;
use super::timer::Slot;
use super::timer::Timer::{G, H, I, L, Patience};

/// A state of the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Proceeding,
    Cancelled,
    Accepted,
    Completed,
    Confirmed,
    Terminated,
}

use State::{Accepted, Cancelled, Completed, Confirmed, Proceeding, Terminated};

/// How it begins.
pub(super) const START: Step<State> = (Proceeding, &[PrepareTrying, Start(Patience), Pass]);

impl State {
    /// The figure.
    pub(super) const fn step(self, input: Input) -> Step<Self> {
        match (self, input) {
            // Stored is the 100 until the user has given something.
            (Proceeding | Cancelled, Request | Repeat) => (self, &[Stop(Slot::Repeat), Send]),
            (Proceeding | Cancelled, Provisional) => (self, &[Stop(Slot::Repeat), Reply]),
            (Proceeding | Cancelled, Success) => {
                (Accepted, &[Stop(Slot::Repeat), Relay, Forget, Start(L)])
            }
            (Proceeding | Cancelled, Failure) => (Completed, &[Reply, Start(G), Start(H)]),
            (Proceeding | Cancelled, Broken) => (self, &[TellBroken]),
            (Proceeding, Cancel) => (Cancelled, &[Pass]),
            (Cancelled, Cancel) => (Cancelled, &[]),
            (Proceeding | Cancelled, Ack | Expire) => (self, &[]),

            // RFC 6026 7.1: the request is absorbed, the rest belongs to the user.
            (Accepted, Request) => (Accepted, &[]),
            (Accepted, Success) => (Accepted, &[Relay]),
            (Accepted, Ack) => (Accepted, &[Pass]),
            (Accepted, Broken) => (Accepted, &[TellBroken]),
            // Timer L.
            (Accepted, Expire) => (Terminated, &[]),
            // 9.2: a CANCEL that comes after the final response changes nothing.
            (Accepted, Provisional | Failure | Repeat | Cancel) => (Accepted, &[]),

            (Completed, Request) => (Completed, &[Send]),
            (Completed, Repeat) => (Completed, &[Send, Again(G)]),
            (Completed, Ack) => (Confirmed, &[Stop(Slot::Repeat), Forget, Start(I)]),
            (Completed, Broken) => (Completed, &[TellBroken]),
            // Timer H.
            (Completed, Expire) => (Terminated, &[TellUnacknowledged]),
            (Completed, Provisional | Success | Failure | Cancel) => (Completed, &[]),

            // Timer I.
            (Confirmed, Expire) => (Terminated, &[]),
            (
                Confirmed,
                Request | Ack | Provisional | Success | Failure | Repeat | Broken | Cancel,
            ) => (Confirmed, &[]),

            (
                Terminated,
                Request | Ack | Provisional | Success | Failure | Repeat | Expire | Broken | Cancel,
            ) => (Terminated, &[]),
        }
    }
}
