//! Virtual time: it stands still until a test moves it.

use std::time::Duration;

use sip::time::Instant;

/// The time of a test. Starts at 2026-01-01T00:00:00Z, so that dates in messages are the same each run.
#[derive(Clone, Debug)]
pub struct Clock {
    now: Instant,
}

impl Clock {
    /// Where every clock starts.
    pub const START: Instant = Instant::from_unix_micros(1_767_225_600_000_000);

    /// A clock at [`Clock::START`].
    pub const fn new() -> Self {
        Self { now: Self::START }
    }

    /// What time it is.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Moves on by `step`.
    pub fn advance(&mut self, step: Duration) -> Instant {
        self.now = self.now + step;
        self.now
    }

    /// Moves on to `instant`; stays where it is if that has passed.
    pub fn advance_to(&mut self, instant: Instant) -> Instant {
        self.now = self.now.max(instant);
        self.now
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
