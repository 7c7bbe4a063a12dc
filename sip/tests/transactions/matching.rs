//! What belongs to which transaction: RFC 3261 17.1.3, 17.2.3 and 9.2.

use sip::name::Transport::Udp;

use crate::rig::{Rig, request, response};

const NOTHING: [&str; 0] = [];

#[test]
fn a_response_matches_by_branch_and_cseq_method() {
    let mut rig = Rig::new(Udp);
    rig.send("INVITE");
    assert_eq!(
        rig.receive(&response(200, "INVITE", "z9hG4bK2")),
        ["stray 200"]
    );
    assert_eq!(
        rig.receive(&response(200, "CANCEL", "z9hG4bK1")),
        ["stray 200"]
    );
    assert_eq!(
        rig.receive(&response(200, "INVITE", "Z9HG4BK1")),
        ["response 200"],
        "tokens have no case"
    );
}

#[test]
fn a_request_matches_by_branch_sent_by_and_method() {
    let original = request("OPTIONS", "z9hG4bK1", "");
    let same = [
        (
            "case of the branch",
            original.replace("z9hG4bK1", "z9hg4bk1"),
        ),
        (
            "another parameter",
            original.replace(";branch", ";rport=5;received=192.0.2.2;branch"),
        ),
        (
            "the default port left out",
            original.replace("192.0.2.2:5060", "192.0.2.2"),
        ),
        (
            "another Call-ID, which does not count",
            original.replace("Call-ID: one", "Call-ID: two"),
        ),
    ];
    let different = [
        ("branch", original.replace("z9hG4bK1", "z9hG4bK2")),
        (
            "host of sent-by",
            original.replace("192.0.2.2:5060", "192.0.2.3:5060"),
        ),
        (
            "port of sent-by",
            original.replace("192.0.2.2:5060", "192.0.2.2:5062"),
        ),
        ("method", original.replace("OPTIONS", "INFO")),
        ("method, by case", original.replace("OPTIONS", "Options")),
    ];
    for (what, text) in same {
        let mut rig = Rig::new(Udp);
        rig.receive(&original);
        assert_eq!(rig.receive(&text), NOTHING, "{what}");
        assert_eq!(rig.layer.len(), 1);
    }
    for (what, text) in different {
        let mut rig = Rig::new(Udp);
        rig.receive(&original);
        let lines = rig.receive(&text);
        assert!(lines[0].starts_with("request "), "{what}: {lines:?}");
        assert_eq!(rig.layer.len(), 2);
    }
}

#[test]
fn our_own_request_that_comes_back_is_a_new_one() {
    let mut rig = Rig::new(Udp);
    rig.send("OPTIONS");
    assert_eq!(
        rig.receive(&request("OPTIONS", "z9hG4bK1", "")),
        ["request OPTIONS"]
    );
}

#[test]
fn a_cancel_matches_any_request_but_cancels_only_an_invite() {
    let mut rig = Rig::new(Udp);
    rig.receive(&request("OPTIONS", "z9hG4bK1", ""));
    assert_eq!(
        rig.receive(&request("CANCEL", "z9hG4bK1", "")),
        ["send 200"]
    );
    assert_eq!(
        rig.receive(&request("CANCEL", "z9hG4bK2", "")),
        ["send 481"]
    );
    assert_eq!(rig.answer(200), ["send 200"]);
}

/// A request as RFC 2543 has it: the branch, if there is one, is not unique.
fn old(method: &str, cseq: u32, from: &str, to: &str, call_id: &str) -> String {
    format!(
        "{method} sip:bob@192.0.2.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.2:5060\r\n\
         From: <sip:alice@example.com>;tag={from}\r\n\
         To: <sip:bob@example.com>{to}\r\n\
         Call-ID: {call_id}\r\n\
         CSeq: {cseq} {method}\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

#[test]
fn an_old_request_matches_by_all_that_it_has() {
    let original = old("OPTIONS", 1, "a", "", "one");
    let different = [
        old("OPTIONS", 2, "a", "", "one"),
        old("OPTIONS", 1, "c", "", "one"),
        old("OPTIONS", 1, "a", ";tag=t", "one"),
        old("OPTIONS", 1, "a", "", "two"),
        old("INFO", 1, "a", "", "one"),
        original.replace("sip:bob@192.0.2.1 ", "sip:carol@192.0.2.1 "),
        original.replace("192.0.2.2:5060", "192.0.2.2:5062"),
        original.replace("192.0.2.2:5060", "192.0.2.2:5060;branch=1"),
        // A cookie with nothing after it is no unique branch.
        original.replace("192.0.2.2:5060", "192.0.2.2:5060;branch=z9hG4bK"),
    ];
    let mut rig = Rig::new(Udp);
    rig.receive(&original);
    assert_eq!(rig.receive(&original), NOTHING);
    for text in different {
        let lines = rig.receive(&text);
        assert!(lines[0].starts_with("request "), "{text}: {lines:?}");
    }
}

#[test]
fn an_old_ack_matches_by_the_to_tag_of_the_response() {
    let mut rig = Rig::new(Udp);
    rig.receive(&old("INVITE", 1, "a", "", "one"));
    assert_eq!(rig.answer(486), ["send 486"]);
    assert_eq!(
        rig.receive(&old("ACK", 1, "a", ";tag=other", "one")),
        ["ack"],
        "not ours"
    );
    assert_eq!(
        rig.receive(&old("ACK", 2, "a", ";tag=b", "one")),
        ["ack"],
        "not this one"
    );
    assert_eq!(rig.receive(&old("ACK", 1, "a", ";tag=b", "one")), NOTHING);
    assert_eq!(rig.run_out(), ["5000 over"]);
}

#[test]
fn an_old_ack_inside_a_dialog_matches() {
    let mut rig = Rig::new(Udp);
    rig.receive(&old("INVITE", 2, "a", ";tag=t", "one"));
    assert_eq!(rig.answer(488), ["send 488"]);
    assert_eq!(rig.receive(&old("ACK", 2, "a", ";tag=t", "one")), NOTHING);
    assert_eq!(rig.run_out(), ["5000 over"]);
}

#[test]
fn an_old_ack_to_a_2xx_goes_to_the_user() {
    let mut rig = Rig::new(Udp);
    rig.receive(&old("INVITE", 1, "a", "", "one"));
    rig.answer(200);
    assert_eq!(rig.receive(&old("ACK", 1, "a", ";tag=b", "one")), ["ack"]);
}

#[test]
fn an_old_cancel_matches_its_invite() {
    let mut rig = Rig::new(Udp);
    rig.receive(&old("INVITE", 1, "a", "", "one"));
    assert_eq!(
        rig.receive(&old("CANCEL", 1, "a", "", "one")),
        ["send 200", "cancel"]
    );
    assert_eq!(rig.receive(&old("CANCEL", 1, "c", "", "one")), ["send 481"]);
}

#[test]
fn what_cannot_be_matched_is_dropped() {
    let mut rig = Rig::new(Udp);
    for text in [
        "OPTIONS sip:b SIP/2.0\r\n\r\n",
        "OPTIONS sip:b SIP/2.0\r\nVia: nonsense\r\n\r\n",
        "OPTIONS sip:b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2\r\nCSeq: x\r\n\r\n",
    ] {
        assert_eq!(rig.receive(text), NOTHING);
    }
    assert_eq!(
        rig.receive("ACK sip:b SIP/2.0\r\n\r\n"),
        ["ack"],
        "the user drops it"
    );
    assert!(rig.layer.is_empty());
}
