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
    failures: AtomicU64,
    waiting: AtomicU64,
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

    /// Commits that failed.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// AORs that wait to be written because a commit failed.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// `true` if the one before had failed.
    pub(super) fn committed(&self, phones: usize) -> bool {
        self.commits.fetch_add(1, Ordering::Relaxed);
        let phones = u64::try_from(phones).unwrap_or(u64::MAX);
        self.phones.fetch_add(phones, Ordering::Relaxed);
        self.waiting.store(0, Ordering::Relaxed);
        self.set(None)
    }

    /// `true` if the one before had not failed.
    pub(super) fn failed(&self, why: String, waiting: usize) -> bool {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.waiting.store(
            u64::try_from(waiting).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
        !self.set(Some(why))
    }

    /// `true` if there was trouble before.
    fn set(&self, trouble: Option<String>) -> bool {
        let mut now = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *now, trouble).is_some()
    }
}
