//! The applications a request meets on its way through the switch ([`crate::router`]). Only initial requests do: what
//! follows in a dialog takes the way that the dialog began.

use bytes::Bytes;
use sip::msg::Message;
use sip::name::{Flow, Tag};
use sip::time::Instant;

use super::{Switch, answer};
use crate::proxy::{Destination, Detour, Target};
use crate::router::{Onward, Seen, Verdict};

impl Switch {
    /// Whether a request has been here, and was sent to another server to come back.
    pub(super) fn seen(&self, now: Instant, request: &Message, destination: &Destination) -> Seen {
        match destination
            .own_route(request)
            .and_then(|route| route.user())
        {
            Some(user) => self.router.seen(now, request, user),
            None => Seen::No,
        }
    }

    /// Where a request to somebody else goes when the applications have heard it, from a place in its chain on: else its
    /// response.
    pub(super) fn route(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        destination: Destination,
        (tag, from): (&Tag, u16),
    ) -> Result<Destination, Bytes> {
        // What has found its flow belongs to a dialog, however it looks.
        if matches!(destination.target, Target::Flow(_)) {
            return Ok(destination);
        }
        match self.router.verdict(request, from) {
            Verdict::Leave(leave) => {
                let ticket = match leave.back {
                    // Who does not say who he is cannot be known again.
                    Some(place) => match self.router.ticket(now, request, place) {
                        Some(ticket) => Some(ticket),
                        None => {
                            return Err(answer::plain(request, 403, Some("Nobody's Call"), tag));
                        }
                    },
                    None => None,
                };
                let way = match &leave.to {
                    Some(uri) => self.proxy.retargeted(destination, uri.as_ref(), flow),
                    None => destination,
                };
                let detour = Detour {
                    by: leave.by,
                    ticket,
                };
                self.proxy.sent_by(way, detour, flow).map_err(|by| {
                    tracing::warn!(%by, "the route of an application router file leads to this server itself");
                    answer::plain(request, 482, None, tag)
                })
            }
            Verdict::Forward(Onward { to, otherwise }) => {
                let way = match to {
                    Some(uri) => self.proxy.retargeted(destination, uri.as_ref(), flow),
                    None => destination,
                };
                Ok(way.or_else(otherwise))
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
        match self.router.verdict(request, 0) {
            Verdict::Register => None,
            Verdict::Refuse { status, reason } => {
                Some(answer::plain(request, status, Some(&reason), tag))
            }
            Verdict::Capabilities | Verdict::Forward(_) | Verdict::Leave(_) | Verdict::Nobody => {
                Some(answer::plain(request, 405, Some("No Registrar"), tag))
            }
        }
    }
}
