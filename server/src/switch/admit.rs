//! Who may have anything sent on, before the proxy works on it (RFC 3261 sections 16.3 step 6 and 22.3): the one place where
//! a request to somebody else is let in or not.

use bytes::Bytes;
use sip::msg::Message;
use sip::name::{Flow, Tag};
use sip::time::Instant;

use super::{Switch, answer};
use crate::auth::{Desk, Subject};
use crate::proxy::{Destination, Target};
use crate::registrar::is_near;

impl Switch {
    /// Whether a request to somebody else may go on: else its response. Who speaks in a dialog that stands by us, as the
    /// token in its Route proves, was asked when it began, or was called; a tag in To alone proves nothing. A peer is let
    /// in to our phones by its address. An open lab asks for no password, and serves private networks only.
    pub(super) fn admit(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        destination: &Destination,
        tag: &Tag,
    ) -> Result<Subject, Bytes> {
        if destination.is_in_dialog(request) || self.is_of_peer(flow, destination) {
            return Ok(Subject::Anyone);
        }
        if self.door.is_open() {
            if is_near(flow.peer.ip()) {
                return Ok(Subject::Anyone);
            }
            tracing::debug!(peer = %flow.peer, target = ?destination.target, "from no private network");
            let reason = Some("Private Networks Only");
            return Err(answer::plain(request, 403, reason, tag));
        }
        self.door.judge(now, request, flow, Desk::Proxy, tag)
    }

    /// Whether a request is for somebody whom there is not (section 21.4.5). Only who has proven who he is learns that;
    /// all others cannot tell an unknown user from one who is not there.
    pub(super) fn is_for_nobody(&self, now: Instant, who: &Subject, target: &Target) -> bool {
        match (who, target) {
            (Subject::User(_), Target::Phone(aor)) => {
                !self.door.knows(aor)
                    && self.location.lookup(aor, now).is_empty()
                    && self.peers.dialled(aor, false).is_none()
            }
            (
                Subject::User(_),
                Target::Server | Target::Flow(_) | Target::Elsewhere | Target::NoSip,
            )
            | (Subject::Anyone, _) => false,
        }
    }

    /// Whether it comes from where a peer of ours is, and goes to our own phones: further a peer does not get.
    fn is_of_peer(&self, flow: &Flow, destination: &Destination) -> bool {
        matches!(destination.target, Target::Phone(_)) && self.peers.at(flow.peer.ip()).is_some()
    }
}
