//! Whether a request goes on at all, and to whom: RFC 3261 sections 16.3 to 16.5, RFC 5393.

use server::config::{Config, Sip};
use sip::msg::{Message, Name};
use sip::name::Transport::{Tcp, Udp};

use crate::rig::{ALICE, BOB, CAROL, Rig, invite, list, to_bob};
use crate::support::{Request, addr, with_shards};

fn told(heard: &[Message]) -> Vec<u16> {
    heard.iter().filter_map(Message::status).collect()
}

fn changed(request: &Request, old: &str, new: &str) -> bytes::Bytes {
    let text = String::from_utf8(request.bytes().to_vec()).unwrap();
    assert!(text.contains(old));
    text.replacen(old, new, 1).into()
}

#[test]
fn section_16_3_step_3_a_request_that_may_go_no_further_is_483_and_options_answered() {
    with_shards(|shards| {
        let mut rig = Rig::with(shards, Config::default());
        rig.register(BOB, "bob", "");
        let last = |request: &Request| changed(request, "Max-Forwards: 70", "Max-Forwards: 0");
        let heard = rig.exchange(ALICE, Udp, last(&invite()));
        assert_eq!(told(&heard), [483]);
        let heard = rig.exchange(ALICE, Udp, last(&to_bob("OPTIONS").cseq(2)));
        assert_eq!(told(&heard), [200]);
        assert!(heard[0].raw(Name::Allow).is_some());
        assert_eq!(rig.heard(BOB), []);
    });
}

#[test]
fn section_16_6_step_3_one_hop_less_and_70_where_nothing_is_said() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.ask(&to_bob("OPTIONS"));
    assert_eq!(rig.one(BOB).max_forwards(), Ok(Some(69)));
    let silent = changed(&to_bob("OPTIONS").cseq(2), "Max-Forwards: 70\r\n", "");
    rig.exchange(ALICE, Udp, silent);
    assert_eq!(rig.one(BOB).max_forwards(), Ok(Some(70)));
}

#[test]
fn section_16_6_step_9_on_a_stream_the_length_is_said() {
    for (callee, caller) in [(Tcp, Udp), (Udp, Tcp)] {
        let mut rig = Rig::new();
        rig.register_by(BOB, callee, "bob", "");
        let via = format!(
            "SIP/2.0/{} 10.0.0.2:5060;rport;branch=z9hG4bK-1",
            caller.via_token()
        );
        let request = invite().with(|r| r.via = via);
        if caller == Udp {
            let silent = changed(&request, "Content-Length: 0\r\n", "");
            rig.exchange(ALICE, Udp, silent);
            assert_eq!(rig.one(BOB).text(Name::ContentLength).unwrap(), "0");
        } else {
            rig.exchange(ALICE, Tcp, request.bytes());
            let copy = rig.one(BOB);
            let busy = sip::msg::build::Response::to(&copy, 180, None, None).finish();
            let text = String::from_utf8(busy.to_vec()).unwrap();
            rig.send(BOB, Udp, text.replace("Content-Length: 0\r\n", "").into());
            rig.wait(50);
            assert_eq!(rig.one(ALICE).text(Name::ContentLength).unwrap(), "0");
        }
    }
}

#[test]
fn rfc_3581_section_3_who_is_asked_is_asked_for_the_port_too() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.ask(&invite());
    assert_eq!(rig.one(BOB).via().unwrap().rport(), Some(None));
}

#[test]
fn rfc_5393_a_circle_is_482_and_a_spiral_goes_on() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.register(CAROL, "carol", "");
    rig.ask(&invite());
    let copy = rig.one(BOB);
    let uri = copy.request_uri().unwrap().to_owned();
    // Bob's side sends it back as it was.
    let text = String::from_utf8(copy.bytes().to_vec()).unwrap();
    let via = "Via: SIP/2.0/UDP 10.0.0.3:5060;rport;branch=z9hG4bK-back\r\nVia:";
    let again = |uri: &str, to: &str, branch: &str| -> bytes::Bytes {
        let via = via.replace("back", branch);
        text.replacen(uri, to, 1).replacen("Via:", &via, 1).into()
    };
    rig.send(BOB, Udp, again(&uri, "sip:bob@click.test", "circle"));
    rig.wait(50);
    assert_eq!(rig.statuses(BOB), [482]);
    // And then to somebody else.
    rig.send(BOB, Udp, again(&uri, "sip:carol@click.test", "spiral"));
    rig.wait(50);
    let spiral = rig.one(CAROL);
    assert_eq!(spiral.vias().count(), 4);
    assert_eq!(spiral.max_forwards(), Ok(Some(68)));
}

#[test]
fn rfc_5393_section_5_breadth_is_shared_out_and_never_exceeded() {
    let breadth = |message: &Message| message.text(Name::MaxBreadth).unwrap().parse::<u32>();
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.ask(&to_bob("OPTIONS"));
    assert_eq!(breadth(&rig.one(BOB)), Ok(60));
    rig.register(CAROL, "bob", "");
    rig.ask(&to_bob("OPTIONS").cseq(2));
    assert_eq!(breadth(&rig.one(BOB)), Ok(30));
    assert_eq!(breadth(&rig.one(CAROL)), Ok(30));
    // One at a time, where no more are allowed: the next when the first has refused.
    rig.ask(&to_bob("OPTIONS").cseq(3).header("Max-Breadth", 1));
    let first = rig.one(CAROL);
    assert_eq!((breadth(&first), rig.heard(BOB)), (Ok(1), vec![]));
    rig.answer(CAROL, &first, 404);
    assert_eq!(breadth(&rig.one(BOB)), Ok(1));
    let heard = rig.ask(&to_bob("OPTIONS").cseq(4).header("Max-Breadth", 0));
    assert_eq!(told(&heard), [440]);
}

#[test]
fn rfc_5393_section_5_what_still_rings_keeps_its_share() {
    let breadth = |message: &Message| message.text(Name::MaxBreadth).unwrap().parse::<u32>();
    let mut rig = Rig::new();
    rig.register(BOB, "bob", ";q=0.5");
    rig.register(CAROL, "bob", ";q=0.9");
    rig.ask(&invite());
    // Carol's phone is silent; Bob's has its turn all the same.
    assert_eq!(breadth(&rig.one(CAROL)), Ok(30));
    rig.run_for(21);
    assert_eq!(breadth(&rig.one(BOB)), Ok(30));
    // Where only one copy may be on its way it has to wait for the end of the other.
    let narrow = invite().call_id("narrow").branch("z9hG4bK-narrow");
    rig.ask(&narrow.header("Max-Breadth", 1));
    let first = rig.heard(CAROL);
    rig.run_for(21);
    assert_eq!((breadth(&first[0]), rig.heard(BOB)), (Ok(1), vec![]));
    rig.run_for(20);
    assert_eq!(breadth(&rig.one(BOB)), Ok(1));
}

#[test]
fn section_16_3_step_5_an_extension_asked_of_proxies_is_420_and_one_of_phones_passes() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    let heard = rig.ask(&invite().header("Proxy-Require", "privacy, x-new"));
    assert_eq!(told(&heard), [420]);
    assert_eq!(list(&heard[0], Name::Unsupported), ["privacy", "x-new"]);
    rig.ask(&invite().cseq(2).header("Require", "100rel"));
    assert_eq!(rig.one(BOB).text(Name::Require).unwrap(), "100rel");
}

#[test]
fn section_8_2_2_2_one_request_on_two_ways_goes_on_once() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.ask(&invite());
    let heard = rig.ask(&invite().branch("z9hG4bK-another-way"));
    assert_eq!(told(&heard), [482]);
    rig.one(BOB);
}

#[test]
fn section_16_4_a_maddr_of_ours_counts_for_nothing_and_any_other_is_the_target() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    let to = |n, uri: &str| to_bob("MESSAGE").cseq(n).with(|r| r.uri = uri.to_owned());
    for (n, uri) in [
        (1, "sip:bob@click.test;maddr=10.0.0.1"),
        (
            2,
            "sip:bob@click.test:5080;MAddr=10.0.0.1;transport=udp;x=y",
        ),
    ] {
        rig.ask(&to(n, uri));
        assert_eq!(rig.one(BOB).request_uri(), Some("sip:bob@10.0.0.3:5060"));
    }
    let heard = rig.ask(&to(3, "sip:bob@click.test;maddr=203.0.113.9"));
    assert_eq!((told(&heard), rig.heard(BOB)), (vec![403], vec![]));
    let options = Request::new("OPTIONS").cseq(4);
    let options = options.with(|r| r.uri = "sip:click.test;maddr=10.0.0.1".to_owned());
    assert_eq!(told(&rig.ask(&options)), [200]);
}

#[test]
fn section_16_5_nobody_there_and_nobody_of_ours() {
    let config = Config {
        sip: Sip {
            domains: vec!["click.test".to_owned()],
            ..Config::default().sip
        },
        ..Config::default()
    };
    let mut rig = Rig::with(1, config);
    rig.register(ALICE, "alice", "");
    for (n, uri, status) in [
        (1, "sip:carol@click.test", 480),
        (2, "sip:carol@elsewhere.test", 403),
        (3, "sip:carol@203.0.113.9", 403),
        (4, "sip:203.0.113.9:5060;lr", 403),
        (5, "tel:+4930123456", 404),
    ] {
        let request = to_bob("MESSAGE").cseq(n).with(|r| r.uri = uri.to_owned());
        assert_eq!(told(&rig.ask(&request)), [status], "{uri}");
    }
    // Nor by a Route, a Record-Route of nobody's, or a tag of no dialog.
    for (n, route, to, status) in [
        (11, "<sip:203.0.113.9;lr>", "<sip:bob@click.test>", 403),
        (
            12,
            "<sip:AAAA@10.0.0.1:5080;lr>",
            "<sip:bob@click.test>",
            403,
        ),
        (
            13,
            "<sip:AAAA@10.0.0.1:5080;lr>",
            "<sip:bob@click.test>;tag=b",
            481,
        ),
        (
            14,
            "<sip:10.0.0.1:5080;lr>",
            "<sip:alice@click.test>;tag=b",
            481,
        ),
    ] {
        let request = to_bob("BYE").cseq(n).header("Route", route).with(|r| {
            r.uri = "sip:victim@203.0.113.9".to_owned();
            r.to = to.to_owned();
        });
        assert_eq!(told(&rig.ask(&request)), [status], "{n}");
    }
}

#[test]
fn an_open_lab_serves_its_own_networks_only() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    let stranger = crate::support::Peer::join(&mut rig.net, "stranger", addr("203.0.113.9:5060"));
    let flow = sip::name::Flow {
        transport: Udp,
        local: addr("203.0.113.9:5060"),
        peer: crate::support::SERVER,
        connection: sip::name::ConnectionId::NONE,
    };
    let bytes = invite().bytes();
    rig.net.act(stranger, |_, _, out| {
        out.push(sip::transaction::Transmit { flow, bytes });
    });
    rig.wait(50);
    let heard = rig.net.node(stranger).heard.clone();
    assert_eq!(told(&heard), [403]);
    assert_eq!(rig.heard(BOB), []);
}
