//! Whole switches on the virtual network, with one shard and with four.

#![allow(unreachable_pub, reason = "a test binary has no outside")]

#[path = "../support/mod.rs"]
mod support;

mod overload;
mod registration;
mod uas;
