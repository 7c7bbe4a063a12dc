//! The one thread that writes: gathers what changed for the window, and commits it at once. It also looks whether another
//! program, such as `crosspoint user`, changed something.
//!
//! When a commit fails, what it held waits in memory (never more than the AORs and calls there are) and is tried again; the
//! server goes on meanwhile.

use std::collections::HashSet;
use std::mem;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rusqlite::TransactionBehavior;
use sip::name::Aor;
use sip::time::Instant;

use super::bindings::{self, Writing};
use super::calls;
use super::door::Door;
use super::health::{Count, Health};
use super::signal::Woken;
use super::{Store, StoreError, users};
use crate::auth::Auth;
use crate::limits;
use crate::location::Location;

pub(super) struct Writer<F> {
    store: Store,
    location: Arc<Location>,
    window: Duration,
    health: Arc<Health>,
    now: F,
    auth: Arc<Auth>,
    door: Door,
    /// What SQLite counts up when another program has changed something.
    seen: i64,
    looked: Instant,
    /// Changed, and not committed.
    waiting: Waiting,
}

/// What is to be committed.
#[derive(Default)]
struct Waiting {
    phones: HashSet<Aor>,
    calls: calls::Changes,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.phones.is_empty() && self.calls.is_empty()
    }

    fn count(&self) -> Count {
        Count {
            phones: self.phones.len(),
            calls: self.calls.len(),
        }
    }
}

impl<F: Fn() -> Instant> Writer<F> {
    pub(super) fn new(
        store: Store,
        location: Arc<Location>,
        auth: Arc<Auth>,
        door: Door,
        window: Duration,
        health: Arc<Health>,
        now: F,
    ) -> Self {
        Self {
            seen: store.seen,
            looked: now(),
            auth,
            door,
            store,
            location,
            window,
            health,
            now,
            waiting: Waiting::default(),
        }
    }

    /// Until the server stops; then what is left is written, and the store closed.
    pub(super) fn run(mut self) {
        let _ended = Ended(Arc::clone(&self.health));
        loop {
            let woken = self.store.signal.wait(limits::STORE_PAUSE);
            if woken == Woken::Changed {
                // A full disk is not asked again with each change.
                let window = match self.waiting.is_empty() {
                    true => self.window,
                    false => limits::STORE_PAUSE,
                };
                self.store.signal.gather(window);
            }
            let stops = woken == Woken::Stop;
            if stops {
                self.waiting.phones.extend(self.location.take_refreshed());
            }
            self.commit();
            if stops || (self.now)().since(self.looked) >= limits::STORE_PAUSE {
                self.look();
            }
            if stops {
                self.settle();
                return;
            }
        }
    }

    #[cfg(test)]
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Writes everything that has changed; what cannot be written waits.
    pub(super) fn commit(&mut self) {
        self.waiting.phones.extend(self.location.take_changed());
        self.store.ledger.take(&mut self.waiting.calls);
        if self.waiting.is_empty() {
            return;
        }
        match self.write() {
            Ok(()) => {
                let written = mem::take(&mut self.waiting).count();
                if self.health.committed(written) {
                    tracing::info!("the store is written to again, nothing is lost");
                }
            }
            Err(cause) => {
                let error = StoreError::sql(&self.store.path, cause);
                if self.health.failed(error.to_string(), self.waiting.count()) {
                    tracing::warn!(
                        %error,
                        "registrations cannot be kept: a restart would lose them; calls go on, and it is tried again every {:?}",
                        limits::STORE_PAUSE
                    );
                }
            }
        }
    }

    /// Says that the store knows everything, if it does.
    fn settle(&mut self) {
        if !self.waiting.is_empty() {
            return;
        }
        if let Err(error) = bindings::set_slack(&self.store.db, Duration::ZERO) {
            tracing::debug!(%error, "the next start takes this for no clean end");
        }
    }

    /// Takes over what another program has changed, and writes what became of bans and quirks. What fails now is done the next time.
    pub(super) fn look(&mut self) {
        self.looked = (self.now)();
        if let Err(error) = self.try_look() {
            tracing::debug!(%error, "cannot look what changed in the store, or write what became of bans and quirks");
        }
    }

    fn try_look(&mut self) -> rusqlite::Result<()> {
        let (auth, now) = (&self.auth, self.looked);
        let is_ours = self.seen == super::changes(&self.store.db)?;
        if is_ours && self.door.is_true(auth, now) {
            return Ok(());
        }
        let look = self
            .store
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Nobody else writes from here on.
        let version = super::changes(&look)?;
        if self.seen != version {
            let users = users::all(&look)?.0;
            let count = users.len();
            auth.users().replace_all(users);
            tracing::info!(users = count, "users read again, the store has changed");
        }
        let known = self.door.follow(&look, auth, now)?;
        look.commit()?;
        self.door.keep(known);
        self.seen = version;
        Ok(())
    }

    fn write(&mut self) -> rusqlite::Result<()> {
        let now = (self.now)();
        let commit = self
            .store
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut writing = Writing::new(&commit)?;
            for aor in &self.waiting.phones {
                writing.put(aor, &self.location.lookup(aor, now))?;
            }
            writing.stamp(now)?;
        }
        calls::write(&commit, calls::Table::Calls, &self.waiting.calls)?;
        commit.commit()
    }
}

/// Says so when the thread ends by a panic, which the panic hook has told.
struct Ended(Arc<Health>);

impl Drop for Ended {
    fn drop(&mut self) {
        if thread::panicking() {
            let why = "the store's writer has ended by a fault of its own (see the log); restart the server and report this";
            self.0.failed(why.to_owned(), Count::default());
        }
    }
}
