//! How a message gets from one node's outbox to the other node: loss, delay, order, notices of failure.

use std::cmp::{Ordering, Reverse};

use sip::name::{ConnectionId, Flow};
use sip::time::Instant;
use sip::transaction::Transmit;

use super::{Fate, Sent, VirtualNet, Weather};

/// Something under way to a node. Ordered by arrival, then by sending.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) arrival: Instant,
    number: u64,
    pub(super) to: usize,
    pub(super) load: Load,
}

/// What a [`Parcel`] brings.
#[derive(Debug)]
pub(super) enum Load {
    /// The message at this place of the trace.
    Message {
        sent: usize,
        connection: ConnectionId,
    },
    /// The notice that a flow does not work any more.
    Broken(Flow),
}

impl PartialEq for Parcel {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Parcel {}

impl PartialOrd for Parcel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Parcel {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.arrival, self.number).cmp(&(other.arrival, other.number))
    }
}

impl VirtualNet {
    /// Tells the node at `flow.local`, at once but not before whatever it is doing is done.
    pub(super) fn tell_broken(&mut self, flow: Flow) {
        if let Some(&to) = self.addresses.get(&flow.local) {
            self.post(to, self.now(), Load::Broken(flow));
        }
    }

    /// Sends what the node `from` gave out.
    pub(super) fn send_all(&mut self, from: usize, out: Vec<Transmit>) {
        for Transmit { flow, bytes } in out {
            assert!(
                self.addresses.get(&flow.local) == Some(&from),
                "{} sends from {}, which is not its own address",
                self.places[from].name,
                flow.local,
            );
            let fate = if flow.transport.is_reliable() {
                self.send_stream(from, flow)
            } else {
                self.send_datagram(from, flow, &bytes)
            };
            self.trace.push(Sent {
                at: self.now(),
                transport: flow.transport,
                from: flow.local,
                to: flow.peer,
                bytes,
                fate,
            });
        }
    }

    fn send_datagram(&mut self, from: usize, flow: Flow, bytes: &[u8]) -> Fate {
        let Weather {
            delay,
            loss,
            duplication,
            reordering,
        } = self.weather.clone();
        let wanted = self.lose.as_mut().is_some_and(|lose| lose(bytes));
        let lost = self.chance.happens(loss) || wanted || !self.places[from].plugged;
        let Some(&to) = self.addresses.get(&flow.peer).filter(|_| !lost) else {
            return Fate::Lost;
        };
        let doubled = self.chance.happens(duplication);
        for _ in 0..=u8::from(doubled) {
            let mut travel = self.chance.within(&delay);
            if self.chance.happens(reordering) {
                travel += *delay.end() * 3;
            }
            self.post_message(to, self.now() + travel, ConnectionId::NONE);
        }
        if doubled {
            Fate::Doubled
        } else {
            Fate::Delivered
        }
    }

    fn send_stream(&mut self, from: usize, flow: Flow) -> Fate {
        if !self.places[from].plugged {
            return Fate::Lost;
        }
        let Some(&to) = self.addresses.get(&flow.peer) else {
            self.tell_broken(flow);
            return Fate::Lost;
        };
        let Some(connection) = self.streams.take(&flow) else {
            self.tell_broken(flow);
            return Fate::Lost;
        };
        let arrival = self.now() + self.chance.within(&self.weather.delay);
        let arrival = self.streams.in_order(connection, flow.peer, arrival);
        self.post_message(to, arrival, connection);
        Fate::Delivered
    }

    /// Puts the message that is about to be recorded under way.
    fn post_message(&mut self, to: usize, arrival: Instant, connection: ConnectionId) {
        let sent = self.trace.len();
        self.post(to, arrival, Load::Message { sent, connection });
    }

    fn post(&mut self, to: usize, arrival: Instant, load: Load) {
        self.parcels += 1;
        self.under_way.push(Reverse(Parcel {
            arrival,
            number: self.parcels,
            to,
            load,
        }));
    }
}
