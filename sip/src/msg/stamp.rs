//! What the server adds to the top Via of a request on arrival: `received` and `rport` (RFC 3261 section 18.2.1, RFC
//! 3581 section 4). Knows no socket.

use std::net::SocketAddr;

use super::header::Name;
use super::lex::lex;
use super::list::Values;
use super::message::Message;
use super::params::Params;
use crate::name::Flow;

impl Message {
    /// The request with `received` and `rport` in its top Via as the flow it came by says. Whatever the client itself
    /// wrote there is taken away, so that nobody can direct our responses elsewhere.
    pub fn stamped(&self, flow: &Flow) -> Self {
        stamped(self, flow.peer).unwrap_or_else(|| self.clone())
    }
}

fn stamped(message: &Message, peer: SocketAddr) -> Option<Message> {
    let via = message.via().ok()?;
    let asks_port = via.rport().is_some();
    let is_as_said = via.host().ip() == Some(peer.ip());
    if is_as_said && !asks_port && via.received().is_none() {
        return None;
    }
    let line = message.raw(Name::Via)?;
    let top = Values::new(line).next()?;
    let mut new = Vec::with_capacity(top.len() + 64);
    let params_at = top.len() - via.params().remaining();
    new.extend_from_slice(&top[..params_at]);
    let mut params: Params<'_> = via.params();
    loop {
        let before = params.remaining();
        let Some((name, _)) = params.next_raw() else {
            break;
        };
        let is_ours = name.eq_ignore_ascii_case(b"received") || name.eq_ignore_ascii_case(b"rport");
        if !is_ours {
            new.extend_from_slice(&top[top.len() - before..top.len() - params.remaining()]);
        }
    }
    new.extend_from_slice(format!(";received={}", peer.ip()).as_bytes());
    if asks_port {
        new.extend_from_slice(format!(";rport={}", peer.port()).as_bytes());
    }
    let bytes = message.bytes();
    let start = top.as_ptr().addr() - bytes.as_ptr().addr();
    let mut all = Vec::with_capacity(bytes.len() + new.len());
    all.extend_from_slice(&bytes[..start]);
    all.extend_from_slice(&new);
    all.extend_from_slice(&bytes[start + top.len()..]);
    lex(all.into()).ok()
}
