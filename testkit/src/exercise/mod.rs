//! Reads octets in every way the core has, and checks what must hold whatever they are. For tests and fuzzing.
//!
//! Panics where something does not hold; gives nothing back.

mod digest;
mod header;
mod names;
mod transactions;

pub use digest::digest;
pub use header::header;
pub use names::{name, names};
pub use transactions::transactions;

use bytes::Bytes;
use sip::limits::{MAX_HEADERS, MAX_MESSAGE};
use sip::msg::build::{Response, ack_non_2xx, cancel};
use sip::msg::splice::Splice;
use sip::msg::{Frame, Framer, Message, Name, Unframeable, Values, lex, response_flow};
use sip::name::{ConnectionId, Flow, Tag, Transport};

/// One datagram.
pub fn datagram(octets: &[u8]) {
    let Ok(message) = lex(Bytes::copy_from_slice(octets)) else {
        return;
    };
    let start = octets
        .iter()
        .take_while(|octet| matches!(octet, b'\r' | b'\n'))
        .count();
    assert!(
        octets[start..].starts_with(message.bytes()),
        "a message is a part of what came"
    );
    assert!(message.bytes().ends_with(message.body()));
    assert!(message.headers().count() <= MAX_HEADERS);
    views(&message);
    addresses(&message);
    same_again(&message, lex(message.bytes().clone()).ok().as_ref());
    stamps(&message);
    answers(&message);
    assert_eq!(Splice::new(&message).finish(), message.bytes());
    if message.verify().is_ok() {
        passes_on(&message);
    }
}

/// One stream, its octets arriving in pieces whose lengths `cuts` gives (the last piece is the rest).
pub fn stream(octets: &[u8], cuts: impl IntoIterator<Item = usize>) {
    let whole = frames(&[octets]);
    let mut pieces = Vec::new();
    let mut rest = octets;
    for cut in cuts {
        let (piece, after) = rest.split_at(cut.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    assert_eq!(
        frames(&pieces),
        whole,
        "how a stream is cut changes nothing"
    );
    for frame in whole {
        match frame {
            Ok(Frame::Message(message)) => {
                views(&message);
                answers(&message);
            }
            Ok(Frame::Ping | Frame::Pong) | Err(_) => {}
        }
    }
}

fn frames(pieces: &[&[u8]]) -> Vec<Result<Frame, Unframeable>> {
    let mut framer = Framer::new(MAX_MESSAGE);
    let mut frames = Vec::new();
    for piece in pieces {
        framer.push(piece);
        while let Some(frame) = framer.next() {
            let is_lost = frame.is_err();
            frames.push(frame);
            if is_lost {
                return frames;
            }
        }
        assert!(
            framer.pending() <= MAX_MESSAGE,
            "no more is held than one message"
        );
    }
    frames
}

/// Calls every view; none may panic.
fn views(message: &Message) {
    let _ = message.verify();
    let _ = (
        message.uri(),
        message.reason(),
        message.call_id(),
        message.cseq(),
    );
    let _ = (
        message.max_forwards(),
        message.expires(),
        message.content_length(),
    );
    let _ = (
        message.content_type(),
        message.user_agent(),
        message.lists(Name::Supported, "timer"),
    );
    for via in message.vias().chain([message.via()]).flatten() {
        let _ = (
            via.transport(),
            via.port_or_default(),
            via.branch(),
            via.received(),
        );
        let _ = (via.rport(), via.maddr(), via.params().count());
    }
    for header in message.headers() {
        let _ = (
            header.name(),
            header.text(),
            Values::new(header.value()).count(),
        );
        let _ = message.text(header.name());
    }
    let _ = format!("{message:?}");
}

fn addresses(message: &Message) {
    let contacts = message
        .contacts()
        .flatten()
        .filter_map(|contact| contact.address());
    let routes = message.routes().chain(message.record_routes());
    for address in contacts.chain(routes.chain([message.from(), message.to()]).flatten()) {
        let _ = (
            address.display(),
            address.tag(),
            address.q(),
            address.expires(),
        );
        let _ = (address.params().count(), address.uri());
        name(address.uri_text());
    }
    if let Some(uri) = message.request_uri() {
        name(uri);
    }
}

/// What was read from the octets of a message is that message.
fn same_again(message: &Message, again: Option<&Message>) {
    let lines = |m: &Message| -> Vec<_> {
        m.headers()
            .map(|h| (h.name(), h.text().to_owned(), h.value().to_vec()))
            .collect()
    };
    let again = again.unwrap_or_else(|| panic!("cannot be read again: {message:?}"));
    assert_eq!(again, message);
    assert_eq!(lines(again), lines(message));
    assert_eq!(
        (again.method(), again.status(), again.body()),
        (message.method(), message.status(), message.body())
    );
}

fn stamps(message: &Message) {
    for peer in ["198.51.100.7:40000", "[2001:db8::7]:5060"] {
        let (Ok(peer), Ok(local)) = (peer.parse(), "192.0.2.1:5080".parse()) else {
            continue;
        };
        let flow = Flow {
            transport: Transport::Udp,
            local,
            peer,
            connection: ConnectionId::NONE,
        };
        let stamped = message.stamped(&flow);
        same_again(&stamped, lex(stamped.bytes().clone()).ok().as_ref());
        let (before, after) = (message.via(), stamped.via());
        assert_eq!(before.is_ok(), after.is_ok());
        if let (Ok(before), Ok(after)) = (before, after) {
            assert_eq!(
                (before.branch(), before.host(), before.port()),
                (after.branch(), after.host(), after.port())
            );
        }
        assert_eq!(
            response_flow(&stamped, &flow),
            response_flow(message, &flow)
        );
    }
}

/// Only what is good is passed on.
fn passes_on(message: &Message) {
    let more = Splice::new(message)
        .prepend(Name::Via, "SIP/2.0/UDP us;branch=z9hG4bKus")
        .finish();
    let Ok(more) = lex(more) else {
        return; // No room for one more.
    };
    assert_eq!(
        more.via().ok().and_then(|via| via.branch()),
        Some("z9hG4bKus")
    );
    let less = Splice::new(&more).remove_first(Name::Via).finish();
    assert_eq!(
        less,
        message.bytes(),
        "one's own Via can be taken away again"
    );
}

/// Whatever came, what we make of it is a message, and keeps to its lines.
fn answers(message: &Message) {
    let answer = Response::to(message, 400, None, Some(&Tag::new("us")))
        .record_route(message)
        .finish();
    match lex(answer) {
        Ok(answer) => {
            assert_eq!(answer.status(), Some(400));
            if let Ok(call_id) = message.call_id() {
                assert_eq!(answer.call_id(), Ok(call_id));
            }
            assert!(answer.body().is_empty());
            let requests = [
                ack_non_2xx(message, &answer),
                cancel(message, Some("SIP;cause=487")),
            ];
            for request in requests.map(lex) {
                let body = request.map(|request| request.body().len());
                assert!(
                    matches!(body, Ok(0) | Err(Unframeable::TooLarge)),
                    "{body:?}"
                );
            }
        }
        Err(why) => assert_eq!(why, Unframeable::TooLarge),
    }
}
