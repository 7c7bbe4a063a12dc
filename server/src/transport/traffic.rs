//! What went in and out, counted for `/metrics`. One set for each shard, so that no two cores share a line of cache.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only its shard writes and anybody may read.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `n`.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// Takes `n` away (for numbers that go up and down).
    pub fn sub(&self, n: u64) {
        self.0.fetch_sub(n, Ordering::Relaxed);
    }

    /// Sets it to `n`.
    pub fn set(&self, n: u64) {
        self.0.store(n, Ordering::Relaxed);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts of one shard's sockets.
#[derive(Debug, Default)]
pub struct Traffic {
    /// SIP messages received by UDP.
    pub udp_received: Counter,
    /// Datagrams sent.
    pub udp_sent: Counter,
    /// Datagrams that only keep a NAT binding alive.
    pub udp_keepalives: Counter,
    /// Requests dropped because their source sent too many.
    pub udp_over_rate: Counter,
    /// STUN binding requests answered.
    pub stun: Counter,
    /// Datagrams that the system would not send.
    pub udp_unsent: Counter,
    /// SIP messages received by connections.
    pub stream_received: Counter,
    /// Messages handed to connections.
    pub stream_sent: Counter,
    /// Messages whose connection was gone or would not take them.
    pub stream_unsent: Counter,
    /// Bytes that were no SIP message: a dropped datagram or a closed connection each.
    pub unframeable: Counter,
    /// Connections open now.
    pub connections: Counter,
    /// Connections accepted.
    pub accepted: Counter,
    /// Connections opened by us.
    pub opened: Counter,
    /// Connections that did not get through their handshake.
    pub unshaken: Counter,
    /// Connections refused because a limit was reached.
    pub refused: Counter,
}
