//! The connections of the virtual network: in order, without loss, until they are cut.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use sip::name::{ConnectionId, Flow, Transport};
use sip::time::Instant;

/// A connection as both ends see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub(super) transport: Transport,
    pub(super) opener: SocketAddr,
    pub(super) accepter: SocketAddr,
    /// When the last message to the opener and to the accepter arrives: the next may not overtake it.
    last: [Instant; 2],
}

impl Stream {
    /// The flow of the connection as seen from `local`.
    pub(super) const fn flow(
        &self,
        connection: ConnectionId,
        local: SocketAddr,
        peer: SocketAddr,
    ) -> Flow {
        Flow {
            transport: self.transport,
            local,
            peer,
            connection,
        }
    }
}

/// All connections that stand.
#[derive(Debug, Default)]
pub(super) struct Streams {
    open: BTreeMap<ConnectionId, Stream>,
    made: u64,
}

impl Streams {
    /// The connection that a message on `flow` takes: the named one, one that stands between the two ends,
    /// or a new one. `None` when the named one has been cut.
    pub(super) fn take(&mut self, flow: &Flow) -> Option<ConnectionId> {
        if flow.connection != ConnectionId::NONE {
            let stream = self.open.get(&flow.connection)?;
            let ends = [stream.opener, stream.accepter];
            assert!(
                ends.contains(&flow.local) && ends.contains(&flow.peer),
                "{:?} does not join {} and {}",
                flow.connection,
                flow.local,
                flow.peer,
            );
            return Some(flow.connection);
        }
        let standing = self.open.iter().find(|(_, stream)| {
            stream.transport == flow.transport
                && stream.opener == flow.local
                && stream.accepter == flow.peer
        });
        if let Some((&connection, _)) = standing {
            return Some(connection);
        }
        self.made += 1;
        let connection = ConnectionId(self.made);
        let stream = Stream {
            transport: flow.transport,
            opener: flow.local,
            accepter: flow.peer,
            last: [Instant::default(); 2],
        };
        self.open.insert(connection, stream);
        Some(connection)
    }

    /// When a message to `to` arrives that would, alone on the way, arrive at `arrival`.
    pub(super) fn in_order(
        &mut self,
        connection: ConnectionId,
        to: SocketAddr,
        arrival: Instant,
    ) -> Instant {
        let Some(stream) = self.open.get_mut(&connection) else {
            return arrival;
        };
        let last = &mut stream.last[usize::from(to == stream.accepter)];
        *last = arrival.max(*last);
        *last
    }

    /// Whether the connection stands.
    pub(super) fn stands(&self, connection: ConnectionId) -> bool {
        self.open.contains_key(&connection)
    }

    /// Cuts it; `None` if it had been cut.
    pub(super) fn cut(&mut self, connection: ConnectionId) -> Option<Stream> {
        self.open.remove(&connection)
    }

    /// The connections between `one` and `other`, whoever opened them.
    pub(super) fn between(&self, one: SocketAddr, other: SocketAddr) -> Vec<ConnectionId> {
        let joins = |stream: &Stream| {
            (stream.opener, stream.accepter) == (one, other)
                || (stream.opener, stream.accepter) == (other, one)
        };
        self.open
            .iter()
            .filter(|(_, stream)| joins(stream))
            .map(|(&connection, _)| connection)
            .collect()
    }
}
