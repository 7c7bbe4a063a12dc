//! The live feed: what happened, in the browser's words, numbered and handed to every open page.
//!
//! ```text
//! event::Event  ->  project (words)  ->  journal (numbers, recent past)  ->  feed (every page)
//! ```
//!
//! Knows nothing of SIP messages and nothing of HTTP: [`crate::web`] carries the texts.

mod census;
mod feed;
mod journal;
mod project;
mod refreshes;
mod task;

pub use census::{Census, SETUP_BUCKETS};
pub use feed::{Feed, Joined, Ticket};
pub use task::run;
