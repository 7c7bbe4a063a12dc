//! Click to call, from the click to the last message: whole switches and two scripted phones on the virtual network
//! (RFC 3725 section 4.1, Flow I). A snapshot of a scenario is three things: the ladder of all messages, what was told
//! to the board, and what the owners of the phones lived through.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../support/mod.rs"]
mod support;

mod devices;
mod end;
mod limit;
mod midcall;
mod moments;
mod properties;
mod races;
mod refusals;
mod ring_limits;
mod scene;
mod talk;
mod vanishing;
