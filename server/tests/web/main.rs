//! The web host as its clients see it: programs, pages with and without scripts, supervisors, strangers.
//!
//! Requests go straight into the router with the address of a peer; the live feed goes over a real socket. The shards
//! behind it are real, on free ports of 127.0.0.1.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod calls;
mod connections;
mod desk;
mod feed;
mod guard;
mod live;
mod openapi;
mod page;
#[path = "../sockets/peer.rs"]
#[allow(dead_code, reason = "another test binary needs the rest")]
mod peer;
mod refreshes;
mod sip_socket;
mod supervision;

/// What the borrowed `peer` names so.
mod house {
    pub(crate) use crate::desk::PATIENCE;
}
