//! Takes renewed certificates into use: on SIGHUP, and when a file has changed.
//!
//! The files are looked at every few seconds rather than watched: that also works for mounted secrets, which are
//! exchanged as a whole directory, and over networks.

#![expect(clippy::disallowed_methods, reason = "the files have no other voice")]

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::signal::unix::Signal;
use tokio::time::{Instant, sleep_until};

use super::Tls;
use crate::limits;

/// By which a file that was written again is known.
type Stamp = Option<(SystemTime, u64)>;

/// As long as the server runs.
pub(crate) async fn watch(tls: Option<Arc<Tls>>, mut hangup: Signal) {
    let Some(tls) = tls else {
        // A process that ignores SIGHUP would end by it.
        while hangup.recv().await.is_some() {
            tracing::info!("SIGHUP: there is no certificate to read again");
        }
        return;
    };
    let mut seen = stamps(&tls);
    loop {
        let check = Instant::now() + limits::CERTIFICATE_CHECK;
        let asked = tokio::select! {
            () = sleep_until(check) => false,
            _ = hangup.recv() => true,
        };
        let now = stamps(&tls);
        if !asked && now == seen {
            continue;
        }
        seen = now;
        match tls.reload() {
            Ok(()) => {
                tracing::info!(fingerprint = %tls.fingerprint(), "certificates read again; new connections use them");
            }
            Err(error) => {
                tracing::error!(%error, "certificates not taken; those before stay in use");
            }
        }
    }
}

fn stamps(tls: &Tls) -> [Stamp; 4] {
    let files = &tls.files;
    [&files.cert, &files.key, &files.client_ca, &files.peer_ca]
        .map(|path| path.as_deref().and_then(stamp))
}

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
