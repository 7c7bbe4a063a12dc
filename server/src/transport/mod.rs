//! Sockets: bytes in become arrivals with their flow, bytes out find their socket (RFC 3261 section 18).
//!
//! Knows framing and limits of connections; nothing of transactions, shards' work, or who owns a message.

mod bind;
mod bound;
pub(crate) mod dns;
mod interfaces;
mod origin;
mod rlimit;
pub(crate) mod stream;
pub(crate) mod stun;
mod tls;
mod traffic;
pub(crate) mod udp;
pub(crate) mod unreachable;

pub use bind::{BindError, ShardSockets, bind, bind_web};
pub use bound::Bound;
pub(crate) use interfaces::networks;
pub use interfaces::reachable;
pub(crate) use interfaces::route_to;
pub(crate) use origin::OriginRule;
pub use rlimit::raise_open_files;
pub(crate) use tls::watch;
pub use tls::{Fingerprint, Tls, TlsError};
pub use traffic::{Counter, Traffic};
