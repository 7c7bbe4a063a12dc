//! Any octets as the value of a header: as it comes, and as it is written by splice and builder.

use bytes::Bytes;
use sip::msg::build::{Request, Response};
use sip::msg::splice::Splice;
use sip::msg::{Contact, Message, Method, Name, NameAddr, Unframeable, Values, Via, lex};

/// Those that somebody reads, and one that nobody does. Content-Length is the writer's own.
const NAMES: [Name; 24] = [
    Name::Via,
    Name::From,
    Name::To,
    Name::CallId,
    Name::Cseq,
    Name::Contact,
    Name::Route,
    Name::RecordRoute,
    Name::MaxForwards,
    Name::Expires,
    Name::Require,
    Name::ProxyRequire,
    Name::Supported,
    Name::Allow,
    Name::Accept,
    Name::ContentType,
    Name::ContentDisposition,
    Name::Reason,
    Name::RetryAfter,
    Name::UserAgent,
    Name::Path,
    Name::Authorization,
    Name::Date,
    Name::Subject,
];

const REST: &str = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n\
                    From: <sip:alice@example.com>;tag=a\r\n\
                    To: <sip:bob@example.com>\r\n\
                    Call-ID: 1@192.0.2.1\r\n\
                    CSeq: 1 OPTIONS\r\n\
                    Content-Length: 0\r\n\r\n";

/// The first octet chooses the header, the others are its value.
pub fn header(octets: &[u8]) {
    let Some((&which, value)) = octets.split_first() else {
        return;
    };
    let name = NAMES[usize::from(which) % NAMES.len()];
    let start = format!("OPTIONS sip:bob@example.com SIP/2.0\r\n{}: ", name.as_str());
    super::datagram(&[start.as_bytes(), value, b"\r\n", REST.as_bytes()].concat());
    for part in Values::new(value).chain([value]) {
        let address = NameAddr::parse(part);
        let contact = Contact::parse(part).map(|contact| contact.address().is_some());
        assert!(address.is_err() || contact == Ok(true) || part.trim_ascii() == b"*");
        if let Ok(via) = Via::parse(part) {
            let _ = (
                via.received(),
                via.rport(),
                via.maddr(),
                via.port_or_default(),
            );
        }
    }
    written(name, value);
}

/// Whatever is written as a value stays one: it begins no header of its own and ends no message.
fn written(name: Name, value: &[u8]) {
    let text = String::from_utf8_lossy(value);
    let good = format!("OPTIONS sip:bob@example.com SIP/2.0\r\n{REST}");
    let good = lex(Bytes::from(good)).expect("a good message");
    let is_there = usize::from(good.raw(name).is_some());
    let splices = [
        (Splice::new(&good).prepend(name, &text), 7),
        (Splice::new(&good).append(name, &text), 7),
        (Splice::new(&good).replace(name, &text), 7 - is_there),
    ];
    for (splice, lines) in splices {
        let spliced = lex(splice.finish());
        holds(&spliced, lines);
        if let Ok(spliced) = spliced {
            holds(
                &lex(Splice::new(&spliced).remove(name).finish()),
                6 - is_there,
            );
        }
    }
    let answer = Response::to(&good, 200, Some(&text), None);
    holds(&lex(answer.header(name, &text).finish()), 7);
    let answer = Response::to(&good, 200, None, None);
    holds(&lex(answer.raw(name.as_str(), value).finish()), 7);
    let request = Request::new(&Method::Options, &text).header(name, &text);
    if let Ok(request) = lex(request.body("text/plain", value).finish()) {
        assert_eq!((request.headers().count(), &request.body()[..]), (3, value));
    }
}

fn holds(message: &Result<Message, Unframeable>, lines: usize) {
    match message {
        Ok(message) => {
            assert_eq!(message.headers().count(), lines, "{message:?}");
            assert!(message.body().is_empty());
        }
        Err(why) => assert_eq!(*why, Unframeable::TooLarge),
    }
}
