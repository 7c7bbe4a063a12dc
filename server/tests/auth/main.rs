//! Who is let in, and how the others are refused (RFC 3261 section 22, RFC 7616, RFC 8760).

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../support/mod.rs"]
mod support;

mod challenges;
mod door;
mod guessing;
mod identity;
mod nonces;
mod phones;
mod switch;
