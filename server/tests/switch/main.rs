//! Whole switches on the virtual network, with one shard and with four.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../support/mod.rs"]
mod support;

mod any_order;
mod flows;
mod hostile;
mod overload;
mod registration;
mod uas;
