//! Why a store cannot be used, each with its remedy.

use std::io;
use std::path::{Path, PathBuf};

/// Why a store cannot be used. Whatever it is, nothing in the store has been changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nobody says where the data is, and there is no home directory.
    #[error(
        "there is no home directory for the data; name a directory with --data-dir (`store.dir`), or keep nothing with --ephemeral"
    )]
    NoPlace,
    /// The directory cannot be made or written.
    #[error(
        "cannot keep data in {}: {cause}; let this user write there, name another directory with --data-dir (`store.dir`), or keep nothing with --ephemeral", dir.display()
    )]
    Directory {
        /// Which.
        dir: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Another server has it.
    #[error(
        "another server{} uses the data in {}; stop it, or name another directory with --data-dir (`store.dir`), or keep nothing with --ephemeral",
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default(), dir.display()
    )]
    InUse {
        /// Which.
        dir: PathBuf,
        /// The process that has it, if it says so.
        pid: Option<u32>,
    },
    /// It was written by a newer program.
    #[error(
        "{} was written by a newer version of Crosspoint (its schema is {found}, this program knows {known}); run that version, or restore a backup made before the upgrade", path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// A server that knows only an older schema has it.
    #[error("{} is in use by a server of an older version of Crosspoint; restart that server first", path.display())]
    OlderServer {
        /// The database.
        path: PathBuf,
    },
    /// There is none.
    #[error("there is no store at {} yet; the server makes one when it starts, or name another directory with --data-dir (`store.dir`)", path.display())]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// A backup cannot be written.
    #[error("cannot write a backup to {}: {cause}{}", to.display(), match cause.kind() {
        io::ErrorKind::AlreadyExists => "; name a file that is not there yet",
        _ => "",
    })]
    Backup {
        /// Where.
        to: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A backup that was written cannot be trusted.
    #[error("the backup {} is not whole ({verdict}) and was taken away again; the store itself may be damaged", to.display())]
    BadCopy {
        /// Where it was.
        to: PathBuf,
        /// What SQLite found first.
        verdict: String,
    },
    /// It is a database of some other program.
    #[error("{} is not a store of Crosspoint; move it away, or name another directory with --data-dir (`store.dir`)", path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// SQLite cannot read or write it.
    #[error("cannot use {}: {cause}{}", path.display(), remedy(cause))]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        cause: rusqlite::Error,
    },
}

impl StoreError {
    /// The exit code for it, as in sysexits.h: `EX_CANTCREAT`.
    pub const EXIT_CODE: u8 = 73;

    pub(super) fn sql(path: &Path, cause: rusqlite::Error) -> Self {
        Self::Database {
            path: path.to_owned(),
            cause,
        }
    }
}

fn remedy(cause: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly};
    match cause.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => {
            "; restore a backup (docs/operating.md), or move the file away to begin anew"
        }
        Some(DatabaseBusy) => "; another program is writing to it, try again when it is done",
        Some(DiskFull) => "; make room on the disk",
        Some(ReadOnly) => "; let this user write to it",
        _ => "",
    }
}
