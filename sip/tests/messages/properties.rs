//! What holds of all messages: what is printed is read again, and nothing that arrives breaks anything.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use sip::limits::MAX_MESSAGE;
use sip::msg::build::{Address, Request, Response};
use sip::msg::{Frame, Framer, Method, Name, lex};
use sip::name::{Aor, Branch, Host, Tag, Transport, UriRef};
use testkit::exercise;

use crate::corpus;

const TOKEN: &str = "[a-zA-Z0-9.!%*_+`'~-]{1,20}";
const USER: &str = "[a-zA-Z0-9_.!~*'()&=+$,;?/-]{1,20}";
const HOST: &str =
    "([a-z0-9]{1,8}\\.){0,2}[a-z][a-z0-9]{0,8}|192\\.0\\.2\\.[1-9]|\\[2001:db8::[1-9a-f]\\]";

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::Invite),
        Just(Method::Register),
        Just(Method::Bye),
        TOKEN.prop_map(|text| Method::parse(text.as_bytes()).expect("a token")),
    ]
}

fn uri() -> impl Strategy<Value = String> {
    (
        USER,
        HOST,
        prop::option::of(any::<u16>()),
        prop_oneof![Just(""), Just(";lr"), Just(";transport=tcp;x")],
    )
        .prop_map(|(user, host, port, params)| {
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            format!("sip:{user}@{host}{port}{params}")
        })
}

proptest! {
    #[test]
    fn a_request_that_is_printed_is_read_again(
        method in method(), request_uri in uri(), from in uri(), to in uri(), display in "[^\\x00-\\x1f\\x7f]{0,30}",
        (tag, branch, call_id) in (TOKEN, TOKEN, TOKEN), number in any::<u32>(), hops in any::<u8>(),
        body in vec(any::<u8>(), 0..200), subject in "[^\\x00-\\x1f\\x7f]{0,40}",
    ) {
        let bytes = Request::new(&method, &request_uri)
            .via(Transport::Udp, "192.0.2.1:5080", &Branch::new(&branch))
            .from(Address { display: &display, uri: &from, tag: Some(&tag) })
            .to(Address::new(&to))
            .call_id(&call_id)
            .cseq(number, &method)
            .max_forwards(hops)
            .header(Name::Subject, &subject)
            .body("application/octet-stream", &body)
            .finish();
        let read = lex(bytes).unwrap();
        prop_assert_eq!(read.verify(), Ok(()));
        prop_assert_eq!(read.method(), Some(&method));
        prop_assert_eq!(read.request_uri(), Some(&*request_uri));
        let (via, read_from) = (read.via().unwrap(), read.from().unwrap());
        prop_assert_eq!((via.branch(), via.rport()), (Some(&*branch), Some(None)));
        prop_assert_eq!((read_from.uri_text(), read_from.tag()), (&*from, Some(&*tag)));
        prop_assert_eq!(read_from.display().unwrap_or_default(), display);
        prop_assert_eq!(read.to().unwrap().uri_text(), &to);
        prop_assert_eq!(read.call_id(), Ok(&*call_id));
        prop_assert_eq!(read.cseq(), Ok((number, method)));
        prop_assert_eq!(read.max_forwards(), Ok(Some(hops)));
        prop_assert_eq!(read.text(Name::Subject).unwrap(), subject.trim_matches(' '));
        prop_assert_eq!(read.body(), &body);

        let answer = lex(Response::to(&read, 486, None, Some(&Tag::new("us"))).finish()).unwrap();
        prop_assert_eq!(answer.verify(), Ok(()));
        for name in [Name::Via, Name::From, Name::CallId, Name::Cseq] {
            prop_assert_eq!(answer.raw(name), read.raw(name));
        }
        prop_assert_eq!(answer.to().unwrap().tag(), Some("us"));
    }

    #[test]
    fn a_uri_that_is_put_together_is_taken_apart(user in USER, host in HOST, port in prop::option::of(any::<u16>())) {
        let text = match port {
            Some(port) => format!("sip:{user}@{host}:{port};x=y?h=v"),
            None => format!("sip:{user}@{host};x=y?h=v"),
        };
        let uri = UriRef::parse(&text).unwrap();
        prop_assert_eq!((uri.user(), uri.port()), (Some(&*user), port));
        prop_assert_eq!(uri.host(), Host::parse(&host).unwrap());
        prop_assert_eq!(uri.param("x"), Some(Some("y")));
        prop_assert_eq!(uri.headers().next(), Some(("h", "v")));
    }

    #[test]
    fn escaping_a_user_names_the_same_aor(user in "[a-zA-Z0-9._-]{1,12}", escaped in vec(any::<bool>(), 12)) {
        let spelt: String = user
            .bytes()
            .zip(escaped)
            .map(|(octet, escape)| if escape { format!("%{octet:02x}") } else { char::from(octet).to_string() })
            .collect();
        let (plain, spelt) = (format!("sip:{user}@example.com"), format!("sip:{spelt}@EXAMPLE.com:5070"));
        prop_assert_eq!(Aor::parse(&plain), Aor::parse(&spelt));
    }

    #[test]
    fn any_text_is_a_name_or_none(text in ".{0,60}", rest in "[a-z0-9@:;?%\\[\\]=&.]{0,40}") {
        exercise::name(&text);
        exercise::name(&format!("sip:{rest}"));
        exercise::name(&format!("sip:{text}@example.com"));
    }

    #[test]
    fn any_octets_are_harmless(octets in vec(any::<u8>(), 0..300), cuts in vec(0_usize..60, 0..8)) {
        exercise::datagram(&octets);
        exercise::stream(&octets, cuts);
    }

    #[test]
    fn any_header_value_is_harmless(
        name in prop::sample::select(vec!["Via", "v", "From", "To", "Contact", "Route", "Record-Route", "CSeq", "Call-ID", "Content-Length", "Max-Forwards"]),
        value in "([ -~]|\r\n |[<>\",;=:@\\[\\]\\\\]|sip:|SIP/2.0/UDP h){0,25}",
    ) {
        let text = format!(
            "OPTIONS sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP h;rport\r\n{name}: {value}\r\nFrom: <sip:a@b>\r\nTo: <sip:b@c>\r\n\
             Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\nbody"
        );
        exercise::datagram(text.as_bytes());
        exercise::datagram(text.replacen("Via: SIP/2.0/UDP h;rport\r\n", "", 1).as_bytes());
        exercise::stream(text.as_bytes(), [40, 40, 40]);
    }

    #[test]
    fn mutants_of_good_messages_are_harmless(
        seed in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
        edits in vec((any::<prop::sample::Index>(), 0_u8..6, any::<u8>(), 0_usize..40), 1..8),
        cuts in vec(0_usize..200, 0..6),
    ) {
        let seeds = corpus::files();
        let mut octets = seed.get(seeds).1.clone();
        let donor = &other.get(seeds).1;
        for (place, kind, value, length) in edits {
            let at = place.index(octets.len() + 1);
            let end = (at + length).min(octets.len());
            match kind {
                0 => octets.truncate(at),
                1 => octets.insert(at, value),
                2 => drop(octets.drain(at..end)),
                3 => octets.extend_from_within(at..end),
                4 => drop(octets.splice(at..end, donor.iter().copied().skip(at).take(length))),
                _ => octets.iter_mut().skip(at).take(1).for_each(|octet| *octet = value),
            }
        }
        exercise::datagram(&octets);
        exercise::stream(&octets, cuts);
    }

    #[test]
    fn a_stream_of_messages_gives_each_of_them(
        bodies in vec(vec(any::<u8>(), 0..100), 1..6), cuts in vec(1_usize..90, 0..30),
    ) {
        let messages: Vec<Bytes> = bodies
            .iter()
            .map(|body| Request::new(&Method::Message, "sip:a@b").call_id("x").body("text/plain", body).finish())
            .collect();
        let all = messages.concat();
        let mut framer = Framer::new(MAX_MESSAGE);
        let mut read = Vec::new();
        let mut rest = &all[..];
        for cut in cuts.into_iter().chain([all.len()]) {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            framer.push(piece);
            rest = after;
            while let Some(frame) = framer.next() {
                match frame.unwrap() {
                    Frame::Message(message) => read.push(message.bytes().clone()),
                    Frame::Ping | Frame::Pong => prop_assert!(false, "no keep-alive was sent"),
                }
            }
        }
        prop_assert_eq!(read, messages);
    }
}
