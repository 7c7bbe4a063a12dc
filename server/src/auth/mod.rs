//! Who may do what: digest authentication (RFC 3261 section 22) in front of registrar and proxy.
//!
//! Shared by all shards, so that neither a nonce nor a failed attempt depends on the shard that a request came to.
//! Pure: time, keys and requests are arguments. Knows no bindings, no calls, and not where users are kept.

mod users;

pub use users::{User, Users};
