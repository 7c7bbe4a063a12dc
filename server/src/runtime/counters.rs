//! What one shard did, counted for `/metrics`.

use std::sync::Arc;

use crate::transport::{Counter, Traffic};

/// Counts and gauges of one shard.
#[derive(Debug, Default)]
pub struct Counters {
    /// What its sockets carried.
    pub traffic: Arc<Traffic>,
    /// Requests refused with 503 because the shard they belong to was behind.
    pub overload_refused: Counter,
    /// Other messages dropped for the same reason.
    pub overload_dropped: Counter,
    /// Events that found the way to the board full. The shard has told them before it took anything new.
    pub events_waited: Counter,
    /// Transactions held now.
    pub transactions: Counter,
    /// Calls placed here that are held now, ringing ones included.
    pub calls: Counter,
    /// Calls of phones among themselves that are followed now, ringing ones included.
    pub followed: Counter,
    /// Requests being sent on now.
    pub proxied: Counter,
}
