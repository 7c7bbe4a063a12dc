//! Session descriptions between two legs (RFC 3264, RFC 8866): reading, showing, and what is made up.
#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod answers;
mod laws;
mod meeting;
mod reading;
mod samples;
mod showing;
