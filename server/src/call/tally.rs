//! How many calls there are and may be, on all shards together.

use std::sync::atomic::{AtomicU32, Ordering};

/// Shared by the shards of a server.
#[derive(Debug)]
pub struct Tally {
    open: AtomicU32,
    limit: u32,
}

impl Tally {
    /// No call so far, and never more than `limit`.
    pub const fn new(limit: u32) -> Self {
        Self {
            open: AtomicU32::new(0),
            limit,
        }
    }

    /// How many calls there may be.
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// How many calls there are that are not done.
    pub fn open(&self) -> u32 {
        self.open.load(Ordering::Relaxed)
    }

    /// Counts one more; `false` when that would be too many.
    pub(super) fn admit(&self) -> bool {
        let more = |open| (open < self.limit).then_some(open + 1);
        self.open
            .try_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .is_ok()
    }

    /// One that was admitted is done.
    pub(super) fn release(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}
