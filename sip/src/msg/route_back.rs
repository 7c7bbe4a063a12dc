//! Where a response goes (RFC 3261 section 18.2.2, RFC 3581 section 4).
//!
//! Sends nothing and resolves nothing.

use std::net::{IpAddr, SocketAddr};

use super::message::Message;
use crate::name::{ConnectionId, Flow};

/// The flow for all responses to `request`, which came by `flow`.
///
/// A stream answers on the connection the request came by. A datagram answers to the address it came from, and to the
/// port it came from if the client asked for that (`rport`), else to the port of sent-by. A literal multicast `maddr`
/// is honoured; any other is not, since it would let anybody aim our responses at anybody.
pub fn response_flow(request: &Message, flow: &Flow) -> Flow {
    let Ok(via) = request.via() else { return *flow };
    if flow.transport.is_reliable() {
        return *flow;
    }
    let group = via
        .maddr()
        .and_then(|host| host.ip())
        .filter(IpAddr::is_multicast);
    let port = if group.is_none() && via.rport().is_some() {
        flow.peer.port()
    } else {
        via.port_or_default()
    };
    Flow {
        peer: SocketAddr::new(group.unwrap_or_else(|| flow.peer.ip()), port),
        ..*flow
    }
}

/// Where a response goes whose connection, that of `flow`, is gone (RFC 3261 section 18.2.2): by a new connection, to the
/// address that the request came from and the port on which sent-by says that the client listens. `None` for a request,
/// for a datagram, and where there is no Via to read.
///
/// The address is that of `flow` and not what `received` says, which is the same unless somebody on the way has forged it.
pub fn last_resort(response: &Message, flow: &Flow) -> Option<Flow> {
    if response.is_request() || !flow.transport.is_reliable() {
        return None;
    }
    let port = response.via().ok()?.port_or_default();
    Some(Flow {
        peer: SocketAddr::new(flow.peer.ip(), port),
        connection: ConnectionId::NONE,
        ..*flow
    })
}
