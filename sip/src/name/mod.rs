//! Names and addresses of SIP: URIs, AORs, identifiers we make, and the flows messages travel on.
//!
//! Knows nothing of messages.

pub mod flow;

pub use flow::{ConnectionId, Flow, Transport};
