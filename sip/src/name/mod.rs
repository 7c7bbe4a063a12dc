//! Names and addresses of SIP: URIs, AORs, identifiers we make, and the flows messages travel on.
//!
//! Knows nothing of messages.

pub mod aor;
mod equivalence;
mod escape;
pub mod flow;
mod host;
pub mod ids;
mod layout;
pub mod uri;

pub use aor::{Aor, AorError};
pub use flow::{ConnectionId, Flow, SentBy, Transport};
pub use host::Host;
pub use ids::{Branch, CallId, Ids, Owners, Tag};
pub use uri::{Scheme, Uri, UriError, UriRef};
