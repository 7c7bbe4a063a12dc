//! Opens the database: first a look that changes nothing, whether it is ours and of our time, then for writing.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::StoreError;
use super::{place, schema};
use crate::limits;

/// Opens it, making an empty one where there is none.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let file = place::private_file(path).map_err(|cause| StoreError::Directory {
        dir: path.parent().unwrap_or(path).to_owned(),
        cause,
    })?;
    let is_empty = file.metadata().is_ok_and(|file| file.len() == 0);
    drop(file);
    if !is_empty {
        look(path)?;
    }
    connect(path).map_err(|cause| StoreError::sql(path, cause))
}

/// One more connection to a database that is there, for a server.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(limits::STORE_PATIENCE)?;
    // Readers and the writer do not wait for each other, and what was committed outlives the process at once.
    db.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0))?;
    // The disk has it a little later: see `flusher`.
    db.pragma_update(None, "synchronous", "normal")?;
    db.pragma_update_and_check(None, "wal_autocheckpoint", 0, |row| row.get::<_, i64>(0))?;
    db.pragma_update_and_check(None, "journal_size_limit", limits::STORE_LOG, |row| {
        row.get::<_, i64>(0)
    })?;
    Ok(db)
}

/// Refuses what is not ours, or newer than we are.
pub(super) fn look(path: &Path) -> Result<(), StoreError> {
    let read = || -> rusqlite::Result<(i32, i64)> {
        let db = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        db.busy_timeout(limits::STORE_PATIENCE)?;
        Ok((
            db.pragma_query_value(None, "application_id", |row| row.get(0))?,
            schema::version(&db)?,
        ))
    };
    let (application, found) = read().map_err(|cause| StoreError::sql(path, cause))?;
    if application != schema::APPLICATION {
        return Err(StoreError::Foreign {
            path: path.to_owned(),
        });
    }
    let known = schema::latest();
    if found > known {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    Ok(())
}
