//! The store as an operator meets it: a server that is stopped, killed, locked out, and started again.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod connections;
mod crash;
mod http;
#[path = "../sockets/peer.rs"]
#[allow(dead_code, reason = "another test binary needs the rest")]
mod peer;
#[path = "../sockets/program.rs"]
#[allow(dead_code, reason = "another test binary needs the rest")]
mod program;
mod restart;
mod scene;
mod trouble;
mod users;

/// What the borrowed `peer` names so.
mod house {
    /// Longer than anything here takes on a busy machine; only a failure waits for it.
    pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
}
