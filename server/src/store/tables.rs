//! The store as a command opens it, beside a server that may be running.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::bans::{self, Ban, Bans};
use super::mirror::Mirrored;
use super::place::{self, Lock};
use super::quirks::{self, Quirk, Quirks};
use super::{StoreError, backup, open, schema, users};
use crate::auth::{Culprit, SilentPhone, User};

/// An open store that others may have open too. What is changed here, a running server hears of within a second or two.
#[derive(Debug)]
pub struct Tables {
    path: PathBuf,
    db: Connection,
}

impl Tables {
    /// Opens the store in `dir`, making it where there is none.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        place::prepare(dir)?;
        let path = place::database(dir);
        let mut db = open::open(&path)?;
        let failed = |cause| StoreError::sql(&path, cause);
        // What a command has done is on the disk when it says so.
        db.pragma_update(None, "synchronous", "full")
            .map_err(failed)?;
        if schema::version(&db).map_err(failed)? < schema::latest() {
            // Not under a server that knows only the older one.
            let _lock = Lock::take(dir).map_err(|error| match error {
                StoreError::InUse { .. } => StoreError::OlderServer { path: path.clone() },
                other => other,
            })?;
            schema::upgrade(&mut db).map_err(failed)?;
        }
        Ok(Self { path, db })
    }

    /// The same where there is one.
    pub fn find(dir: &Path) -> Result<Self, StoreError> {
        let path = place::database(dir);
        if path.exists() {
            Self::open(dir)
        } else {
            Err(StoreError::Missing { path })
        }
    }

    /// All users, by realm and name.
    pub fn users(&self) -> Result<Vec<User>, StoreError> {
        Ok(self.done(users::all(&self.db))?.0)
    }

    /// The one of that name.
    pub fn user(&self, realm: &str, name: &str) -> Result<Option<User>, StoreError> {
        self.done(users::find(&self.db, realm, name))
    }

    /// Adds these, or changes those of their realm and name; all or none.
    pub fn put_users(&mut self, users: &[User]) -> Result<(), StoreError> {
        let put = |db: &mut Connection| {
            let all = db.transaction()?;
            for user in users {
                users::put(&all, user)?;
            }
            all.commit()
        };
        let put = put(&mut self.db);
        self.done(put)
    }

    /// Takes one out; `false` if there was none.
    pub fn remove_user(&self, realm: &str, name: &str) -> Result<bool, StoreError> {
        self.done(users::remove(&self.db, realm, name))
    }

    /// Who is banned, the longest first. What a running server decides stands here within a second or two.
    pub fn bans(&self) -> Result<Vec<Ban>, StoreError> {
        self.done(bans::list(&self.db))
    }

    /// Lifts these; how many of them were still banned.
    pub fn clear_bans(&mut self, who: &[Culprit]) -> Result<usize, StoreError> {
        let removed = remove::<Bans>(&mut self.db, who);
        self.done(removed)
    }

    /// Which phones were found to fall silent at two challenges, by address.
    pub fn quirks(&self) -> Result<Vec<Quirk>, StoreError> {
        self.done(quirks::list(&self.db))
    }

    /// Forgets these; how many of them there were.
    pub fn clear_quirks(&mut self, phones: &[SilentPhone]) -> Result<usize, StoreError> {
        let removed = remove::<Quirks>(&mut self.db, phones);
        self.done(removed)
    }

    /// Writes a copy of everything to a new file, as it stands at this moment, and reads it through.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        backup::write(&self.db, to)
    }

    fn done<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        result.map_err(|cause| StoreError::sql(&self.path, cause))
    }
}

/// Takes all of them out at once; how many there were.
fn remove<T: Mirrored>(db: &mut Connection, keys: &[T::Key]) -> rusqlite::Result<usize> {
    let all = db.transaction()?;
    let mut removed = 0;
    for key in keys {
        removed += usize::from(T::remove(&all, key)?);
    }
    all.commit()?;
    Ok(removed)
}
