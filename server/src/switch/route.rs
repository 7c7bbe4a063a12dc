//! The applications a request meets on its way through the switch ([`crate::router`]). Only initial requests do: what
//! follows in a dialog takes the way that the dialog began.

use bytes::Bytes;
use sip::msg::Message;
use sip::name::{Flow, Tag};

use super::{Switch, answer};
use crate::proxy::{Destination, Target};
use crate::router::Verdict;

impl Switch {
    /// Where a request to somebody else goes when the applications have heard it: else its response.
    pub(super) fn route(
        &self,
        request: &Message,
        flow: &Flow,
        destination: Destination,
        tag: &Tag,
    ) -> Result<Destination, Bytes> {
        // What has found its flow belongs to a dialog, however it looks.
        if matches!(destination.target, Target::Flow(_)) {
            return Ok(destination);
        }
        match self.router.verdict(request) {
            Verdict::Forward(None) => Ok(destination),
            Verdict::Forward(Some(uri)) => {
                Ok(self.proxy.retargeted(destination, uri.as_ref(), flow))
            }
            Verdict::Refuse { status, reason } => {
                Err(answer::plain(request, status, Some(&reason), tag))
            }
            Verdict::Capabilities => Err(answer::capabilities(request, tag)),
            Verdict::Nobody | Verdict::Register => Err(answer::plain(request, 404, None, tag)),
        }
    }

    /// The response to a REGISTER that no registrar is to hear; `None` when one is.
    pub(super) fn without_registrar(&self, request: &Message, tag: &Tag) -> Option<Bytes> {
        match self.router.verdict(request) {
            Verdict::Register => None,
            Verdict::Refuse { status, reason } => {
                Some(answer::plain(request, status, Some(&reason), tag))
            }
            Verdict::Capabilities | Verdict::Forward(_) | Verdict::Nobody => {
                Some(answer::plain(request, 405, Some("No Registrar"), tag))
            }
        }
    }
}
