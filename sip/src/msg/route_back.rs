//! Where a response goes (RFC 3261 section 18.2.2, RFC 3581 section 4).
//!
//! Sends nothing and resolves nothing.

use std::net::{IpAddr, SocketAddr};

use super::message::Message;
use crate::name::Flow;

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
