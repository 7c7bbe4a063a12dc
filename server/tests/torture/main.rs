//! The torture tests of RFC 4475 and RFC 5118, second layer: the answer on the wire to each message. A test has the name
//! that the RFC gives its message; the messages are those of `sip/tests/torture/messages/`.
//!
//! A request to somebody who is here is understood when it is passed on, and passed on as it came.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../support/mod.rs"]
mod support;

mod application;
mod datagrams;
mod invalid;
mod ipv6;
mod replay;
mod rig;
mod valid;

use support::house;
