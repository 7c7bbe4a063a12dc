//! What is passed on without being remembered: the ACK to a 2xx (RFC 3261 section 16.11, 17.1.1.3), a 2xx that comes when
//! its transaction is over, and in a full server what belongs to a dialog: BYE gets through when new calls do not.

use std::net::SocketAddr;

use bytes::Bytes;
use sip::msg::{Message, Method, response_flow};
use sip::name::{ConnectionId, Flow, Transport};
use sip::time::Instant;

use super::Proxy;
use super::branch::Way;
use super::destination::{Destination, Target};
use super::effect::{Effect, Outbox};
use super::judge;
use super::mark::Marks;
use super::rewrite::{self, Hop, Signature};
use super::targets::Targets;

impl Proxy {
    /// An ACK follows the dialog that its 2xx made; one that does not say which leads nowhere.
    pub(super) fn ack(&mut self, now: Instant, ack: &Message, flow: &Flow, out: &mut Outbox) {
        // Nobody can be told.
        if ack.max_forwards() == Ok(Some(0)) || judge::breadth(ack) == 0 {
            return;
        }
        let destination = self.destination(ack, flow);
        let way = match destination.target {
            Target::Flow(on) if self.may_go(now, ack, flow, &destination) => {
                destination.may_take(ack, &on).then_some(Way {
                    binding: None,
                    flow: on,
                })
            }
            Target::Flow(_) => None,
            Target::Server | Target::Phone(_) | Target::Elsewhere | Target::NoSip => {
                self.rescue(now, ack, &destination)
            }
        };
        let Some(way) = way else {
            tracing::debug!(peer = %flow.peer, "an ACK of no dialog here");
            return;
        };
        let bytes = self.copy_of(ack, &destination, &way, None);
        let signature = Signature {
            identity: &self.setup.identity,
            tokens: &self.tokens,
            realm: None,
        };
        let ids = &mut self.setup.ids;
        self.tracker.ack(now, ack, ids, signature, out);
        out.push(Effect::Transmit {
            bytes,
            flow: way.flow,
        });
    }

    /// A request in a dialog for which there is no room: it goes where its Route proves that it belongs, and its sender
    /// repeats it if it is lost. Its answer finds its way back by our Via ([`Proxy::stray`]).
    pub(super) fn pass(
        &mut self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        destination: &Destination,
        out: &mut Outbox,
    ) {
        let back = response_flow(request, flow);
        let targets = judge::admit(request, self.marks.trail(request))
            .and_then(|_| self.targets(now, request, flow, destination));
        let way = match targets {
            Ok(Targets::Peer(way)) => way,
            Ok(Targets::Phones(_) | Targets::Servers(_)) => return,
            Err(refusal) => {
                let tag = self.setup.ids.tag();
                let bytes = refusal.response(request, &tag);
                return out.push(Effect::Transmit { bytes, flow: back });
            }
        };
        let is_recorded = request.method().is_some_and(rewrite::is_recorded);
        let bytes = self.copy_of(request, destination, &way, is_recorded.then_some(back));
        if let Some(part) = self.tracker.request(now, request, out) {
            self.tracker.passed(now, part, out);
        }
        out.push(Effect::Transmit {
            bytes,
            flow: way.flow,
        });
    }

    /// A request as it goes on. The same one gets the same branch each time.
    fn copy_of(
        &self,
        request: &Message,
        destination: &Destination,
        way: &Way,
        record: Option<Flow>,
    ) -> Bytes {
        let trail = self.marks.trail(request);
        let branch = Marks::branch(trail.number(), trail);
        let uri = way.request_uri(destination.is_secure(request));
        let peers = self.setup.identity.peers();
        let is_peer = |back: Flow| peers.at(back.peer.ip()).is_some();
        let hop = Hop {
            destination,
            uri: uri.as_deref(),
            path: way.path(),
            proof: None,
            flow: way.flow,
            record,
            is_abroad: [destination.is_abroad, record.is_some_and(is_peer)],
            branch: &branch,
            breadth: judge::breadth(request),
        };
        let signature = Signature {
            identity: &self.setup.identity,
            tokens: &self.tokens,
            realm: self.setup.realm.as_deref(),
        };
        rewrite::request(request, &hop, signature)
    }

    /// RFC 3261 section 16.7 has strays passed on, so that a late 2xx arrives; RFC 6026 section 7.3 has them dropped,
    /// because anybody could have us send anything anywhere. Our branch proves which of them answer what we sent, and which
    /// of those answer what was never remembered (section 16.11).
    pub(super) fn stray(&self, response: &Message, flow: &Flow, out: &mut Outbox) {
        let is_late = response.status().is_some_and(|s| (200..300).contains(&s))
            && response
                .cseq()
                .is_ok_and(|(_, method)| method == Method::Invite);
        let mut vias = response.vias();
        let (Some(Ok(ours)), Some(Ok(next))) = (vias.next(), vias.next()) else {
            return;
        };
        let branch = ours.branch().unwrap_or_default();
        let is_proven = self.marks.leads_back(branch, &next);
        let is_stateless =
            Marks::is_stateless(branch) && response.status().is_some_and(|s| s > 100);
        let ip = next.received().or_else(|| next.host().ip());
        let (true, true, Some(ip), Some(transport)) =
            (is_late || is_stateless, is_proven, ip, next.transport())
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
