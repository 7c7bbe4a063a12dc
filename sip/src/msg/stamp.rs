//! What the server adds to the top Via of a request on arrival: `received` and `rport` (RFC 3261 section 18.2.1, RFC
//! 3581 section 4). Knows no socket.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use bytes::{BufMut, BytesMut};
use smallvec::SmallVec;

use super::message::{Entry, Message, Span};
use super::scan::text;
use super::via::{Places, Via};
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
    let via = message.via().ok()?;
    let Range { start, end } = via.range();
    let new = stamped_via(message.bytes.get(start..end)?, via, peer)?;
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
        via: Places::read(&bytes, start, start + new.len()).ok(),
        bytes,
        body,
        entries,
        ..message.clone()
    })
}

/// The value with its new parameters; `None` if it needs none, or is malformed.
fn stamped_via(value: &[u8], via: Via<'_>, peer: SocketAddr) -> Option<SmallVec<[u8; 256]>> {
    let ip = peer.ip().to_canonical();
    let is_as_said = via.host().ip() == Some(ip);
    let (mut rport, mut says_received) = (None, false);
    let mut params = via.params();
    let mut kept = value.len() - params.remaining();
    let mut new = SmallVec::new();
    new.extend_from_slice(&value[..kept]);
    while let Some((name, port)) = params.next_raw() {
        let end = value.len() - params.remaining();
        if name.eq_ignore_ascii_case(b"rport") {
            // The first one counts, and one that is no text asks for nothing.
            rport.get_or_insert(port.is_none_or(|port| text(port).is_some()));
        } else if name.eq_ignore_ascii_case(b"received") {
            says_received = true;
        } else {
            new.extend_from_slice(&value[kept..end]);
        }
        kept = end;
    }
    let asks_port = rport == Some(true);
    if params.met_malformed() || (is_as_said && !asks_port && !says_received) {
        return None;
    }
    if asks_port || !is_as_said {
        new.extend_from_slice(b";received=");
        push_ip(&mut new, ip);
    }
    if asks_port {
        // Writing to memory does not fail.
        let _ = write!(new, ";rport={}", peer.port());
    }
    Some(new)
}

/// An address as its `Display` has it, which takes a third of the time of all that is done here.
fn push_ip(text: &mut SmallVec<[u8; 256]>, ip: IpAddr) {
    match ip {
        IpAddr::V4(v4) => {
            for (at, octet) in v4.octets().into_iter().enumerate() {
                if at > 0 {
                    text.push(b'.');
                }
                if octet >= 100 {
                    text.push(b'0' + octet / 100);
                }
                if octet >= 10 {
                    text.push(b'0' + octet / 10 % 10);
                }
                text.push(b'0' + octet % 10);
            }
        }
        IpAddr::V6(_) => {
            let _ = write!(text, "{ip}");
        }
    }
}
