//! Phones that prolonged their registration and changed nothing else: what a hundred thousand of them do all day.
//!
//! To tell each page of each at once would cost a page thousands of texts a second. So they wait for each other, a
//! second at most, and the board shows none of them before the pages do.

use std::collections::HashSet;

use app::model::{Change, Refreshed, UnixMillis};
use sip::name::Aor;

use crate::limits;

/// Those that have not been told yet.
#[derive(Debug, Default)]
pub(super) struct Refreshes {
    waiting: HashSet<Aor>,
    due: Option<UnixMillis>,
}

impl Refreshes {
    /// Takes one in. `true` when there are enough to be told at once.
    pub(super) fn add(&mut self, at: UnixMillis, aor: &Aor) -> bool {
        if !self.waiting.contains(aor) {
            self.waiting.insert(aor.clone());
        }
        let pause = limits::REFRESH_PAUSE.as_secs() * 1_000;
        self.due.get_or_insert(at + pause);
        self.waiting.len() >= limits::REFRESHES_TOGETHER
    }

    /// Something else is told of this phone, and its expiry with it.
    pub(super) fn forget(&mut self, aor: &Aor) {
        self.waiting.remove(aor);
    }

    /// When they are to be told.
    pub(super) const fn due(&self) -> Option<UnixMillis> {
        self.due
    }

    /// All of them as one change, if there are any; `now` says how it stands with one.
    pub(super) fn take(&mut self, now: impl Fn(&Aor) -> Option<Refreshed>) -> Option<Change> {
        self.due = None;
        let mut waiting: Vec<_> = self.waiting.drain().collect();
        // In the order of the board they are found there one beside the other.
        waiting.sort_unstable();
        let phones: Vec<_> = waiting.iter().filter_map(now).collect();
        (!phones.is_empty()).then_some(Change::PhonesRefreshed { phones })
    }
}
