//! Phones that prolonged their registration and changed nothing else: what a hundred thousand of them do all day.
//!
//! To tell each page of each at once would cost a page thousands of texts a second. So they wait for each other, a
//! second at most, and the board shows none of them before the pages do.

use std::collections::BTreeMap;

use app::model::{Aor, Change, Refreshed, UnixMillis};

use crate::limits;

/// Those that have not been told yet.
#[derive(Debug, Default)]
pub(super) struct Refreshes {
    waiting: BTreeMap<Aor, Vec<UnixMillis>>,
    due: Option<UnixMillis>,
}

impl Refreshes {
    /// Takes one in; of one phone the last word counts. `true` when there are enough to be told at once.
    pub(super) fn add(&mut self, at: UnixMillis, fresh: Refreshed) -> bool {
        self.waiting.insert(fresh.aor, fresh.expires_at);
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

    /// All of them as one change, if there are any.
    pub(super) fn take(&mut self) -> Option<Change> {
        self.due = None;
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let phones: Vec<_> = waiting
            .map(|(aor, expires_at)| Refreshed { aor, expires_at })
            .collect();
        (!phones.is_empty()).then_some(Change::PhonesRefreshed { phones })
    }
}
