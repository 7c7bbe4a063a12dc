//! The ringing that the first party hears while the second party's phone rings: G.711 in RTP (RFC 3550, RFC 3551).
//!
//! Pure: what is to be sent where, and when. Knows no sockets, no calls but their names, and no session descriptions.

mod order;

pub use order::{Law, Order, Target};

/// Milliseconds of sound in a packet (RFC 3551 section 4.2).
pub const PACKET_MS: u32 = 20;
