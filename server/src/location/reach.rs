//! Which phones can still be reached when the connection they registered by is closed.
//!
//! A phone that opens a connection sends from a port of the moment. Only when its Contact names the very
//! address the connection came from, but another port, is that port one on which it listens, with no NAT in
//! between (RFC 3261 section 18.1.1 lets us connect to it; RFC 5626 section 1 tells why mostly one cannot).

use sip::name::{ConnectionId, Flow, Transport, UriRef};

use crate::binding::Binding;

/// The binding as it stands without its connection, or `None` when there is no other way to the phone.
pub(super) fn without_connection(binding: &Binding) -> Option<Binding> {
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
