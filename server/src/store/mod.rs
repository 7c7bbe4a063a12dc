//! What outlives the process: registrations, calls, users, bans and quirks, in one SQLite database in the data directory.
//!
//! ```text
//! location (which AORs changed)  ->  writer (one thread, one commit for all of a window)  ->  bindings (rows)
//! shards  ->  ledger (newest state of each call)  ->  writer, in the same commit  ->  calls (rows)
//! users, bans, quirks  <-  tables (commands beside the server);  the writer looks every second whether another program changed them
//! start: place (where, for one server alone)  ->  open (is it ours, is it of our time)  ->  schema (forward only)
//! ```
//!
//! The location service does not know that it is kept: it remembers which AORs changed, the writer asks. So nothing
//! that changes is lost while the disk is slow, what changes twice is written once, and no shard waits for a disk. Nor does
//! the writer: the flusher, a thread beside it, brings what is committed onto the disk.
//! Times are wall-clock milliseconds. Knows no SIP messages, and no shards.

mod backup;
mod bans;
mod bindings;
mod calls;
mod door;
mod error;
mod flusher;
mod health;
mod mirror;
mod open;
mod place;
mod quirks;
mod schema;
mod signal;
mod tables;
#[cfg(test)]
mod tests;
mod users;
mod writer;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use bytes::Bytes;
use rusqlite::Connection;
use sip::time::Instant;

pub use bans::Ban;
pub use bindings::Restored;
pub use calls::Ledger;
pub use error::StoreError;
pub use health::Health;
pub use place::{data_dir, prepare};
pub use quirks::Quirk;
pub use tables::Tables;

use crate::auth::{Auth, User};
use crate::event::CallRef;
use crate::limits;
use crate::location::Location;
use door::Door;
use flusher::Flusher;
use place::Lock;
use signal::Signal;
use writer::Writer;

/// The store of this process, open; nothing is written before [`Store::start`].
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    db: Connection,
    /// What SQLite counts up when another program changes something, as it was before anything was read.
    seen: i64,
    /// Let go when the database is closed.
    _lock: Lock,
    signal: Arc<Signal>,
    ledger: Arc<Ledger>,
}

impl Store {
    /// Opens the store in `dir`, which is made if it is not there, for this process alone, and brings it up to date.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        place::prepare(dir)?;
        let lock = Lock::take(dir)?;
        let path = place::database(dir);
        let mut db = open::open(&path)?;
        schema::upgrade(&mut db).map_err(|cause| StoreError::sql(&path, cause))?;
        let seen = changes(&db).map_err(|cause| StoreError::sql(&path, cause))?;
        let signal = Arc::<Signal>::default();
        Ok(Self {
            path,
            db,
            seen,
            _lock: lock,
            ledger: Arc::new(Ledger::new(Arc::clone(&signal))),
            signal,
        })
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts what is kept back into `location`, leaving out what has run out at `now`. No binding lasts longer than
    /// `longest` from now. `serves` says whether datagrams can still be sent from an address of ours.
    pub fn restore(
        &mut self,
        location: &Location,
        now: Instant,
        longest: Duration,
        serves: impl Fn(SocketAddr) -> bool,
    ) -> Result<Restored, StoreError> {
        bindings::restore(&mut self.db, location, now, longest, serves)
            .map_err(|cause| StoreError::sql(&self.path, cause))
    }

    /// Who may log in; and how many rows nobody can read.
    pub fn users(&self) -> Result<(Vec<User>, usize), StoreError> {
        users::all(&self.db).map_err(|cause| StoreError::sql(&self.path, cause))
    }

    /// Calls that were under way when the last process ended, each with what was put down of it last, in the order of opening;
    /// and how many rows nobody can read, which are no more. They stay kept until the ledger hears that they are over.
    pub fn calls(&self) -> Result<(Vec<(CallRef, Bytes)>, usize), StoreError> {
        calls::restore(&self.db, calls::Table::Calls, &self.ledger)
            .map_err(|cause| StoreError::sql(&self.path, cause))
    }

    /// Where calls are put down that are to outlive the process.
    pub fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger)
    }

    /// For [`Location::watched`].
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let signal = Arc::clone(&self.signal);
        move || signal.change()
    }

    /// Imposes the bans and quirks that stand, and keeps up with `location` and `auth` from now on, on a thread of its own:
    /// users that another program changes are taken over, bans and quirks that it takes out are lifted. `now` tells the time.
    pub fn start(
        self,
        location: Arc<Location>,
        auth: Arc<Auth>,
        window: Duration,
        now: impl Fn() -> Instant + Send + 'static,
    ) -> Result<Running, StoreError> {
        let door = Door::restore(&self.db, &auth, now())
            .map_err(|cause| StoreError::sql(&self.path, cause))?;
        bindings::set_slack(&self.db, limits::REFRESH_SLACK)
            .map_err(|cause| StoreError::sql(&self.path, cause))?;
        let health = Arc::new(Health::default());
        let signal = Arc::clone(&self.signal);
        let flusher = Flusher::start(&self.path, Arc::clone(&health))?;
        let dir = self.path.clone();
        let writer = Writer::new(self, location, auth, door, window, Arc::clone(&health), now);
        let thread = Builder::new()
            .name("store".to_owned())
            .spawn(move || writer.run())
            .map_err(|cause| StoreError::Directory { dir, cause })?;
        Ok(Running {
            health,
            signal,
            thread: Some(thread),
            _flusher: flusher,
        })
    }
}

/// Counts up when another program has changed something.
fn changes(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "data_version", |row| row.get(0))
}

/// A store that is being written to. Dropping it writes what is left, and closes it.
#[derive(Debug)]
pub struct Running {
    health: Arc<Health>,
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
    /// Ends after the writer.
    _flusher: Flusher,
}

impl Running {
    /// How it is.
    pub fn health(&self) -> Arc<Health> {
        Arc::clone(&self.health)
    }

    /// Writes what is left and closes the store. Waits for the disk.
    pub fn close(self) {}
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal.stop();
        if let Some(thread) = self.thread.take() {
            // A panic has been told by the panic hook.
            let _ = thread.join();
        }
    }
}
