//! How many calls there are and may be, and who is in one, on all shards together.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sip::name::Aor;

use crate::event::{CallChange, CallRef, CallState, What};

/// Shared by the shards of a server.
#[derive(Debug)]
pub struct Tally {
    open: AtomicU32,
    limit: u32,
    engaged: Mutex<Engaged>,
}

/// Who is in a call, placed or dialled.
#[derive(Debug, Default)]
struct Engaged {
    calls: HashMap<CallRef, [Aor; 2]>,
    parties: HashMap<Aor, u32>,
}

impl Tally {
    /// No call so far, and never more than `limit`.
    pub fn new(limit: u32) -> Self {
        Self {
            open: AtomicU32::new(0),
            limit,
            engaged: Mutex::default(),
        }
    }

    /// Whether this party is in a call of any shard.
    pub(super) fn is_engaged(&self, aor: &Aor) -> bool {
        self.engaged().parties.contains_key(aor)
    }

    /// Learns from what is told of calls; only the beginning and the end of one take the lock.
    pub fn heard(&self, what: &What) {
        match what {
            What::Call(call, CallChange::Opened { from, to, .. }) => {
                self.engaged().begin(*call, [from, to]);
            }
            What::Call(call, CallChange::State(CallState::Done(_))) => self.engaged().end(*call),
            What::Call(..) | What::Phone(_) => {}
        }
    }

    /// Nothing is ever half done under this lock.
    fn engaged(&self) -> MutexGuard<'_, Engaged> {
        self.engaged.lock().unwrap_or_else(PoisonError::into_inner)
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

impl Engaged {
    fn begin(&mut self, call: CallRef, parties: [&Aor; 2]) {
        if self.calls.insert(call, parties.map(Aor::clone)).is_none() {
            for party in parties {
                *self.parties.entry(party.clone()).or_default() += 1;
            }
        }
    }

    fn end(&mut self, call: CallRef) {
        for party in self.calls.remove(&call).into_iter().flatten() {
            if let Some(count) = self.parties.get_mut(&party) {
                *count -= 1;
                if *count == 0 {
                    self.parties.remove(&party);
                }
            }
        }
    }
}
