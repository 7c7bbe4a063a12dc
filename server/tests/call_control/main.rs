//! Call control by itself: every state of a call against everything that can happen in it. The phones are scripts,
//! there is no network; the flows over one are in `click_to_call`.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../support/mod.rs"]
mod support;

mod desk;
mod invitation;
mod placing;
mod table;
mod told;
