//! What a network does to a message on its way.

use std::ops::RangeInclusive;
use std::time::Duration;

/// How messages fare. Streams know only the delay: they deliver in order and lose nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weather {
    /// How long a message travels. A wide range lets datagrams overtake each other.
    pub delay: RangeInclusive<Duration>,
    /// Of a hundred datagrams, how many are lost.
    pub loss: u8,
    /// Of a hundred datagrams, how many arrive twice.
    pub duplication: u8,
    /// Of a hundred datagrams, how many are held back by three times the longest delay.
    pub reordering: u8,
}

impl Weather {
    /// One millisecond, always; nothing is lost.
    pub const CALM: Self = Self::steady(Duration::from_millis(1));

    /// Always the same delay; nothing is lost.
    pub const fn steady(delay: Duration) -> Self {
        Self {
            delay: RangeInclusive::new(delay, delay),
            loss: 0,
            duplication: 0,
            reordering: 0,
        }
    }

    /// A bad day: 5 to 80 ms, a quarter lost, a tenth doubled, a tenth held back.
    pub const STORM: Self = Self {
        delay: RangeInclusive::new(Duration::from_millis(5), Duration::from_millis(80)),
        loss: 25,
        duplication: 10,
        reordering: 10,
    };
}
