//! Every bound on what a peer can make us hold or do, each with its reason.
//!
//! A bound here is a promise: a test stands at its edge.

use std::time::Duration;

// Settings start from these; see the table of settings for their range.

/// AORs that may have bindings: at about 2 KiB each the location service stays below 512 MiB.
pub const AORS: u32 = 250_000;
/// Bindings of one AOR: nobody owns more phones, and a call would have to ring them all.
pub const BINDINGS_PER_AOR: u32 = 16;
/// Calls at the same time, ringing ones included: two dialogs each, about 32 KiB together.
pub const CALLS: u32 = 10_000;
/// SIP connections at the same time: a file descriptor and about 16 KiB of buffers each.
pub const CONNECTIONS: u32 = 10_000;
/// SIP connections from one address: an office behind one NAT fits, a flood does not take all of
/// [`CONNECTIONS`].
pub const CONNECTIONS_PER_SOURCE: u32 = 1_000;
/// Silence after which a connection is closed; longer than the longest registration, because a phone
/// may say nothing between two of them.
pub const CONNECTION_IDLE: Duration = Duration::from_secs(9_000);

// Fixed.

/// Shards: a call's reference, a connection's number and a Call-ID each keep the shard in one byte, and
/// more threads than this only wait for each other.
pub const SHARDS: u8 = 64;
