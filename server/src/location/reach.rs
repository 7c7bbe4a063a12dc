//! How a phone is reached over a stream, and whether it still can be when that way is lost.
//!
//! A phone that opens a connection sends from a port of the moment. Only when its Contact names the very
//! address the connection came from, but another port, is that port one on which it listens, with no NAT in
//! between (RFC 3261 section 18.1.1 lets us connect to it; RFC 5626 section 1 tells why mostly one cannot).

use std::net::SocketAddr;

use sip::name::{ConnectionId, Flow, Transport, UriRef};

use crate::binding::Binding;

/// How a phone is reached over a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// By this connection.
    Connection(ConnectionId),
    /// By a new connection to this address.
    Address(Transport, SocketAddr),
    /// By datagrams between our address and the phone's, on a flow of RFC 5626.
    Datagrams(SocketAddr, SocketAddr),
}

impl Way {
    /// That of a binding; `None` for datagrams to a phone that keeps no flow: theirs is no way that could be lost.
    pub(super) fn to(binding: &Binding) -> Option<Self> {
        let flow = &binding.flow;
        match (flow.transport.is_reliable(), flow.connection) {
            (_, ConnectionId::GONE) => None,
            (false, _) => binding.reg_id.map(|_| Self::by_datagrams(flow)),
            (true, ConnectionId::NONE) => Some(Self::Address(flow.transport, flow.peer)),
            (true, connection) => Some(Self::Connection(connection)),
        }
    }

    pub(super) const fn by_datagrams(flow: &Flow) -> Self {
        Self::Datagrams(flow.local, flow.peer)
    }
}

/// The binding as it stands when `way`, by which it was reached, is lost; `None` when there is no other one.
pub(super) fn without(binding: &Binding, way: Way) -> Option<Binding> {
    match way {
        Way::Connection(_) => without_connection(binding),
        Way::Address(..) | Way::Datagrams(..) => None,
    }
}

/// The binding as it stands in a process that has just started.
pub(super) fn after_restart(binding: Binding) -> Binding {
    if binding.flow.connection == ConnectionId::NONE {
        return binding;
    }
    without_connection(&binding).unwrap_or_else(|| {
        binding.with_flow(Flow {
            connection: ConnectionId::GONE,
            ..binding.flow
        })
    })
}

fn without_connection(binding: &Binding) -> Option<Binding> {
    let flow = binding.flow;
    match flow.transport {
        Transport::Tcp => {}
        // A datagram has no connection; a browser never listens (RFC 7118 section 5); the name in the
        // certificate of a phone cannot be checked.
        Transport::Udp | Transport::Tls | Transport::Ws | Transport::Wss => return None,
    }
    // A flow of RFC 5626 is the only way by definition; one through a proxy is the proxy's to open.
    if binding.reg_id.is_some() || binding.path().is_some() {
        return None;
    }
    let listens = UriRef::parse(binding.contact()).ok()?.socket_addr()?;
    let direct = listens.ip() == flow.peer.ip() && listens.port() != flow.peer.port();
    direct.then(|| {
        binding.with_flow(Flow {
            peer: listens,
            connection: ConnectionId::NONE,
            ..flow
        })
    })
}
