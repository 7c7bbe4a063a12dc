//! What the browser shows, as values that cross the wire: phones, calls, the live feed, errors.
//!
//! Plain data with serde, no views, no signals. Knows nothing of SIP syntax: an AOR is an opaque name here. All
//! texts may come from a hostile peer; whoever shows them escapes them.

pub mod call;
pub mod error;
pub mod link;
pub mod live;
pub mod phone;
mod placed;
pub mod presence;
pub mod sorted;

pub use call::{
    CallRef, CallState, CallView, EndedBy, LegEnd, LegState, LegView, Outcome, Party, Side,
};
pub use error::AppError;
pub use link::Link;
pub use live::{
    Change, ClientHello, Delta, Epoch, Frame, Refreshed, Seq, ServerInfo, SipAddress, Snapshot,
};
pub use phone::{Aor, Device, Phone, PhoneCause, Reach, Transport};
pub use placed::Placed;
pub use sorted::Sorted;

/// Milliseconds since the Unix epoch, by the server's clock.
pub type UnixMillis = u64;
