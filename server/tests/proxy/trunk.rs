//! Peers of the operator: their passwords, their calls, their numbers (RFC 3261 section 22.2). Bob is the trunk.

use server::config::{Config, Peer, Sip};
use sip::auth::{Algorithm, Credentials, Login};
use sip::msg::{Message, Name};
use sip::name::Transport::Udp;
use sip::name::{ConnectionId, Flow, Uri};
use sip::transaction::Transmit;

use crate::rig::{ALICE, BOB, CAROL, Rig, invite, list, to_bob};
use crate::support::{Peer as Stranger, Request, SERVER, addr};

fn trunk() -> Peer {
    Peer {
        name: "trunk".to_owned(),
        domains: vec!["sip.trunk.test".to_owned()],
        server: Some(Uri::parse("sip:10.0.0.3:5060").unwrap()),
        login: Some(Login {
            name: "4711".into(),
            password: "secret".into(),
            realm: None,
        }),
        sources: vec!["203.0.113.0/24".parse().unwrap()],
        prefix: "0".to_owned(),
        ..Peer::default()
    }
}

fn rig() -> Rig {
    let config = Config {
        sip: Sip {
            domains: vec!["click.test".to_owned()],
            ..Config::default().sip
        },
        peers: vec![trunk()],
        ..Config::default()
    };
    let mut rig = Rig::with(1, config);
    rig.register(ALICE, "alice", "");
    rig
}

fn call(cseq: u32) -> Request {
    let request = invite().cseq(cseq);
    request.with(|r| r.uri = "sip:+4930123@sip.trunk.test".to_owned())
}

fn challenge(rig: &mut Rig, request: &Message, status: u16, nonce: &str) {
    let header = if status == 401 {
        "WWW-Authenticate"
    } else {
        "Proxy-Authenticate"
    };
    let value = format!(r#"Digest realm="trunk", qop="auth", algorithm=MD5, {nonce}"#);
    rig.answer_with(BOB, request, status, |response| {
        response.raw(header, value.as_bytes())
    });
}

/// The request that the trunk hears when it has been acknowledged, and has the right password in it.
fn proven(rig: &mut Rig, header: Name) -> Message {
    let heard = rig.heard(BOB);
    let is_ack = |message: &&Message| message.method().unwrap().as_str() == "ACK";
    let request = heard.iter().find(|message| !is_ack(message)).unwrap();
    let value = request.raw(header).unwrap();
    let credentials = Credentials::parse(value).unwrap();
    let ha1 = Algorithm::Md5.hash().of(&[b"4711:trunk:secret"]);
    assert!(credentials.prove(request.method().unwrap(), ha1.octets()));
    assert!(credentials.are_for_uri(request.request_uri().unwrap()));
    request.clone()
}

fn told(heard: &[Message]) -> Vec<u16> {
    heard.iter().filter_map(Message::status).collect()
}

#[test]
fn section_22_2_the_challenge_of_a_peer_is_answered_and_the_caller_hears_nothing_of_it() {
    let mut rig = rig();
    rig.ask(&call(1));
    let first = rig.one(BOB);
    assert_eq!(first.raw(Name::ProxyAuthorization), None);
    challenge(&mut rig, &first, 407, r#"nonce="n1""#);
    let second = proven(&mut rig, Name::ProxyAuthorization);
    // Section 22.3: the caller must know the answer for his own.
    assert_eq!(first.cseq(), second.cseq());
    let branch = |message: &Message| message.via().unwrap().branch().unwrap().to_owned();
    assert_ne!(branch(&first), branch(&second));
    rig.answer(BOB, &second, 200);
    let answers = rig.heard(ALICE);
    assert_eq!(told(&answers), [200]);

    // In the dialog too, and by 401.
    let mut routes = list(&answers[0], Name::RecordRoute);
    routes.reverse();
    let in_dialog = |method, cseq| {
        let request = to_bob(method).cseq(cseq).header("Route", routes.join(","));
        request.with(|r| {
            r.uri = "sip:10.0.0.3:5060".to_owned();
            r.to = "<sip:bob@click.test>;tag=tag-1".to_owned();
        })
    };
    rig.ask(&in_dialog("ACK", 1));
    rig.ask(&in_dialog("BYE", 2));
    let heard = rig.heard(BOB);
    let bye = heard.last().unwrap();
    challenge(&mut rig, bye, 401, r#"nonce="n2""#);
    let bye = proven(&mut rig, Name::Authorization);
    rig.answer(BOB, &bye, 200);
    assert_eq!(rig.statuses(ALICE), [200]);
    rig.assert_over();
}

#[test]
fn section_22_2_each_nonce_is_answered_once_and_a_wrong_password_is_no_riddle_for_the_caller() {
    let mut rig = rig();
    rig.ask(&call(1));
    let first = rig.one(BOB);
    challenge(&mut rig, &first, 407, r#"nonce="n1""#);
    let second = proven(&mut rig, Name::ProxyAuthorization);
    challenge(&mut rig, &second, 407, r#"nonce="n2", stale=true"#);
    let third = proven(&mut rig, Name::ProxyAuthorization);
    challenge(&mut rig, &third, 407, r#"nonce="n3", stale=true"#);
    assert_eq!(rig.statuses(ALICE), [500]);

    rig.heard(BOB);
    rig.ask(&call(2));
    let first = rig.one(BOB);
    challenge(&mut rig, &first, 407, r#"nonce="n1""#);
    let second = proven(&mut rig, Name::ProxyAuthorization);
    challenge(&mut rig, &second, 407, r#"nonce="n2""#);
    assert_eq!(rig.statuses(ALICE), [500]);
    rig.assert_over();
}

#[test]
fn a_challenge_of_anybody_else_is_for_the_caller() {
    let mut rig = rig();
    rig.register(CAROL, "carol", "");
    rig.ask(&invite().with(|r| r.uri = "sip:carol@click.test".to_owned()));
    let copy = rig.one(CAROL);
    rig.answer_with(CAROL, &copy, 407, |response| {
        response.raw("Proxy-Authenticate", br#"Digest realm="trunk", nonce="n""#)
    });
    assert_eq!(rig.statuses(ALICE), [407]);
}

#[test]
fn a_number_that_nobody_of_ours_has_goes_to_the_peer_of_its_prefix_for_our_users_only() {
    let mut rig = rig();
    let dial = |n: u32, number: &str| {
        let request = invite().cseq(n);
        request.with(|r| r.uri = format!("sip:{number}@click.test"))
    };
    rig.ask(&dial(1, "030123"));
    let copy = rig.one(BOB);
    assert_eq!(copy.request_uri(), Some("sip:030123@sip.trunk.test"));
    rig.answer(BOB, &copy, 486);
    assert_eq!(rig.statuses(ALICE), [486]);
    rig.heard(BOB);
    assert_eq!(told(&rig.ask(&dial(2, "55"))), [480]);
    rig.register(CAROL, "030123", "");
    rig.ask(&dial(3, "030123"));
    rig.one(CAROL);
    let foreign = dial(4, "0301").with(|r| {
        r.from = "<sip:mallory@click.test>;tag=from".to_owned();
    });
    assert_eq!(told(&rig.ask(&foreign)), [480]);
    assert_eq!(rig.heard(BOB), []);
}

#[test]
fn a_peer_is_let_in_to_our_phones_from_its_addresses_and_no_further() {
    let mut rig = rig();
    let mut ask = |address: &str, n: u32, uri: &str| {
        let peer = Stranger::join(&mut rig.net, &format!("peer-{n}"), addr(address));
        let flow = Flow {
            transport: Udp,
            local: addr(address),
            peer: SERVER,
            connection: ConnectionId::NONE,
        };
        let request = invite().cseq(n).call_id(&format!("from-peer-{n}"));
        let bytes = request.with(|r| r.uri = uri.to_owned()).bytes();
        rig.net.act(peer, |_, _, out| {
            out.push(Transmit { flow, bytes });
        });
        rig.wait(50);
        let heard = rig.net.node(peer).heard.clone();
        (told(&heard), rig.heard(ALICE).len(), rig.heard(BOB).len())
    };
    let alice = "sip:alice@click.test";
    assert_eq!(ask("203.0.113.9:5060", 1, alice), (vec![], 1, 0));
    assert_eq!(ask("192.0.2.9:5060", 2, alice), (vec![403], 0, 0));
    let abroad = "sip:+49@sip.trunk.test";
    assert_eq!(ask("203.0.113.10:5060", 3, abroad), (vec![403], 0, 0));
    let number = "sip:030123@click.test";
    assert_eq!(ask("203.0.113.11:5060", 4, number), (vec![480], 0, 0));
}
