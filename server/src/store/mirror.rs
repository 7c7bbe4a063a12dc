//! Tables that follow what the server decides in memory: a row is written when something begins there or changes, and
//! taken out when it ends. What another program takes out of the table is lifted in memory.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};
use sip::time::Instant;

use crate::auth::Auth;

/// What such a table holds.
pub(super) trait Mirrored {
    type Key: Ord;
    type Value: PartialEq;

    /// What stands in memory.
    fn standing(auth: &Auth, now: Instant) -> BTreeMap<Self::Key, Self::Value>;

    /// Lets one stand again that an earlier process has left, unless it is over.
    fn restore(auth: &Auth, now: Instant, key: &Self::Key, value: &Self::Value);

    /// Another program has taken one out.
    fn lift(auth: &Auth, key: &Self::Key);

    /// What stands in the table; rows that nobody can read are left out.
    fn read(db: &Connection) -> rusqlite::Result<BTreeMap<Self::Key, Self::Value>>;

    /// Adds one, or changes it.
    fn put(db: &Connection, key: &Self::Key, value: &Self::Value) -> rusqlite::Result<()>;

    /// Takes one out; `false` if there was none.
    fn remove(db: &Connection, key: &Self::Key) -> rusqlite::Result<bool>;
}

/// What stands in the table, as far as this server knows.
pub(super) struct Mirror<T: Mirrored> {
    rows: Rows<T>,
}

pub(super) type Rows<T> = BTreeMap<<T as Mirrored>::Key, <T as Mirrored>::Value>;

impl<T: Mirrored> Mirror<T> {
    /// Takes back what is kept.
    pub(super) fn restore(db: &Connection, auth: &Auth, now: Instant) -> rusqlite::Result<Self> {
        let rows = T::read(db)?;
        for (key, value) in &rows {
            T::restore(auth, now, key, value);
        }
        Ok(Self { rows })
    }

    /// Whether the table says what stands in memory, as long as nobody else has changed it.
    pub(super) fn is_true(&self, auth: &Auth, now: Instant) -> bool {
        self.rows == T::standing(auth, now)
    }

    /// Lifts what another program has taken out, and writes the rest. The rows that are to be [kept](Self::keep) in mind
    /// when the transaction is done.
    pub(super) fn follow(
        &self,
        within: &Transaction<'_>,
        auth: &Auth,
        now: Instant,
    ) -> rusqlite::Result<Rows<T>> {
        let found = T::read(within)?;
        for key in self.rows.keys().filter(|key| !found.contains_key(key)) {
            T::lift(auth, key);
        }
        let standing = T::standing(auth, now);
        for key in found.keys().filter(|key| !standing.contains_key(key)) {
            T::remove(within, key)?;
        }
        for (key, value) in &standing {
            if found.get(key) != Some(value) {
                T::put(within, key, value)?;
            }
        }
        Ok(standing)
    }

    pub(super) fn keep(&mut self, rows: Rows<T>) {
        self.rows = rows;
    }
}
