//! Time as an argument. Knows no clock: whoever drives the machines says what time it is.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment: microseconds since the UNIX epoch, on a clock that never steps back.
///
/// One number serves both as a monotonic instant (timers) and as a date (the `Date` header, records):
/// the runtime anchors a monotonic clock at the wall clock once, at start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The moment `micros` microseconds after the UNIX epoch.
    pub const fn from_unix_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the UNIX epoch.
    pub const fn unix_micros(self) -> u64 {
        self.0
    }

    /// Milliseconds since the UNIX epoch.
    pub const fn unix_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// Whole seconds since the UNIX epoch.
    pub const fn unix_seconds(self) -> u64 {
        self.0 / 1_000_000
    }

    /// How long ago `earlier` was; zero if it is still to come.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Saturates at the end of time, so no duration taken from the wire can overflow.
    fn add(self, after: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(after.as_micros()).unwrap_or(u64::MAX)),
        )
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}
