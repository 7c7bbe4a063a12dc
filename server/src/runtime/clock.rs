//! The only clock: anchored once, at the wall clock for dates and at the monotonic clock for everything else.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the clock that everybody else is given"
)]

use std::time::{Instant as Monotonic, SystemTime, UNIX_EPOCH};

use sip::time::Instant;

/// Tells [`Instant`]s. Copies agree with each other.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Instant,
    started: Monotonic,
}

impl Clock {
    /// Anchors a clock now. A step of the wall clock afterwards is not seen.
    pub fn start() -> Self {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            wall: Instant::default() + wall,
            started: Monotonic::now(),
        }
    }

    /// The time now.
    pub fn now(&self) -> Instant {
        self.wall + self.started.elapsed()
    }

    /// The same moment in the words of tokio's timers.
    pub(super) fn timer(&self, at: Instant) -> tokio::time::Instant {
        (self.started + at.since(self.wall)).into()
    }
}
