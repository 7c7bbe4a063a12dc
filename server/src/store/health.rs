//! How the store is doing, for readiness and metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Shared by the writer and whoever watches it.
#[derive(Debug, Default)]
pub struct Health {
    /// Why the last commit failed; `None` when it did not.
    trouble: Mutex<Option<String>>,
    commits: AtomicU64,
    phones: AtomicU64,
    calls: AtomicU64,
    failures: AtomicU64,
    waiting: AtomicU64,
    calls_waiting: AtomicU64,
}

/// What a commit held.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) phones: usize,
    pub(super) calls: usize,
}

impl Health {
    /// Why what changes is not written at the moment; `None` when it is.
    pub fn trouble(&self) -> Option<String> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Commits that succeeded.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// AORs written in them.
    pub fn phones(&self) -> u64 {
        self.phones.load(Ordering::Relaxed)
    }

    /// States of calls written in them.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Commits that failed.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// AORs that wait to be written because a commit failed.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Calls that do, alike.
    pub fn calls_waiting(&self) -> u64 {
        self.calls_waiting.load(Ordering::Relaxed)
    }

    /// `true` if the one before had failed.
    pub(super) fn committed(&self, written: Count) -> bool {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.phones
            .fetch_add(number(written.phones), Ordering::Relaxed);
        self.calls
            .fetch_add(number(written.calls), Ordering::Relaxed);
        self.wait(Count::default());
        self.set(None)
    }

    /// `true` if the one before had not failed.
    pub(super) fn failed(&self, why: String, waiting: Count) -> bool {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.wait(waiting);
        !self.set(Some(why))
    }

    fn wait(&self, waiting: Count) {
        self.waiting
            .store(number(waiting.phones), Ordering::Relaxed);
        self.calls_waiting
            .store(number(waiting.calls), Ordering::Relaxed);
    }

    /// `true` if there was trouble before.
    fn set(&self, trouble: Option<String>) -> bool {
        let mut now = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *now, trouble).is_some()
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
