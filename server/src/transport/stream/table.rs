//! The connections of one shard, by number and by peer. The shard owns it; nothing here waits.

#![expect(
    clippy::disallowed_methods,
    reason = "connections are tasks of their own, with time limits"
)]

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use sip::name::{ConnectionId, Flow, Transport};
use sip::transaction::Transmit;
use tokio::task::spawn_local;

use super::line::{Line, line};
use super::websocket::Upgraded;
use super::{Context, enter, open};

/// Which shard has the connection of `flow`, or will open it.
pub(crate) fn home(flow: &Flow, shards: u8) -> u8 {
    if flow.connection == ConnectionId::NONE {
        let mut hasher = DefaultHasher::new();
        flow.peer.hash(&mut hasher);
        u8::try_from(hasher.finish() % u64::from(shards)).unwrap_or(0)
    } else {
        // See `Context::next_id`.
        flow.connection.0.to_le_bytes()[0]
    }
}

/// A message that no connection took: its sender is to be told that its flow is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// The connection that it names is gone. A response may still find another way.
    Gone(Box<Transmit>),
    /// The peer reads too slowly, or there is no leave for another connection.
    Refused,
}

/// See the module.
pub(crate) struct Table {
    context: Rc<Context>,
    entries: HashMap<ConnectionId, Entry>,
    /// A message without a connection goes by one that leads to the same peer (RFC 3261 18.1.1).
    by_peer: HashMap<(Transport, SocketAddr), ConnectionId>,
}

struct Entry {
    flow: Flow,
    /// `None` once the peer did not read what waited for it: the connection is ending.
    line: Option<Line>,
    /// Senders that named no connection, with the flow they named: they learn of its end under that name.
    nameless: Vec<(u8, Flow)>,
}

impl Table {
    pub(crate) fn new(context: Rc<Context>) -> Self {
        Self {
            context,
            entries: HashMap::new(),
            by_peer: HashMap::new(),
        }
    }

    /// An accepted connection.
    pub(crate) fn opened(&mut self, flow: Flow, line: Line) {
        self.by_peer
            .insert((flow.transport, flow.peer), flow.connection);
        self.entries.insert(
            flow.connection,
            Entry {
                flow,
                line: Some(line),
                nameless: Vec::new(),
            },
        );
        self.context.traffic.connections.add(1);
    }

    /// A WebSocket that somebody else has shaken hands with.
    pub(crate) fn adopt(&self, socket: Upgraded) {
        match self.context.admission.accept(socket.peer.ip()) {
            Ok(permit) => {
                let flow = Flow {
                    transport: Transport::Ws,
                    local: socket.local,
                    peer: socket.peer,
                    connection: self.context.next_id(),
                };
                self.context.traffic.accepted.add(1);
                spawn_local(enter::adopted(
                    socket,
                    flow,
                    permit,
                    Rc::clone(&self.context),
                ));
            }
            Err(limit) => {
                self.context.traffic.refused.add(1);
                tracing::warn!(peer = %socket.peer, %limit, "connection refused");
            }
        }
    }

    /// A connection is dead when nothing comes by it for so long.
    pub(crate) fn keep_alive(&self, flow: &Flow, silence: Duration) {
        let entry = self.entries.get(&flow.connection);
        if let Some(line) = entry.and_then(|entry| entry.line.as_ref()) {
            line.keep_alive(silence);
        }
    }

    /// A connection is gone. Gives the shards, and the flows by which they know it, that have to be told besides.
    pub(crate) fn closed(&mut self, connection: ConnectionId) -> Vec<(u8, Flow)> {
        let Some(entry) = self.entries.remove(&connection) else {
            return Vec::new();
        };
        self.context.traffic.connections.sub(1);
        self.forget_peer(&entry.flow);
        entry.nameless
    }

    /// Sends by the connection that the flow names, or else by one to its peer, opened if there is none.
    /// `origin` is the shard that sends.
    pub(crate) fn send(&mut self, origin: u8, transmit: Transmit) -> Result<(), Unsent> {
        let Transmit { flow, bytes } = transmit;
        let named = flow.connection != ConnectionId::NONE;
        let connection = match (named, self.by_peer.get(&(flow.transport, flow.peer))) {
            (true, _) => flow.connection,
            (false, Some(&connection)) => connection,
            (false, None) => self.open(&flow)?,
        };
        let gone = |bytes| Err(Unsent::Gone(Box::new(Transmit { flow, bytes })));
        let Some(entry) = self.entries.get_mut(&connection) else {
            return gone(bytes);
        };
        let line = entry.line.as_ref().ok_or(Unsent::Refused)?;
        if named && line.is_gone() {
            return gone(bytes);
        }
        if line.send(bytes).is_err() {
            tracing::debug!(peer = %flow.peer, "connection does not take what is sent and is closed");
            entry.line = None;
            let flow = entry.flow;
            self.forget_peer(&flow);
            return Err(Unsent::Refused);
        }
        if !named && !entry.nameless.contains(&(origin, flow)) {
            entry.nameless.push((origin, flow));
        }
        self.context.traffic.stream_sent.add(1);
        Ok(())
    }

    fn open(&mut self, asked: &Flow) -> Result<ConnectionId, Unsent> {
        match asked.transport {
            Transport::Tcp => {}
            Transport::Tls if self.context.connector().is_some() => {}
            Transport::Tls => {
                tracing::warn!(peer = %asked.peer, "no TLS connection opened: `tls.peer_ca` names nobody who could vouch for the peer");
                return Err(Unsent::Refused);
            }
            // A browser opens its connection, and nobody else can (RFC 7118 section 5).
            Transport::Udp | Transport::Ws | Transport::Wss => return Err(Unsent::Refused),
        }
        let permit = self.context.admission.open().map_err(|limit| {
            tracing::warn!(peer = %asked.peer, %limit, "connection not opened");
            Unsent::Refused
        })?;
        let connection = self.context.next_id();
        let port = self.context.listening(asked.transport, asked.peer.ip());
        let port = port.unwrap_or(asked.local.port());
        let flow = Flow {
            local: SocketAddr::new(asked.local.ip(), port),
            connection,
            ..*asked
        };
        let (line, outgoing) = line();
        spawn_local(open::run(flow, outgoing, permit, Rc::clone(&self.context)));
        self.opened(flow, line);
        Ok(connection)
    }

    fn forget_peer(&mut self, flow: &Flow) {
        let key = (flow.transport, flow.peer);
        if self.by_peer.get(&key) == Some(&flow.connection) {
            self.by_peer.remove(&key);
        }
    }
}
