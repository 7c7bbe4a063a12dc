//! How requests are judged before anybody works on them: RFC 3261 sections 8.2, 9.2, 11 and 17.

use sip::msg::{Message, Method, Name, lex};
use sip::name::Transport;

use crate::support::{PEER, Request, Stage, with_shards};

const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER";

fn told(response: &Message) -> (u16, String) {
    (response.status().unwrap(), response.reason().into_owned())
}

#[test]
fn section_8_1_3_3_a_response_with_more_vias_than_ours_is_dropped() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        for user in ["alice", "bob"] {
            let contact = format!("<sip:{user}@10.0.0.2>");
            let register = Request::register(user).contact(&contact).call_id(user);
            assert_eq!(
                told(&stage.answer(&register.branch(&format!("z9hG4bK-{user}")))).0,
                200
            );
        }
        let before = stage.net.trace().len();
        let (net, house) = (&mut stage.net, stage.house);
        net.act(house, |house, now, out| {
            house.place_call(now, "sip:alice@click.test", "sip:bob@click.test", out)
        })
        .unwrap();
        let invite = lex(stage.net.trace()[before].bytes.clone()).unwrap();
        let text = |name| invite.text(name).unwrap();
        let busy = |more: &str| {
            let rest = [Name::From, Name::To, Name::CallId, Name::Cseq]
                .map(|name| format!("{}: {}\r\n", name.as_str(), text(name)));
            let via = text(Name::Via);
            let rest = rest.concat();
            format!("SIP/2.0 486 Busy Here\r\nVia: {via}\r\n{more}{rest}Content-Length: 0\r\n\r\n")
        };
        let astray = busy("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK-another\r\n");
        let acks = |heard: Vec<Message>| {
            let is_ack = |message: &&Message| message.method() == Some(&Method::Ack);
            heard.iter().filter(is_ack).count()
        };
        assert_eq!(acks(stage.send(Transport::Udp, astray.into())), 0);
        assert_eq!(acks(stage.send(Transport::Udp, busy("").into())), 1);
    });
}

#[test]
fn section_8_2_1_a_method_that_is_none_of_ours_is_405_with_those_that_are() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        for method in [
            "MESSAGE",
            "SUBSCRIBE",
            "NOTIFY",
            "PUBLISH",
            "REFER",
            "PRACK",
            "DANCE",
            "invite",
        ] {
            let response = stage.answer(&Request::new(method).branch(&format!("z9hG4bK-{method}")));
            assert_eq!(
                told(&response),
                (405, "Method Not Allowed".to_owned()),
                "{method}"
            );
            assert_eq!(response.text(Name::Allow).unwrap(), ALLOW);
        }
    });
}

#[test]
fn section_8_2_2_1_who_is_not_here_is_not_found() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        for (n, method, uri, expected) in [
            (
                3,
                "INVITE",
                "sip:carol@click.test",
                (480, "Temporarily Unavailable"),
            ),
            (
                4,
                "OPTIONS",
                "sip:carol@click.test",
                (480, "Temporarily Unavailable"),
            ),
            (5, "INVITE", "sip:click.test", (404, "Not Found")),
            (6, "INVITE", "tel:+4930123456", (404, "Not Found")),
        ] {
            let request = Request::new(method)
                .cseq(n)
                .with(|r| r.uri = uri.to_owned());
            let response = stage
                .ask(&request)
                .into_iter()
                .find(|response| response.status() != Some(100))
                .unwrap();
            assert_eq!(
                told(&response),
                (expected.0, expected.1.to_owned()),
                "{method} {uri}"
            );
        }
    });
}

#[test]
fn section_8_2_2_1_a_scheme_that_nobody_knows_is_416() {
    with_shards(|shards| {
        let request =
            Request::new("OPTIONS").with(|r| r.uri = "mailto:alice@click.test".to_owned());
        assert_eq!(told(&Stage::new(shards).answer(&request)).0, 416);
    });
}

#[test]
fn section_8_2_2_1_whom_to_names_is_not_judged() {
    with_shards(|shards| {
        let request = Request::new("OPTIONS").with(|r| r.to = "<tel:+4930123456>".to_owned());
        assert_eq!(told(&Stage::new(shards).answer(&request)).0, 200);
    });
}

#[test]
fn section_8_2_2_2_a_request_that_came_on_two_ways_is_answered_once() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let request = Request::register("alice").contact("<sip:alice@10.0.0.2>");
        assert_eq!(told(&stage.answer(&request)).0, 200);
        let merged = stage.answer(&request.clone().branch("z9hG4bK-another-way"));
        assert_eq!(told(&merged), (482, "Merged Request".to_owned()));
        // The same way again is a repetition, which the transaction answers.
        assert_eq!(told(&stage.answer(&request)).0, 200);
        // And the next request is another one.
        assert_eq!(told(&stage.answer(&request.cseq(2))).0, 200);
        assert_eq!(stage.phones().count(), 2);
    });
}

#[test]
fn section_8_2_2_2_when_the_first_is_long_over_there_is_nothing_to_merge_with() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let request = Request::new("OPTIONS");
        assert_eq!(told(&stage.answer(&request)).0, 200);
        stage.net.run_for(std::time::Duration::from_secs(32));
        assert_eq!(told(&stage.answer(&request.branch("z9hG4bK-later"))).0, 200);
    });
}

#[test]
fn section_8_2_2_3_an_extension_that_is_required_and_unknown_is_420() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let options = Request::new("OPTIONS")
            .header("Require", "timer, 100rel")
            .header("Proxy-Require", "privacy");
        let response = stage.answer(&options);
        assert_eq!(told(&response), (420, "Bad Extension".to_owned()));
        let unsupported: Vec<_> = response.values(Name::Unsupported).collect();
        assert_eq!(unsupported, [&b"timer"[..], b"100rel", b"privacy"]);

        let register = |n, extension| {
            Request::register("alice")
                .cseq(n)
                .header("Require", extension)
        };
        assert_eq!(told(&stage.answer(&register(2, "PATH, outbound"))).0, 200);
        assert_eq!(told(&stage.answer(&register(3, "gruu"))).0, 420);
    });
}

#[test]
fn section_8_2_3_a_body_that_must_be_understood_is_415_and_any_other_left_unread() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let request = |n| {
            Request::register("alice")
                .cseq(n)
                .header("Content-Type", "application/x-note")
                .body("x")
        };
        let response =
            stage.answer(&request(1).header("Content-Disposition", "note; handling=Required"));
        assert_eq!(told(&response), (415, "Unsupported Media Type".to_owned()));
        for (name, value) in [
            (Name::Accept, "application/sdp"),
            (Name::AcceptEncoding, "identity"),
            (Name::AcceptLanguage, "en"),
        ] {
            assert_eq!(response.text(name).unwrap(), value);
        }
        assert_eq!(
            told(
                &stage.answer(&request(2).header("Content-Disposition", "note;handling=optional"))
            )
            .0,
            200
        );
        assert_eq!(told(&stage.answer(&request(3))).0, 200);
    });
}

#[test]
fn section_8_2_6_2_what_is_copied_and_the_tag_that_stays() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let request =
            Request::new("OPTIONS").header("Via", "SIP/2.0/UDP 10.9.9.9;branch=z9hG4bK-behind");
        let first = stage.answer(&request);
        assert_eq!(first.vias().count(), 2);
        assert_eq!(first.from().unwrap().tag(), Some("from"));
        assert_eq!(
            (first.call_id().unwrap(), first.cseq().unwrap().0),
            ("call-id-1", 1)
        );
        assert!(first.to().unwrap().tag().unwrap().len() >= 8);
        assert_eq!(first, stage.answer(&request));

        let other = stage.answer(&request.cseq(2));
        assert_ne!(first.to().unwrap().tag(), other.to().unwrap().tag());
    });
}

#[test]
fn section_8_2_7_what_is_answered_without_a_transaction_is_answered_alike_each_time() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let bad = Request::new("OPTIONS").header("From", "<sip:twice@click.test>;tag=2");
        let first = stage.answer(&bad);
        assert_eq!(told(&first).0, 400);
        assert_eq!(first, stage.answer(&bad));
        assert_eq!(stage.net.node(stage.house).transactions(), 0);
    });
}

#[test]
fn section_9_2_a_cancel_of_nothing_is_481() {
    with_shards(|shards| {
        for cancel in [
            Request::new("CANCEL"),
            Request::new("CANCEL").header("Require", "nothing-known"),
        ] {
            assert_eq!(told(&Stage::new(shards).answer(&cancel)).0, 481);
        }
    });
}

#[test]
fn section_11_2_options_to_the_server_tells_what_it_can_do() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        for (n, uri) in [
            (1, "sip:click.test"),
            (2, "sip:10.0.0.1:5080;transport=udp"),
            (3, "sips:anything.example"),
        ] {
            let response = stage.answer(
                &Request::new("OPTIONS")
                    .cseq(n)
                    .with(|r| r.uri = uri.to_owned()),
            );
            assert_eq!(told(&response), (200, "OK".to_owned()), "{uri}");
            for (name, value) in [
                (Name::Allow, ALLOW),
                (Name::Accept, "application/sdp"),
                (Name::AcceptEncoding, "identity"),
                (Name::AcceptLanguage, "en"),
                (Name::Supported, "path, outbound"),
            ] {
                assert_eq!(response.text(name).unwrap(), value);
            }
        }
    });
}

#[test]
fn section_12_2_2_a_request_of_a_dialog_that_is_not_is_481() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let tagged = |method, n| {
            Request::new(method)
                .cseq(n)
                .with(|r| r.to = "<sip:bob@click.test>;tag=gone".to_owned())
        };
        for (n, method) in [
            (1, "BYE"),
            (2, "INFO"),
            (3, "UPDATE"),
            (4, "OPTIONS"),
            (5, "INVITE"),
        ] {
            assert_eq!(
                told(stage.ask(&tagged(method, n)).last().unwrap()).0,
                481,
                "{method}"
            );
        }
        assert_eq!(told(&stage.answer(&Request::new("BYE").cseq(6))).0, 481);
    });
}

#[test]
fn section_16_4_a_route_that_names_us_is_taken_away() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        for (n, route, status) in [
            (1, "<sip:10.0.0.1:5080;transport=udp;lr>", 200),
            (2, "<sip:10.0.0.1:5080;lr>, <sip:10.0.0.1:5080;lr>", 200),
            (3, "<sip:10.9.9.9:5060;lr>", 403),
            (4, "<sip:10.0.0.1:5080;lr>, <sip:10.9.9.9;lr>", 403),
            (5, "<sip:10.0.0.1:5070;lr>", 403),
        ] {
            let response = stage.answer(&Request::new("OPTIONS").cseq(n).header("Route", route));
            assert_eq!(told(&response).0, status, "{route}");
        }
        // A registrar is where the way ends (section 10.3), whatever the phone calls it.
        let register = Request::register("alice")
            .cseq(9)
            .header("Route", "<sip:203.0.113.5:5080;lr>");
        assert_eq!(told(&stage.answer(&register)).0, 200);
    });
}

#[test]
fn section_17_an_ack_is_never_answered() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        for ack in [
            Request::new("ACK"),
            Request::new("ACK").header("Require", "nothing-known"),
            Request::new("ACK").header("From", "<sip:twice@click.test>;tag=2"),
        ] {
            assert_eq!(stage.ask(&ack), []);
        }
    });
}

#[test]
fn section_18_2_1_the_response_goes_to_where_the_request_came_from() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let via = "SIP/2.0/UDP elsewhere.invalid:1234;rport;branch=z9hG4bK-1";
        let response = stage.answer(&Request::new("OPTIONS").with(|r| r.via = via.to_owned()));
        let via = response.via().unwrap();
        assert_eq!(
            (via.received(), via.rport()),
            (Some(PEER.ip()), Some(Some(PEER.port())))
        );
    });
}

#[test]
fn section_21_4_1_bad_requests_are_told_what_is_bad() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let register = Request::register("alice").contact("<sip:alice@10.0.0.2>");
        for (bad, status) in [
            (register.clone().with(|r| r.to = "nonsense".to_owned()), 400),
            (register.clone().with(|r| r.call_id = String::new()), 400),
            (
                register
                    .clone()
                    .with(|r| r.uri = format!("sip:{}", "x".repeat(3_000))),
                414,
            ),
            (register.clone().header("CSeq", "7 REGISTER"), 400),
            (register.clone().header("Contact", "<sip:unclosed"), 400),
        ] {
            assert_eq!(told(&stage.answer(&bad)).0, status, "{bad:?}");
        }
        assert_eq!(stage.phones().count(), 0);
    });
}

#[test]
fn section_21_5_6_another_version_is_505_and_a_body_that_is_cut_short_400() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let register = Request::register("alice").contact("<sip:alice@10.0.0.2>");
        let text = String::from_utf8(register.bytes().to_vec()).unwrap();
        for (good, bad, status) in [
            (" SIP/2.0\r\n", " SIP/7.0\r\n", 505),
            ("Content-Length: 0", "Content-Length: 1", 400),
            ("Content-Length: 0", "Content-Length: many", 400),
            ("CSeq: 1 REGISTER", "CSeq: 1 OPTIONS", 400),
            ("CSeq: 1 REGISTER", "CSeq: 99999999999 REGISTER", 400),
            ("Max-Forwards: 70", "Max-Forwards: 700", 400),
        ] {
            let heard = stage.send(Transport::Udp, text.replacen(good, bad, 1).into());
            assert_eq!(heard.len(), 1, "{bad}");
            assert_eq!(told(&heard[0]).0, status, "{bad}");
        }
        assert_eq!(stage.phones().count(), 0);
    });
}

#[test]
fn what_does_not_say_who_sent_it_is_dropped() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        for via in ["", "nonsense", "SIP/2.0/UDP"] {
            assert_eq!(
                stage.ask(&Request::new("OPTIONS").with(|r| r.via = via.to_owned())),
                []
            );
        }
        for bytes in ["", "\r\n\r\n", "hello", "SIP/2.0 200 OK\r\n\r\n"] {
            assert_eq!(stage.send(Transport::Udp, bytes.into()), []);
        }
    });
}
