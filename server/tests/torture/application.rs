//! RFC 4475 sections 3.2 to 3.4: what transactions, registrar and user agent make of messages that can be read.

use server::config::{AuthMode, Config};
use sip::msg::{Method, Name, lex};

use crate::rig::{Rig, answer, ask, contacts, octets, passed_on, silence, told};
use crate::support::{Request, with_shards};

const USER: &str = "sip:user@example.com";

/// 3.2.1. Two requests whose branch is the bare cookie are two requests.
#[test]
fn badbranch() {
    passed_on(USER, "badbranch");
    with_shards(|shards| {
        let mut rig = Rig::new(shards);
        let first = rig.answer(octets("badbranch"));
        assert_eq!(rig.answer(octets("badbranch")), first, "a repetition");
        let text = String::from_utf8(octets("badbranch").to_vec()).unwrap();
        let other = rig.answer(text.replace("CSeq: 8", "CSeq: 9").into());
        assert_eq!(other.cseq(), Ok((9, Method::Options)));
        let other = rig.answer(text.replace("Call-ID: ", "Call-ID: another-").into());
        assert!(other.call_id().unwrap().starts_with("another-"));
    });
}

/// 3.3.1.
#[test]
fn insuf() {
    assert_eq!(answer("insuf"), told(400, "Missing From"));
}

/// 3.3.2.
#[test]
fn unkscm() {
    assert_eq!(answer("unkscm"), told(416, "Unsupported URI Scheme"));
}

/// 3.3.3.
#[test]
fn novelsc() {
    assert_eq!(answer("novelsc"), told(416, "Unsupported URI Scheme"));
}

/// 3.3.4. To of a REGISTER has to be a SIP URI.
#[test]
fn unksm2() {
    let answer = ask("unksm2", Rig::new, |_, rig| {
        assert_eq!(rig.stage.phones().count(), 0);
    });
    assert_eq!(answer, told(400, "Not A SIP Address Of Record"));
}

/// 3.3.5. Of the way to a phone only Proxy-Require is judged; Require is for the phone.
#[test]
fn bext01() {
    let answer = ask("bext01", Rig::new, |response, _| {
        let unsupported: Vec<_> = response.values(Name::Unsupported).collect();
        let expected: [&[u8]; 2] = [b"noProxiesSupportThis", b"norDoAnyProxiesSupportThis"];
        assert_eq!(unsupported, expected);
    });
    assert_eq!(answer, told(420, "Bad Extension"));
}

/// 3.3.6. Who is called judges the body.
#[test]
fn invut() {
    passed_on(USER, "invut");
}

/// 3.3.7. Where no password is asked for, credentials are not read; where one is, these count as none.
#[test]
fn regaut01() {
    let answer = ask("regaut01", Rig::new, |response, _| {
        assert_eq!(contacts(response), [""; 0]);
    });
    assert_eq!(answer, told(200, "OK"));
    let with_passwords = |shards| {
        let mut config = Config::default();
        config.auth.mode = AuthMode::Digest;
        Rig::with(shards, config)
    };
    let answer = ask("regaut01", with_passwords, |response, _| {
        assert!(response.raw(Name::WwwAuthenticate).is_some());
    });
    assert_eq!(answer, told(401, "Unauthorized"));
}

/// 3.3.8.
#[test]
fn multi01() {
    assert_eq!(answer("multi01"), told(400, "A single header given twice"));
}

/// 3.3.9.
#[test]
fn mcl01() {
    assert_eq!(answer("mcl01"), told(400, "Contradicting Content-Length"));
}

/// 3.3.10. A response with more Vias than ours, to nothing that we asked: above all it is sent to nobody.
#[test]
fn bcast() {
    silence("bcast");
}

/// 3.3.11. It goes no further, whoever is here; an OPTIONS is then answered by whom it has reached (RFC 3261 section
/// 16.3 step 3), any other request by 483.
#[test]
fn zeromf() {
    let with_phone = |shards| Rig::with_phone(shards, USER);
    assert_eq!(ask("zeromf", with_phone, |_, _| ()), told(200, "OK"));
    let text = String::from_utf8(octets("zeromf").to_vec()).unwrap();
    let invite = Rig::with_phone(1, USER).answer(text.replace("OPTIONS", "INVITE").into());
    assert_eq!(invite.status(), Some(483));
}

/// 3.3.12. What the header's parameter means is not known; it is no part of the URI that is registered.
#[test]
fn cparam01() {
    let answer = ask("cparam01", Rig::new, |response, _| {
        assert_eq!(contacts(response), ["<sip:+19725552222@gw1.example.net>"]);
    });
    assert_eq!(answer, told(200, "OK"));
}

/// 3.3.13. That of the URI is kept with it.
#[test]
fn cparam02() {
    let answer = ask("cparam02", Rig::new, |response, _| {
        assert_eq!(
            contacts(response),
            ["<sip:+19725552222@gw1.example.net;unknownparam>"]
        );
    });
    assert_eq!(answer, told(200, "OK"));
}

/// 3.3.14. The header in the URI is kept and told, but no request is routed by it, nor carries it.
#[test]
fn regescrt() {
    let answer = ask("regescrt", Rig::new, |response, rig| {
        assert_eq!(
            contacts(response),
            ["<sip:user@example.com?Route=%3Csip:sip.example.com%3E>"]
        );
        let stage = &mut rig.stage;
        stage.answer(&Request::register("bob").contact("<sip:bob@10.0.0.3>"));
        let before = stage.net.trace().len();
        stage
            .net
            .act(stage.house, |house, now, out| {
                house.place_call(now, "sip:watson@example.com", "sip:bob@click.test", out)
            })
            .unwrap();
        let invite = lex(stage.net.trace()[before].bytes.clone()).unwrap();
        assert_eq!(invite.method(), Some(&Method::Invite));
        assert_eq!(invite.request_uri(), Some("sip:user@example.com"));
        assert_eq!(invite.routes().count(), 0);
        let dialled = Request::new("MESSAGE").with(|r| r.uri = "sip:watson@example.com".to_owned());
        let sent = rig.send(dialled.bytes());
        let message = lex(sent[0].bytes.clone()).unwrap();
        assert_eq!(message.request_uri(), Some("sip:user@example.com"));
        assert_eq!(message.routes().count(), 0);
    });
    assert_eq!(answer, told(200, "OK"));
}

/// 3.3.15. Who is called judges what may be answered.
#[test]
fn sdp01() {
    passed_on(USER, "sdp01");
}

/// 3.4.1. A client of RFC 2543 is understood; the ACK of its kind, without branch too, ends the repetitions.
#[test]
fn inv2543() {
    passed_on(USER, "inv2543");
    with_shards(|shards| {
        let mut rig = Rig::new(shards);
        let response = rig.answer(octets("inv2543"));
        assert_eq!(response.status(), Some(480));
        let to = response.text(Name::To).unwrap();
        let text = String::from_utf8(octets("inv2543").to_vec()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        let ack = head.replace("INVITE", "ACK").replace(
            "To: sip:+16505552222@ss1.example.net;user=phone",
            &format!("To: {to}"),
        );
        rig.send(format!("{ack}\r\n\r\n").into());
        let before = rig.stage.net.trace().len();
        rig.stage.net.run_for(std::time::Duration::from_secs(32));
        assert_eq!(rig.stage.net.trace().len(), before);
    });
}
