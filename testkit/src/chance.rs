//! Chance that can be repeated: the same seed gives the same test.

use std::ops::RangeInclusive;
use std::time::Duration;

/// A small generator (SplitMix64). Good enough for weather, useless for secrets.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// A generator that `seed` determines.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; zero when that is zero.
    pub const fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next() % bound }
    }

    /// True in `percent` of a hundred cases.
    pub const fn happens(&mut self, percent: u8) -> bool {
        self.below(100) < percent as u64
    }

    /// A duration within `range`, in steps of a microsecond.
    pub fn within(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        let span = range.end().saturating_sub(*range.start());
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX - 1);
        *range.start() + Duration::from_micros(self.below(micros + 1))
    }
}
