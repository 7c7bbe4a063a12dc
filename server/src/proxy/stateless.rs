//! What is passed on without being remembered: the ACK to a 2xx (RFC 3261 section 16.11, 17.1.1.3), and a 2xx that comes
//! when its transaction is over.

use std::net::SocketAddr;

use sip::msg::{Message, Method};
use sip::name::{ConnectionId, Flow, Transport};
use sip::time::Instant;

use super::Proxy;
use super::branch::Way;
use super::destination::Target;
use super::effect::{Effect, Outbox};
use super::judge;
use super::mark::Marks;
use super::rewrite::{self, Hop, Signature};

impl Proxy {
    /// An ACK follows the dialog that its 2xx made; one that does not say which leads nowhere.
    pub(super) fn ack(&mut self, now: Instant, ack: &Message, flow: &Flow, out: &mut Outbox) {
        let breadth = judge::breadth(ack);
        // Nobody can be told.
        if ack.max_forwards() == Ok(Some(0)) || breadth == 0 {
            return;
        }
        let destination = self.destination(ack, flow);
        let way = match destination.target {
            Target::Flow(flow) => Some(Way {
                binding: None,
                flow,
            }),
            Target::Server | Target::Phone(_) | Target::Elsewhere | Target::NoSip => {
                self.rescue(now, ack, &destination)
            }
        };
        let Some(way) = way else {
            tracing::debug!(peer = %flow.peer, "an ACK of no dialog here");
            return;
        };
        let trail = self.marks.trail(ack);
        // The same ACK gets the same branch each time.
        let branch = Marks::branch(trail.number(), trail);
        let hop = Hop {
            destination: &destination,
            uri: way.uri(),
            path: way.path(),
            flow: way.flow,
            record: None,
            branch: &branch,
            breadth,
        };
        let signature = Signature {
            advertised: self.setup.identity.advertised(),
            tokens: &self.tokens,
            realm: self.setup.realm.as_deref(),
        };
        let bytes = rewrite::request(ack, &hop, signature);
        let ids = &mut self.setup.ids;
        self.tracker.ack(now, ack, ids, signature, out);
        out.push(Effect::Transmit {
            bytes,
            flow: way.flow,
        });
    }

    /// RFC 3261 section 16.7 has strays passed on, so that a late 2xx arrives; RFC 6026 section 7.3 has them dropped,
    /// because anybody could have us send anything anywhere. Our branch proves which of them answer what we sent.
    pub(super) fn stray(&self, response: &Message, flow: &Flow, out: &mut Outbox) {
        let is_late = response.status().is_some_and(|s| (200..300).contains(&s))
            && response
                .cseq()
                .is_ok_and(|(_, method)| method == Method::Invite);
        let mut vias = response.vias();
        let (Some(Ok(ours)), Some(Ok(next))) = (vias.next(), vias.next()) else {
            return;
        };
        let is_proven = ours
            .branch()
            .is_some_and(|branch| self.marks.leads_back(branch, &next));
        let ip = next.received().or_else(|| next.host().ip());
        let (true, true, Some(ip), Some(transport)) = (is_late, is_proven, ip, next.transport())
        else {
            return;
        };
        let port = next.rport().flatten().unwrap_or(next.port_or_default());
        let peer = SocketAddr::new(ip, port);
        // A client of a stream is reached by the connection it opened, which is known by its address.
        if transport != Transport::Udp && next.rport().flatten().is_none() {
            return;
        }
        let bytes = rewrite::response(response);
        out.push(Effect::Transmit {
            bytes,
            flow: Flow {
                transport,
                local: flow.local,
                peer,
                connection: ConnectionId::NONE,
            },
        });
    }
}
