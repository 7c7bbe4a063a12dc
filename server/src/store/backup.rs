//! A copy of the database while it is in use.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::StoreError;

/// Writes it to a file that must not be there, and checks it. A copy that is not whole is taken away again.
pub(super) fn write(db: &Connection, to: &Path) -> Result<(), StoreError> {
    let failed = |cause| StoreError::Backup {
        to: to.to_owned(),
        cause,
    };
    // For this user alone, as the store itself.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(failed)?;
    let written = copy(db, to).and_then(|()| on_disk(to).map_err(failed));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(to);
    }
    written
}

fn copy(db: &Connection, to: &Path) -> Result<(), StoreError> {
    let copied = || -> rusqlite::Result<String> {
        let mut copy = Connection::open(to)?;
        // All in one step: in several, each commit of the server would make it begin anew. Neither waits for the other.
        Backup::new(db, &mut copy)?.step(-1)?;
        // A file that stands alone, without a log beside it.
        copy.pragma_update_and_check(None, "journal_mode", "delete", |row| {
            row.get::<_, String>(0)
        })?;
        copy.query_row("PRAGMA integrity_check", [], |row| row.get(0))
    };
    match copied() {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(StoreError::BadCopy {
            to: to.to_owned(),
            verdict,
        }),
        Err(cause) => Err(StoreError::sql(to, cause)),
    }
}

/// The file, and its name.
fn on_disk(to: &Path) -> io::Result<()> {
    File::open(to)?.sync_all()?;
    let dir = to.parent().filter(|dir| !dir.as_os_str().is_empty());
    File::open(dir.unwrap_or(Path::new(".")))?.sync_all()
}
