//! The answer of a shard that cannot pass a request on to its owner: 503, without a transaction (RFC 3261 8.2.7, 21.5.4).

use std::hash::{DefaultHasher, Hash, Hasher};

use sip::msg::build::Response;
use sip::msg::{Message, Method, response_flow};
use sip::name::{Flow, Tag};
use sip::transaction::Transmit;

use crate::limits;

/// `None` for what must not be answered: responses, ACKs, and what no Via leads back from.
pub(super) fn refusal(message: &Message, flow: &Flow) -> Option<Transmit> {
    match message.method() {
        None | Some(Method::Ack) => return None,
        Some(_) => {}
    }
    let request = message.stamped(flow);
    request.via().ok()?;
    // The same for each repetition, as a stateless answer has to be.
    let mut hasher = DefaultHasher::new();
    request.bytes().hash(&mut hasher);
    let tag = Tag::new(&format!("{:016x}", hasher.finish()));
    let bytes = Response::to(&request, 503, None, Some(&tag))
        .retry_after(limits::RETRY_AFTER)
        .finish();
    Some(Transmit {
        flow: response_flow(&request, flow),
        bytes,
    })
}
