//! What became of calls, in numbers: how many ended how and by whom, and how long it took until they talked.
//!
//! Counted from the board, so that metrics and page agree. Knows no format.

use app::model::{CallState, CallView, EndedBy, Outcome};

/// Upper bounds of the histogram of set-up times, in seconds; people lift within ten, or not at all.
pub const SETUP_BUCKETS: [u64; 7] = [1, 2, 5, 10, 20, 30, 60];

/// Counts since the server started.
#[derive(Clone, Debug, Default)]
pub struct Census {
    ended: [[u64; EndedBy::ALL.len()]; Outcome::ALL.len()],
    setup_buckets: [u64; SETUP_BUCKETS.len()],
    setup_count: u64,
    setup_millis: u64,
}

impl Census {
    /// Takes in a call whose state has just changed.
    pub(super) fn count(&mut self, call: &CallView) {
        match call.state {
            CallState::Talking => self.talks(call.since.saturating_sub(call.opened_at)),
            CallState::Done(outcome) => {
                // Legs end before their call; one of which no leg says so was given up by a rule.
                let by = call.ended_by().unwrap_or(EndedBy::Policy);
                self.ended[outcome as usize][by as usize] += 1;
            }
            CallState::CallingA
            | CallState::AWaiting
            | CallState::CallingB
            | CallState::Connecting
            | CallState::Releasing => {}
        }
    }

    fn talks(&mut self, after_millis: u64) {
        self.setup_count += 1;
        self.setup_millis += after_millis;
        for (bound, count) in SETUP_BUCKETS.iter().zip(&mut self.setup_buckets) {
            *count += u64::from(after_millis <= bound * 1_000);
        }
    }

    /// Calls that came to this end.
    pub const fn ended(&self, outcome: Outcome, by: EndedBy) -> u64 {
        self.ended[outcome as usize][by as usize]
    }

    /// Calls that were connected within each of [`SETUP_BUCKETS`].
    pub const fn connected_within(&self) -> &[u64; SETUP_BUCKETS.len()] {
        &self.setup_buckets
    }

    /// Calls that were connected.
    pub const fn connected(&self) -> u64 {
        self.setup_count
    }

    /// The time from wish to talk of all of them, in milliseconds.
    pub const fn setup_millis(&self) -> u64 {
        self.setup_millis
    }
}
