//! What is kept of things that are under way, by their call: the newest state of each, whole.
//!
//! Those who make the states put them down here and go on; the writer takes all of a window at once. What begins and
//! ends between two takes costs no write. Knows nothing of what the states say.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rusqlite::{Connection, Transaction, params};

use super::signal::Signal;
use crate::event::CallRef;
use crate::limits;

/// The newest states, on their way to the writer; shared by all shards, each of which has a part of its own. Holds no more
/// than there are calls, and those that have ended since the last take.
pub struct Ledger {
    parts: Box<[Mutex<Part>]>,
    signal: Arc<Signal>,
}

#[derive(Default)]
struct Part {
    changed: Changes,
    /// Calls of which the writer has a state.
    taken: HashSet<CallRef>,
}

pub(super) type Changes = HashMap<CallRef, Change>;

/// What is to be written of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// `None`: it is over.
    state: Option<Bytes>,
    /// The store has nothing of it yet.
    is_new: bool,
}

impl Ledger {
    pub(super) fn new(signal: Arc<Signal>) -> Self {
        Self {
            parts: (0..limits::SHARDS).map(|_| Mutex::default()).collect(),
            signal,
        }
    }

    /// This is all of the call now. Waits for nobody but a take of the same shard, which is short.
    pub fn put(&self, call: CallRef, state: Bytes) {
        let mut part = self.part(call);
        let is_first = part.changed.is_empty();
        let is_new = !part.taken.contains(&call);
        let state = Some(state);
        part.changed.insert(call, Change { state, is_new });
        drop(part);
        self.tell(is_first);
    }

    /// The call is over.
    pub fn forget(&self, call: CallRef) {
        let mut part = self.part(call);
        let is_first = part.changed.is_empty();
        if part.taken.contains(&call) {
            let (state, is_new) = (None, false);
            part.changed.insert(call, Change { state, is_new });
            drop(part);
            self.tell(is_first);
        } else {
            part.changed.remove(&call);
        }
    }

    /// Lays what has changed since the last take over what is still `waiting`.
    pub(super) fn take(&self, waiting: &mut Changes) {
        for part in &self.parts {
            let mut part = lock(part);
            for (call, change) in std::mem::take(&mut part.changed) {
                match change.state {
                    Some(_) => part.taken.insert(call),
                    None => part.taken.remove(&call),
                };
                lay(waiting, call, change);
            }
        }
    }

    /// The store has a state of these.
    fn know(&self, calls: impl Iterator<Item = CallRef>) {
        for call in calls {
            self.part(call).taken.insert(call);
        }
    }

    /// The first change after a take wakes the writer, the others find it woken.
    fn tell(&self, is_first: bool) {
        if is_first {
            self.signal.change();
        }
    }

    fn part(&self, call: CallRef) -> MutexGuard<'_, Part> {
        lock(&self.parts[usize::from(call.shard_among(limits::SHARDS))])
    }
}

fn lay(waiting: &mut Changes, call: CallRef, mut change: Change) {
    match waiting.entry(call) {
        Entry::Vacant(place) => {
            place.insert(change);
        }
        // What was never written needs no deletion either, so what waits for a slow disk stays bounded.
        Entry::Occupied(place) if place.get().is_new && change.state.is_none() => {
            place.remove();
        }
        Entry::Occupied(mut place) => {
            change.is_new = place.get().is_new;
            place.insert(change);
        }
    }
}

fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

/// Where the states of a ledger are kept: a table of calls and states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// Calls that are taken up again at a start.
    Calls,
}

impl Table {
    const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
        }
    }
}

/// All that is kept there, in the order of opening; the ledger knows of it from now on. Rows that nobody can read are taken out,
/// and counted.
pub(super) fn restore(
    db: &Connection,
    table: Table,
    ledger: &Ledger,
) -> rusqlite::Result<(Vec<(CallRef, Bytes)>, usize)> {
    let name = table.name();
    let unreadable = db.execute(&format!("DELETE FROM {name} WHERE length(call) <> 16"), [])?;
    let mut rows = db.prepare(&format!("SELECT call, state FROM {name} ORDER BY call"))?;
    let rows = rows.query_map([], |row| {
        let call = CallRef::from_bytes(row.get("call")?);
        Ok((call, Bytes::from(row.get::<_, Vec<u8>>("state")?)))
    })?;
    let found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    ledger.know(found.iter().map(|(call, _)| *call));
    Ok((found, unreadable))
}

/// Writes what changed, within one transaction.
pub(super) fn write(
    within: &Transaction<'_>,
    table: Table,
    changes: &Changes,
) -> rusqlite::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let name = table.name();
    let mut put = within.prepare(&format!(
        "INSERT INTO {name} (call, state) VALUES (?1, ?2)
         ON CONFLICT (call) DO UPDATE SET state = excluded.state"
    ))?;
    let mut cut = within.prepare(&format!("DELETE FROM {name} WHERE call = ?1"))?;
    for (call, change) in changes {
        match &change.state {
            Some(state) => put.execute(params![call.as_bytes(), state.as_ref()])?,
            None => cut.execute(params![call.as_bytes()])?,
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sip::time::Instant;

    use super::*;

    fn call(shard: u8, number: u64) -> CallRef {
        CallRef::new(Instant::default(), shard, number)
    }

    fn ledger() -> Ledger {
        Ledger::new(Arc::default())
    }

    fn taken(ledger: &Ledger) -> Changes {
        let mut changes = Changes::default();
        ledger.take(&mut changes);
        changes
    }

    #[test]
    fn of_all_states_of_a_call_within_a_window_the_last_is_written() {
        let ledger = ledger();
        for state in ["one", "two", "three"] {
            ledger.put(call(1, 1), Bytes::from_static(state.as_bytes()));
        }
        ledger.put(call(2, 1), Bytes::from_static(b"other"));
        let changes = taken(&ledger);
        assert_eq!(changes.len(), 2);
        let state = changes[&call(1, 1)].state.as_deref();
        assert_eq!(state, Some(&b"three"[..]));
        assert!(taken(&ledger).is_empty());
    }

    #[test]
    fn what_begins_and_ends_within_a_window_is_not_written() {
        let ledger = ledger();
        ledger.put(call(1, 1), Bytes::from_static(b"short"));
        ledger.forget(call(1, 1));
        assert!(taken(&ledger).is_empty());
        // Once it was taken, its end has to be written too.
        ledger.put(call(1, 2), Bytes::from_static(b"long"));
        taken(&ledger);
        ledger.forget(call(1, 2));
        assert_eq!(taken(&ledger)[&call(1, 2)].state, None);
        ledger.forget(call(1, 2));
        assert!(taken(&ledger).is_empty());
    }

    #[test]
    fn what_waits_for_a_disk_is_bounded_by_the_calls_there_are() {
        let ledger = ledger();
        let mut waiting = Changes::default();
        ledger.know([call(0, 0)].into_iter());
        for number in 1..1_000 {
            ledger.put(call(0, number), Bytes::from_static(b"first"));
            ledger.take(&mut waiting);
            ledger.put(call(0, number), Bytes::from_static(b"second"));
            ledger.take(&mut waiting);
            ledger.forget(call(0, number));
            ledger.take(&mut waiting);
        }
        assert!(waiting.is_empty());
        ledger.forget(call(0, 0));
        ledger.take(&mut waiting);
        assert_eq!(waiting[&call(0, 0)].state, None);
    }
}
