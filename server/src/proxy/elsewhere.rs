//! Requests for other domains: which may go, and to which of their servers (RFC 3261 section 16.5, RFC 3263 section 4.3).
//! Asks nobody itself: where servers are is an effect out and an input in.

use std::sync::Arc;

use sip::msg::Message;
use sip::name::{Aor, Flow, Transport, UriRef};
use sip::time::Instant;

use super::Proxy;
use super::branch::Way;
use super::context::{Context, Surroundings};
use super::destination::Destination;
use super::effect::{Effect, Lookup};
use crate::binding::Binding;
use crate::limits;
use crate::locate::{Sought, Unlocated};

impl Proxy {
    /// Whose servers take a request for another domain: if it is one that the operator has named, and who asks is one of
    /// our users, registered here from where he asks. Everybody else is refused: who relays for strangers relays for all.
    pub(super) fn elsewhere(
        &self,
        now: Instant,
        request: &Message,
        from: &Flow,
        destination: &Destination,
    ) -> Option<Sought> {
        let uri = if destination.routes_left > 0 {
            let next = request.routes().nth(destination.own_routes)?.ok()?;
            next.uri_text()
        } else {
            destination.uri(request)?
        };
        let uri = UriRef::parse(uri).ok()?;
        let may_go = self.setup.identity.is_other(&Sought::of(uri)?.host)
            && self.is_of_our_user(now, request, from);
        if may_go { self.server(uri) } else { None }
    }

    /// Where to look for a server: at the address that the settings have for its name, else by its URI.
    pub(super) fn server(&self, uri: UriRef<'_>) -> Option<Sought> {
        let sought = Sought::of(uri)?;
        Some(match self.setup.identity.next_hop(&sought.host) {
            Some(hop) => Sought {
                host: hop.address.ip().to_string().into(),
                port: Some(hop.address.port()),
                transport: Some(if hop.tcp {
                    Transport::Tcp
                } else {
                    Transport::Udp
                }),
                ..sought
            },
            None => sought,
        })
    }

    fn is_of_our_user(&self, now: Instant, request: &Message, from: &Flow) -> bool {
        let sender = request.from().and_then(|from| from.uri());
        let Some(Ok(sender)) = sender.ok().map(Aor::from_uri) else {
            return false;
        };
        let phones = self.setup.location.lookup(&sender, now);
        let is_there = |phone: &Arc<Binding>| phone.flow.peer.ip() == from.peer.ip();
        phones.iter().any(is_there)
    }
}

impl Context {
    /// Has the servers looked for.
    pub(super) fn locate(&mut self, sought: Sought, cx: &mut Surroundings<'_>) {
        self.located_by = Some(cx.now + limits::LOOKUP_TIME);
        let lookup = Lookup(self.id);
        cx.out.push(Effect::Locate { lookup, sought });
    }

    /// They are found, or there are none. What comes too late is of no use any more.
    pub(super) fn located(
        &mut self,
        found: Result<Vec<Flow>, Unlocated>,
        cx: &mut Surroundings<'_>,
    ) {
        if self.located_by.take().is_none() {
            return;
        }
        match found {
            Ok(servers) => self.servers = servers.into(),
            Err(why) => {
                tracing::info!(uri = ?self.asked(), %why, "no way to another domain");
                self.best.add_own(match why {
                    Unlocated::Nowhere => 404,
                    Unlocated::NoAnswer | Unlocated::Busy => 503,
                });
            }
        }
        self.advance(cx);
    }

    /// Tries the next server; `false` if there is none.
    pub(super) fn next_server(&mut self, cx: &mut Surroundings<'_>) -> bool {
        let Some(flow) = self.servers.pop_front() else {
            return false;
        };
        let way = Way {
            binding: None,
            flow,
        };
        self.send(way, self.breadth, cx);
        true
    }

    fn asked(&self) -> Option<&str> {
        self.destination.uri(self.request.as_ref()?)
    }
}
