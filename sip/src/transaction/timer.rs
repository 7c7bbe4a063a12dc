//! The timers by their letters (RFC 3261 table 4, RFC 6026) and those that have none.
//!
//! Knows how long each runs, not what happens then: that stands in the machines.

use std::time::Duration;

use super::Timers;

/// A timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// INVITE client, Calling: send the request again.
    A,
    /// INVITE client, Calling: give up.
    B,
    /// INVITE client, Completed: absorb repetitions of the response.
    D,
    /// Non-INVITE client, Trying: send the request again.
    E,
    /// Non-INVITE client, Proceeding: E, whose pause is T2 now.
    SlowE,
    /// Non-INVITE client: give up.
    F,
    /// INVITE server, Completed: send the response again.
    G,
    /// INVITE server, Completed: give up waiting for the ACK.
    H,
    /// INVITE server, Confirmed: absorb repetitions of the ACK.
    I,
    /// Non-INVITE server, Completed: absorb repetitions of the request.
    J,
    /// Non-INVITE client, Completed: absorb repetitions of the response.
    K,
    /// INVITE server, Accepted: absorb repetitions of the request (RFC 6026).
    L,
    /// INVITE client, Accepted: pass further 2xx up (RFC 6026).
    M,
    /// INVITE server: the user has 200 ms before 100 (Trying) goes out (17.2.1).
    Patience,
    /// Non-INVITE server: 100 (Trying) goes out when the client repeats at T2 only (RFC 4320 4.1).
    LongPatience,
    /// Non-INVITE server: the client's timer F has fired, an answer is of no use (RFC 4320 4.2).
    TooLate,
    /// INVITE client: the final response that a CANCEL should have brought is not to be expected (9.1).
    Cancelled,
}

/// Each transaction has room for two timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// What sends, and mostly sends again.
    Repeat,
    /// What ends the state it was started in.
    End,
}

impl Timer {
    /// In which slot it runs.
    pub(super) const fn slot(self) -> Slot {
        match self {
            Self::A | Self::E | Self::SlowE | Self::G | Self::Patience | Self::LongPatience => {
                Slot::Repeat
            }
            Self::B
            | Self::D
            | Self::F
            | Self::H
            | Self::I
            | Self::J
            | Self::K
            | Self::L
            | Self::M
            | Self::TooLate
            | Self::Cancelled => Slot::End,
        }
    }

    /// How long it runs when started first. `None` where it is not used: a reliable transport repeats by
    /// itself. Zero where it fires at once: a reliable transport delivers no repetition to be absorbed.
    pub(super) fn first(self, timers: &Timers, reliable: bool) -> Option<Duration> {
        match self {
            Self::A | Self::E | Self::G => (!reliable).then_some(timers.t1),
            Self::SlowE => (!reliable).then_some(timers.longest_pause()),
            Self::B | Self::F | Self::H | Self::L | Self::M | Self::TooLate | Self::Cancelled => {
                Some(timers.give_up())
            }
            // "At least 32 s", which is 64*T1 with the default T1, and what a slower network needs too.
            Self::D | Self::J => Some(if reliable {
                Duration::ZERO
            } else {
                timers.give_up()
            }),
            Self::I | Self::K => Some(if reliable { Duration::ZERO } else { timers.t4 }),
            Self::Patience => Some(Duration::from_millis(200)),
            Self::LongPatience => Some(timers.until_slow()),
        }
    }

    /// How long it runs when it ran for `pause` before.
    pub(super) fn next(self, timers: &Timers, pause: Duration) -> Duration {
        let doubled = pause.saturating_mul(2);
        if self == Self::A {
            doubled
        } else {
            doubled.min(timers.longest_pause())
        }
    }
}

impl Timers {
    /// 64*T1: when a transaction is given up.
    fn give_up(&self) -> Duration {
        self.t1.saturating_mul(64)
    }

    /// T2; never less than T1, so that a bad setting cannot make a timer fire without end.
    fn longest_pause(&self) -> Duration {
        self.t2.max(self.t1)
    }

    /// When the pause between two repetitions of a non-INVITE request reaches T2.
    fn until_slow(&self) -> Duration {
        let (mut pause, mut passed) = (self.t1, Duration::ZERO);
        // Six doublings take T1 to 64*T1, when all is over anyway.
        for _ in 0..6 {
            if pause < self.t2 {
                passed += pause;
                pause = pause.saturating_mul(2);
            }
        }
        passed
    }
}
