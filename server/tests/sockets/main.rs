//! The server on real loopback sockets: datagrams, connections with their limits, calls, the way down.
//!
//! What the machines do at each instant is tested on virtual time elsewhere; here stands what only sockets show.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod binary;
mod calls;
mod datagrams;
mod dns;
mod house;
mod limits;
mod order;
mod peer;
mod program;
mod streams;
mod tls;
mod websockets;
