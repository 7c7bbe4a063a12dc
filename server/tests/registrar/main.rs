//! The registrar, rule by rule (RFC 3261 section 10.3; RFC 3327, 3581, 5626 where they touch it).

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../support/mod.rs"]
mod support;

mod admission;
mod bounds;
mod contacts;
mod desk;
mod expiry;
mod flows;
mod order;
mod reach;
