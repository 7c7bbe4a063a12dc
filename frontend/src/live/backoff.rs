//! How long to wait before the next attempt: longer each time, and never the same for all pages.

/// The first wait, in milliseconds.
const FIRST: u64 = 400;
/// The longest wait, in milliseconds.
const LONGEST: u64 = 15_000;

/// Exponential back-off with jitter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait in milliseconds, between half of it and the whole; `random` is from 0 to 1.
    pub fn next(&mut self, random: f64) -> u64 {
        let whole = LONGEST.min(FIRST << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        let half = whole / 2;
        let share = (half as f64 * random.clamp(0.0, 1.0)) as u64;
        half + share
    }

    /// The line has been good: begin anew.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;

    #[test]
    fn waits_double_up_to_a_bound() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..8).map(|_| backoff.next(1.0)).collect();
        assert_eq!(
            waits,
            [400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]
        );
        backoff.reset();
        assert_eq!(backoff.next(0.0), 200);
    }

    #[test]
    fn jitter_takes_up_to_half_away() {
        let wait = |random| Backoff { failures: 1 }.next(random);
        assert_eq!((wait(0.0), wait(0.5), wait(1.0)), (400, 600, 800));
        assert_eq!((wait(-1.0), wait(7.0)), (400, 800));
    }

    #[test]
    fn many_failures_do_not_overflow() {
        let mut backoff = Backoff { failures: u32::MAX };
        assert_eq!(backoff.next(1.0), 15_000);
    }
}
