//! Who may have anything sent on, before the proxy works on it (RFC 3261 sections 16.3 step 6 and 22.3): the one place where
//! a request to somebody else is let in or not.

use bytes::Bytes;
use sip::msg::Message;
use sip::name::{Flow, Tag};
use sip::time::Instant;

use super::{Switch, answer};
use crate::auth::Desk;
use crate::proxy::{Destination, Target};
use crate::registrar::is_near;

impl Switch {
    /// Whether a request to somebody else may go on: else its response. Who speaks in a dialog that stands by us, as the
    /// token in its Route proves, was asked when it began, or was called; a tag in To alone proves nothing. An open lab asks
    /// for no password, and serves private networks only.
    pub(super) fn admit(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        destination: &Destination,
        tag: &Tag,
    ) -> Result<(), Bytes> {
        let is_in_dialog = match destination.target {
            Target::Flow(_) => request.to().is_ok_and(|to| to.tag().is_some()),
            Target::Server | Target::Phone(_) | Target::Elsewhere | Target::NoSip => false,
        };
        if is_in_dialog {
            return Ok(());
        }
        if self.door.is_open() {
            if is_near(flow.peer.ip()) {
                return Ok(());
            }
            tracing::debug!(peer = %flow.peer, target = ?destination.target, "from no private network");
            let reason = Some("Private Networks Only");
            return Err(answer::plain(request, 403, reason, tag));
        }
        self.door
            .judge(now, request, flow, Desk::Proxy, tag)
            .map(|_| ())
    }
}
