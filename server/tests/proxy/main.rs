//! Phone to phone: requests that go on to somebody else (RFC 3261 section 16), whole switches and scripted phones on the
//! virtual network. A snapshot of a scenario is the ladder of all messages and what the owners of the phones lived through.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../support/mod.rs"]
mod support;

mod applications;
mod board;
mod bounds;
mod clicks;
mod detours;
mod dial;
mod dialogs;
mod elsewhere;
mod flows;
mod forking;
mod instead;
mod properties;
mod relay;
mod rig;
mod rules;
mod scene;
mod sips;
mod trunk;
mod vanishing;
