//! Messages that we originate (RFC 3261 sections 7 and 8.1.1).
//!
//! Headers stand in the order they are given; Content-Length is always written. A message grows in a scratch buffer
//! that the thread reuses, and leaves as one exact [`bytes::Bytes`]. Whatever text comes in, no value can break out of its
//! line. Knows no transaction: branches, tags and numbers are given.

mod address;
mod derived;
mod draft;
mod response;

pub use address::Address;
pub use derived::{ack_non_2xx, cancel};
pub use draft::{Draft, Request, RequestLine};
pub use response::{Response, StatusLine};
