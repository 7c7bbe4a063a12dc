//! Requests that another request dictates: the ACK of a failure (RFC 3261 section 17.1.1.3) and CANCEL (9.1).

use bytes::Bytes;

use super::draft::Request;
use crate::msg::header::Name;
use crate::msg::list::Values;
use crate::msg::message::Message;
use crate::msg::method::Method;

/// The ACK to a final response of 300 or more: the INVITE's Request-URI, top Via, Route, From, Call-ID and CSeq number,
/// the response's To.
pub fn ack_non_2xx(invite: &Message, response: &Message) -> Bytes {
    let to = response.raw(Name::To).or_else(|| invite.raw(Name::To));
    hop_by_hop(&Method::Ack, invite, to).finish()
}

/// The CANCEL of a request of ours: everything as in the request. `reason` is a Reason header (RFC 3326).
pub fn cancel(invite: &Message, reason: Option<&str>) -> Bytes {
    let draft = hop_by_hop(&Method::Cancel, invite, invite.raw(Name::To));
    match reason {
        Some(reason) => draft.header(Name::Reason, reason).finish(),
        None => draft.finish(),
    }
}

fn hop_by_hop<'a>(method: &Method, invite: &Message, to: Option<&[u8]>) -> Request<'a> {
    let mut draft = Request::new(method, invite.request_uri().unwrap_or(""));
    let top_via = invite
        .raw(Name::Via)
        .and_then(|line| Values::new(line).next());
    let copies = [
        (Name::Via, top_via),
        (Name::From, invite.raw(Name::From)),
        (Name::To, to),
        (Name::CallId, invite.raw(Name::CallId)),
    ];
    for (name, value) in copies {
        if let Some(value) = value {
            draft = draft.copied(name, value);
        }
    }
    if let Ok((number, _)) = invite.cseq() {
        draft = draft.cseq(number, method);
    }
    draft = draft.max_forwards(70);
    for route in invite.all(Name::Route) {
        draft = draft.copied(Name::Route, route);
    }
    draft
}
