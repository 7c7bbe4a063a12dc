//! Where the data is, and that one server has it alone.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::StoreError;
use crate::config;

/// The data directory: what the settings name, else what the system has for it. `systemd` names one in
/// `STATE_DIRECTORY`; for a user it is `crosspoint` in `XDG_STATE_HOME`, by default `~/.local/state`.
pub fn data_dir(
    settings: &config::Store,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, StoreError> {
    if let Some(dir) = &settings.dir {
        return Ok(dir.clone());
    }
    // Paths that are not absolute count as not set (XDG Base Directory Specification).
    let absolute = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    // The service manager may name several, with colons.
    let given = variable("STATE_DIRECTORY").and_then(|given| {
        let first = given.to_str()?.split(':').next()?;
        Some(PathBuf::from(first)).filter(|path| path.is_absolute())
    });
    given
        .or_else(|| absolute("XDG_STATE_HOME").map(|state| state.join("crosspoint")))
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state/crosspoint")))
        .ok_or(StoreError::NoPlace)
}

/// The database in a data directory.
pub(super) fn database(dir: &Path) -> PathBuf {
    dir.join("crosspoint.db")
}

/// Makes the directory, for this user alone: who can read it can register as anybody.
pub fn prepare(dir: &Path) -> Result<(), StoreError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|cause| StoreError::Directory {
            dir: dir.to_owned(),
            cause,
        })
}

/// Makes a file, for this user alone, if it is not there.
pub(super) fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// The right to be the server of a data directory. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Does not wait: whoever has it has it for long.
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        let failed = |cause| StoreError::Directory {
            dir: dir.to_owned(),
            cause,
        };
        let mut file = private_file(&dir.join("server.lock")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // It may be just about to write its number.
                let pid = file.read_to_string(&mut text).ok();
                return Err(StoreError::InUse {
                    dir: dir.to_owned(),
                    pid: pid.and_then(|_| text.trim().parse().ok()),
                });
            }
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        file.set_len(0).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}
