//! What arrives at a shard: datagrams are read and told apart, and each message goes to the shard it belongs to.

use std::io;

use bytes::Bytes;
use sip::msg::{Message, Method, Unframeable, lex};
use sip::name::{ConnectionId, Flow, Transport};
use sip::time::Instant;
use sip::transaction::Transmit;

use super::allowance::Begins;
use super::mailbox::Letter;
use super::overload;
use super::shard::{Shard, Turn};
use super::wire::Wire;
use crate::limits;
use crate::switch::Input;
use crate::transport::stun;

impl Shard {
    /// Takes what a socket holds, within the turn's share; `true` if there may be more.
    pub(super) fn datagrams(&mut self, now: Instant, port: usize, turn: &mut Turn) -> bool {
        for _ in 0..limits::TURN {
            let datagram = match self.ports[port].receive(&mut turn.datagram) {
                Ok(datagram) => datagram,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) => {
                    tracing::debug!(%error, "cannot receive");
                    continue;
                }
            };
            let flow = Flow {
                transport: Transport::Udp,
                local: datagram.local,
                peer: datagram.peer,
                connection: ConnectionId::NONE,
            };
            let traffic = &self.counters.traffic;
            let bytes = &turn.datagram[..datagram.len];
            if stun::is_stun(bytes) {
                if !self.allowance.admits(now, flow.peer.ip(), || Begins::New) {
                    traffic.udp_over_rate.add(1);
                } else if let Some(bytes) = stun::answer(bytes, flow.peer) {
                    traffic.stun.add(1);
                    turn.out.transmit.push(Transmit { flow, bytes });
                    self.switch
                        .handle(now, Input::KeepAlive(flow), &mut turn.out);
                }
                continue;
            }
            match lex(Bytes::copy_from_slice(bytes)) {
                Ok(message) => {
                    traffic.udp_received.add(1);
                    if message.is_request()
                        && !self
                            .allowance
                            .admits(now, flow.peer.ip(), || Begins::of(&message))
                    {
                        traffic.udp_over_rate.add(1);
                        tracing::debug!(peer = %flow.peer, "request dropped: limits.requests_per_source is reached");
                        continue;
                    }
                    self.message(now, message, flow, turn);
                }
                Err(Unframeable::Empty) => {
                    traffic.udp_keepalives.add(1);
                    if self.allowance.admits(now, flow.peer.ip(), || Begins::New) {
                        self.switch
                            .handle(now, Input::KeepAlive(flow), &mut turn.out);
                    }
                }
                Err(why) => {
                    traffic.unframeable.add(1);
                    tracing::debug!(peer = %flow.peer, %why, "datagram dropped");
                }
            }
        }
        true
    }

    /// Handles a message, or passes it on to the shard it belongs to. A registration belongs to none, since bindings are
    /// shared: whoever receives it carries it out. A repetition comes by the same way, so to the same shard, which gives it
    /// the same tag (RFC 3261 section 8.2.7).
    pub(super) fn message(&mut self, now: Instant, message: Message, flow: Flow, turn: &mut Turn) {
        tracing::trace!(%flow.transport, %flow.peer, bytes = %Wire(message.bytes()), "received");
        // Without a Call-ID it is a bad request, which any shard can answer.
        let owner = if message.method() == Some(&Method::Register) {
            self.number
        } else {
            message
                .call_id()
                .map_or(self.number, |id| self.owners.of(id))
        };
        if owner == self.number {
            self.switch
                .handle(now, Input::Message { message, flow }, &mut turn.out);
            return;
        }
        let is_late = !self.mailboxes.has_room(owner) && Begins::of(&message) == Begins::New;
        let letter = Letter::Message(message, flow);
        let refused = if is_late {
            Err(letter)
        } else {
            self.mailboxes.post(owner, letter)
        };
        if let Err(Letter::Message(message, flow)) = refused {
            match overload::refusal(&message, &flow) {
                Some(refusal) => {
                    self.counters.overload_refused.add(1);
                    turn.out.transmit.push(refusal);
                }
                None => self.counters.overload_dropped.add(1),
            }
        }
    }
}
