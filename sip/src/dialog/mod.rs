//! Dialogs (RFC 3261 section 12) and the INVITE usage of a dialog (sections 13 to 15) from both sides.
//!
//! A *usage* ([`invite_uac::InviteUac`], [`invite_uas::InviteUas`]) is one INVITE and everything that follows
//! until both sides are done with it. It takes [`Input`]s, pushes [`Effect`]s into an [`Outbox`], and has a
//! deadline. It never sends, never waits and never asks what time it is.
//!
//! ```text
//!                 Input                        Effect
//!   transactions ───────►┌──────────────────┐──────────► transactions (Request, Cancel, Respond), the wire (Transmit)
//!   call control ───────►│ InviteUac / -Uas │──────────► call control (Event)
//!   a clock      ───────►└──────────────────┘
//! ```
//!
//! Knows nothing of calls made of two legs, of authentication, of DNS (a request leaves on the
//! [`Flow`](crate::name::Flow) by which the peer was last heard), and of SDP only how to decline a whole offer.

mod body;
pub mod invite_uac;
pub mod invite_uas;
mod reason;
mod refusal;
mod rejection;
mod session;
mod state;
mod usage;

pub use body::Body;
pub use reason::Reason;
pub use refusal::Refusal;
pub use state::{Dialog, DialogId, Origin, Reject};
pub use usage::{Effect, End, Event, Input, Outbox, RequestId};

/// The methods that a usage answers properly by itself, for `Allow` (RFC 3261 section 20.5). A user that
/// answers more of them ([`Event::Asked`]) names its own list.
pub const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE";
