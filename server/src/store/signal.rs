//! What wakes the writer: something changed, or the server stops.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Set by shards, waited for by the writer.
#[derive(Debug, Default)]
pub(super) struct Signal {
    state: Mutex<State>,
    woken: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    changed: bool,
    stop: bool,
}

/// Why the writer woke up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    /// Something changed.
    Changed,
    /// The time is over.
    Idle,
    /// The server stops.
    Stop,
}

impl Signal {
    /// Something changed. Holds a lock for no longer than it takes to set a flag.
    pub(super) fn change(&self) {
        self.lock().changed = true;
        self.woken.notify_one();
    }

    pub(super) fn stop(&self) {
        self.lock().stop = true;
        self.woken.notify_one();
    }

    /// Waits for a change, at most so long; the change is forgotten by this.
    pub(super) fn wait(&self, patience: Duration) -> Woken {
        let (mut state, _) = self
            .woken
            .wait_timeout_while(self.lock(), patience, |state| !state.changed && !state.stop)
            .unwrap_or_else(PoisonError::into_inner);
        match (state.stop, std::mem::take(&mut state.changed)) {
            (true, _) => Woken::Stop,
            (false, true) => Woken::Changed,
            (false, false) => Woken::Idle,
        }
    }

    /// Lets changes gather for so long, or until the server stops.
    pub(super) fn gather(&self, window: Duration) {
        let waited = self
            .woken
            .wait_timeout_while(self.lock(), window, |state| !state.stop);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
