//! Brings what is committed onto the disk, and from the log into the database, beside the writer.
//!
//! A commit is safe from the end of the process as soon as the system has it; that the disk has it too takes as long as
//! the disk likes. So the writer leaves that to this thread, and a slow disk makes no commit late.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;

use super::health::Health;
use super::{StoreError, open};
use crate::limits;

/// The thread, until it is dropped.
#[derive(Debug)]
pub(super) struct Flusher {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Flusher {
    pub(super) fn start(path: &Path, health: Arc<Health>) -> Result<Self, StoreError> {
        let failed = |cause: io::Error| StoreError::Directory {
            dir: path.to_owned(),
            cause,
        };
        let db = open::connect(path).map_err(|cause| StoreError::sql(path, cause))?;
        let (stop, stopped) = channel();
        let thread = Builder::new()
            .name("store-flusher".to_owned())
            .spawn(move || run(&db, &health, &stopped))
            .map_err(failed)?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic has been told by the panic hook.
            let _ = thread.join();
        }
    }
}

fn run(db: &Connection, health: &Health, stopped: &Receiver<()>) {
    let (mut flushed, mut fails) = (0, false);
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(limits::STORE_PAUSE) {
        let commits = health.commits();
        if commits == flushed {
            continue;
        }
        match flush(db) {
            Ok(()) => (flushed, fails) = (commits, false),
            // The commits are in the log, so nothing is lost yet; when the log cannot grow either, the writer tells it.
            Err(error) if !fails => {
                fails = true;
                tracing::warn!(%error, "what is kept cannot be brought onto the disk; it is tried again");
            }
            Err(_) => {}
        }
    }
}

fn flush(db: &Connection) -> rusqlite::Result<()> {
    // Does not make the writer wait. In its pages the log is never shortened while commits go on without a pause.
    let pages: i64 = db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))?;
    if pages > i64::from(limits::STORE_LOG / limits::STORE_PAGE) {
        db.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
    }
    Ok(())
}
