//! What the server adds to the top Via of a request on arrival: `received` and `rport` (RFC 3261 section 18.2.1, RFC
//! 3581 section 4). Knows no socket.

use std::io::Write as _;
use std::net::SocketAddr;

use bytes::{BufMut, BytesMut};
use smallvec::SmallVec;

use super::header::Name;
use super::list::Values;
use super::message::{Entry, Message, Span};
use super::via::Via;
use crate::limits::MAX_MESSAGE;
use crate::name::Flow;

impl Message {
    /// The request with `received` and `rport` in its top Via as the flow it came by says. What the client itself wrote
    /// there is taken away: nobody directs our responses, or those of the servers behind us, elsewhere.
    ///
    /// A message that has no room left for it comes back as it is, as does one whose top Via is malformed: that one
    /// will be refused, and [`super::response_flow`] does not need the stamp.
    pub fn stamped(&self, flow: &Flow) -> Self {
        stamped(self, flow.peer).unwrap_or_else(|| self.clone())
    }
}

fn stamped(message: &Message, peer: SocketAddr) -> Option<Message> {
    let at = message
        .entries
        .iter()
        .position(|entry| entry.name == Name::Via)?;
    let line = message.entries.get(at)?.value;
    let top = Values::new(line.of(&message.bytes)).next_range()?;
    let start = usize::from(line.start) + top.start;
    let end = usize::from(line.start) + top.end;
    let new = stamped_via(message.bytes.get(start..end)?, peer)?;
    let length = message.bytes.len() - (end - start) + new.len();
    if length > MAX_MESSAGE {
        return None;
    }
    let mut bytes = BytesMut::with_capacity(length);
    bytes.put_slice(message.bytes.get(..start)?);
    bytes.put_slice(&new);
    bytes.put_slice(message.bytes.get(end..)?);
    let bytes = bytes.freeze();
    // Only what stands behind the value moves, so the index need not be made again.
    let moved = |place: u16| {
        let place = usize::from(place);
        super::message::offset(if place >= end {
            place - (end - start) + new.len()
        } else {
            place
        })
    };
    let moved_span = |span: Span| Span {
        start: moved(span.start),
        end: moved(span.end),
    };
    let entries = message
        .entries
        .iter()
        .map(|entry| Entry {
            name: entry.name,
            text: moved_span(entry.text),
            value: moved_span(entry.value),
            line_end: moved(entry.line_end),
        })
        .collect();
    let body = if message.body.is_empty() {
        message.body.clone()
    } else {
        bytes.slice(length - message.body.len()..)
    };
    Some(Message {
        bytes,
        body,
        entries,
        ..message.clone()
    })
}

/// The value with its new parameters; `None` if it needs none.
fn stamped_via(value: &[u8], peer: SocketAddr) -> Option<SmallVec<[u8; 256]>> {
    let via = Via::parse(value).ok()?;
    if !via.params().are_well_formed() {
        return None;
    }
    let ip = peer.ip().to_canonical();
    let asks_port = via.rport().is_some();
    let is_as_said = via.host().ip() == Some(ip);
    if is_as_said && !asks_port && via.params().find("received").is_none() {
        return None;
    }
    let mut new = SmallVec::new();
    let mut params = via.params();
    let mut kept = value.len() - params.remaining();
    new.extend_from_slice(&value[..kept]);
    while let Some((name, _)) = params.next_raw() {
        let end = value.len() - params.remaining();
        if !name.eq_ignore_ascii_case(b"received") && !name.eq_ignore_ascii_case(b"rport") {
            new.extend_from_slice(&value[kept..end]);
        }
        kept = end;
    }
    // Writing to memory does not fail.
    if asks_port {
        let _ = write!(new, ";received={ip};rport={}", peer.port());
    } else if !is_as_said {
        let _ = write!(new, ";received={ip}");
    }
    Some(new)
}
