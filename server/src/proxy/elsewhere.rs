//! Requests for other domains: which may go, and to which of their servers (RFC 3261 section 16.5, RFC 3263 section 4.3).
//! Asks nobody itself: where servers are is an effect out and an input in.

use std::sync::Arc;

use sip::msg::Message;
use sip::name::{Aor, Flow, Transport, Uri, UriRef};
use sip::time::Instant;

use super::Proxy;
use super::branch::Way;
use super::context::{Context, Surroundings};
use super::destination::Destination;
use super::effect::{Effect, Lookup};
use crate::binding::Binding;
use crate::limits;
use crate::locate::{Sought, Unlocated};
use crate::peers::PeerId;

/// Something beyond our own phones.
#[derive(Clone, Debug)]
pub(super) struct Beyond {
    /// Whose servers are looked for.
    sought: Sought,
    /// Which peer they belong to, if to one.
    peer: Option<PeerId>,
    /// The Request-URI, where it is to be another one.
    pub(super) asked: Option<Uri>,
}

impl Beyond {
    /// A server that the operator has named: whoever gets so far may go there.
    pub(super) const fn named(sought: Sought) -> Self {
        Self {
            sought,
            peer: None,
            asked: None,
        }
    }
}

impl Proxy {
    /// Whose servers take a request for another domain: if it is one that the operator has named, and who asks is one of
    /// our users, registered here from where he asks. Everybody else is refused: who relays for strangers relays for all.
    pub(super) fn elsewhere(
        &self,
        now: Instant,
        request: &Message,
        from: &Flow,
        destination: &Destination,
    ) -> Option<Beyond> {
        let uri = if destination.routes_left > 0 {
            let next = request.routes().nth(destination.own_routes)?.ok()?;
            next.uri_text()
        } else {
            destination.uri(request)?
        };
        let uri = UriRef::parse(uri).ok()?;
        let host = Sought::of(uri)?.host;
        if !self.setup.identity.is_other(&host) || !self.is_of_our_user(now, request, from) {
            return None;
        }
        let peer = self.setup.identity.peers().of_domain(&host);
        let sought = self.server(uri)?;
        Some(Beyond {
            sought: Sought {
                is_secure: sought.is_secure || destination.is_secure(request),
                ..sought
            },
            peer,
            asked: None,
        })
    }

    /// Where to look for a server: at the address that the settings have for its name, else by its URI.
    pub(super) fn server(&self, uri: UriRef<'_>) -> Option<Sought> {
        let sought = Sought::of(uri)?;
        let identity = &self.setup.identity;
        Some(match identity.next_hop(&sought.host) {
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
            None => self.server_of(identity.peers().of_domain(&sought.host), sought),
        })
    }

    /// The peer that a number leads to which nobody of ours has; for our users only, too.
    pub(super) fn dialled(
        &self,
        now: Instant,
        request: &Message,
        from: &Flow,
        number: &Aor,
        is_secure: bool,
    ) -> Option<Beyond> {
        let (peer, uri) = self.setup.identity.peers().dialled(number, is_secure)?;
        let is_new = request.to().is_ok_and(|to| to.tag().is_none());
        if !is_new || !self.is_of_our_user(now, request, from) {
            return None;
        }
        Some(Beyond {
            sought: self.server(uri.as_ref())?,
            peer: Some(peer),
            asked: Some(uri),
        })
    }

    /// Where the operator says that a peer is; else what was sought. `sips:` stays so.
    fn server_of(&self, peer: Option<PeerId>, sought: Sought) -> Sought {
        let peer = peer.and_then(|id| self.setup.identity.peers().peer(id));
        let server = peer.and_then(|peer| Sought::of(peer.server.as_ref()?.as_ref()));
        match server {
            Some(server) => Sought {
                is_secure: server.is_secure || sought.is_secure,
                ..server
            },
            None => sought,
        }
    }

    /// Whether a request may take the flow of its dialog. One that leads to another domain is not for whoever has got hold
    /// of its token, but for the other side of the dialog, and for our users where they have moved to.
    pub(super) fn may_go(
        &self,
        now: Instant,
        request: &Message,
        from: &Flow,
        destination: &Destination,
    ) -> bool {
        destination.only_from.is_none_or(|ip| ip == from.peer.ip())
            || self.is_of_our_user(now, request, from)
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
    pub(super) fn locate(&mut self, beyond: Beyond, cx: &mut Surroundings<'_>) {
        let sought = beyond.sought;
        self.peer = beyond.peer;
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
        if let Some(peer) = self.peer {
            cx.trunks.learn(flow.peer, peer);
        }
        self.proof.forget();
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
