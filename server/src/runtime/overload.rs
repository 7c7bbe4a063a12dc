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

#[cfg(test)]
mod tests {
    use sip::msg::{Name, lex};
    use sip::name::{ConnectionId, Transport};

    use super::*;

    fn arrived(first_line: &str) -> (Message, Flow) {
        let rest = "Via: SIP/2.0/UDP 10.0.0.9:5060;rport;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\n\
                    To: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
        let flow = Flow {
            transport: Transport::Udp,
            local: "10.0.0.1:5080".parse().unwrap(),
            peer: "10.0.0.2:1234".parse().unwrap(),
            connection: ConnectionId::NONE,
        };
        (lex(format!("{first_line}\r\n{rest}").into()).unwrap(), flow)
    }

    #[test]
    fn a_request_is_refused_alike_each_time_to_where_it_came_from() {
        let (request, flow) = arrived("INVITE sip:b@x SIP/2.0");
        let refused = refusal(&request, &flow).unwrap();
        assert_eq!(refusal(&request, &flow), Some(refused.clone()));
        assert_eq!(refused.flow.peer, flow.peer);
        let response = lex(refused.bytes).unwrap();
        assert_eq!(response.status(), Some(503));
        assert_eq!(
            response.text(Name::RetryAfter).unwrap(),
            limits::RETRY_AFTER.to_string()
        );
        assert!(response.to().unwrap().tag().is_some());
    }

    #[test]
    fn neither_an_ack_nor_a_response_is_answered() {
        for first_line in ["ACK sip:b@x SIP/2.0", "SIP/2.0 200 OK"] {
            let (message, flow) = arrived(first_line);
            assert_eq!(refusal(&message, &flow), None);
        }
    }
}
