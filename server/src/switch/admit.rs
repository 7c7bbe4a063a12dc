//! Who may have anything sent on, before registrar and proxy work on it (RFC 3261 sections 16.3 step 6 and 22): the one
//! place where a request is let in or not.

use bytes::Bytes;
use sip::msg::Message;
use sip::name::{Flow, Tag};

use super::{Switch, answer};
use crate::config::AuthMode;
use crate::proxy::Destination;
use crate::registrar::is_near;

impl Switch {
    /// Whether a request to somebody else may go on: else its response. An open lab asks for no password, and serves
    /// private networks only.
    pub(super) fn admit(
        &self,
        request: &Message,
        flow: &Flow,
        destination: &Destination,
        tag: &Tag,
    ) -> Result<(), Bytes> {
        match self.auth {
            AuthMode::OpenLab if is_near(flow.peer.ip()) => Ok(()),
            AuthMode::OpenLab => {
                tracing::debug!(peer = %flow.peer, target = ?destination.target, "from no private network");
                let reason = Some("Private Networks Only");
                Err(answer::plain(request, 403, reason, tag))
            }
        }
    }
}
