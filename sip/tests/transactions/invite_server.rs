//! RFC 3261 17.2.1 with RFC 6026, and CANCEL as its server answers it (9.2).

use std::time::Duration;

use sip::name::Transport::{Tcp, Udp};
use sip::transaction::Gone;

use crate::rig::{Rig, request};

const NOTHING: [&str; 0] = [];

fn invite() -> String {
    request("INVITE", "z9hG4bK1", "")
}

fn ack() -> String {
    request("ACK", "z9hG4bK1", "")
}

fn cancel() -> String {
    request("CANCEL", "z9hG4bK1", "")
}

#[test]
fn the_layer_says_trying_after_200_ms() {
    for transport in [Udp, Tcp] {
        let mut rig = Rig::new(transport);
        assert_eq!(rig.receive(&invite()), ["request INVITE"]);
        assert_eq!(rig.run_out(), ["200 send 100"]);
        assert_eq!(
            rig.receive(&invite()),
            ["send 100"],
            "a repetition gets the last response"
        );
        assert_eq!(rig.answer(180), ["send 180"]);
        assert_eq!(rig.receive(&invite()), ["send 180"]);
        assert_eq!(rig.run_out(), NOTHING, "ringing takes as long as it takes");
    }
}

#[test]
fn a_user_that_is_quick_says_it_all() {
    let mut rig = Rig::new(Udp);
    rig.receive(&invite());
    rig.run(Duration::from_millis(199));
    assert_eq!(rig.answer(180), ["send 180"]);
    assert_eq!(rig.run_out(), NOTHING, "no 100 after a 180");
}

#[test]
fn a_repetition_that_comes_first_gets_trying_at_once() {
    let mut rig = Rig::new(Udp);
    rig.receive(&invite());
    assert_eq!(rig.receive(&invite()), ["send 100"]);
    assert_eq!(rig.run_out(), NOTHING);
}

#[test]
fn a_failure_repeats_by_g_until_h() {
    let mut rig = Rig::new(Udp);
    rig.receive(&invite());
    assert_eq!(rig.answer(486), ["send 486"]);
    assert_eq!(rig.receive(&invite()), ["send 486"]);
    assert_eq!(rig.answer(500), NOTHING, "one final response is enough");
    let at = [
        500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500,
    ];
    let mut expected: Vec<String> = at.iter().map(|at| format!("{at} send 486")).collect();
    expected.extend(["32000 unacknowledged".to_owned(), "32000 over".to_owned()]);
    assert_eq!(rig.run_out(), expected);
    assert_eq!(rig.try_answer(200), Err(Gone));

    let mut rig = Rig::new(Tcp);
    rig.receive(&invite());
    rig.answer(486);
    assert_eq!(rig.run_out(), ["32000 unacknowledged", "32000 over"]);
}

#[test]
fn an_ack_ends_a_failure_after_i() {
    let mut rig = Rig::new(Udp);
    rig.receive(&invite());
    rig.answer(486);
    rig.run(Duration::from_millis(600));
    assert_eq!(
        rig.receive(&ack()),
        NOTHING,
        "it belongs to the transaction"
    );
    assert_eq!(rig.receive(&ack()), NOTHING);
    assert_eq!(rig.receive(&invite()), NOTHING);
    assert_eq!(rig.run_out(), ["5000 over"]);
    assert_eq!(rig.receive(&ack()), ["ack"], "nobody is left to absorb it");

    let mut rig = Rig::new(Tcp);
    rig.receive(&invite());
    rig.answer(486);
    assert_eq!(rig.receive(&ack()), NOTHING);
    assert!(rig.layer.is_empty(), "a stream repeats no ACK");
}

#[test]
fn a_2xx_belongs_to_the_user() {
    for transport in [Udp, Tcp] {
        let mut rig = Rig::new(transport);
        rig.receive(&invite());
        assert_eq!(rig.answer(200), ["send 200"]);
        assert_eq!(rig.receive(&invite()), NOTHING, "absorbed");
        assert_eq!(rig.answer(200), ["send 200"], "the user repeats");
        assert_eq!(rig.answer(180), NOTHING);
        assert_eq!(rig.answer(486), NOTHING);
        assert_eq!(
            rig.receive(&ack()),
            ["ack"],
            "one with the INVITE's branch, too"
        );
        assert_eq!(rig.receive(&request("ACK", "z9hG4bK2", "")), ["ack"]);
        assert_eq!(rig.run_out(), ["32000 over"]);
        assert_eq!(rig.try_answer(200), Err(Gone));
    }
}

#[test]
fn a_failure_of_the_transport_is_told() {
    let mut rig = Rig::new(Udp);
    rig.receive(&invite());
    assert_eq!(rig.broken(), ["undeliverable"]);
    rig.answer(180);
    assert_eq!(rig.broken(), ["undeliverable"], "the next may get through");
    rig.answer(486);
    assert_eq!(rig.broken(), ["undeliverable"]);
    rig.receive(&ack());
    assert_eq!(rig.broken(), NOTHING);

    let mut rig = Rig::new(Tcp);
    rig.receive(&invite());
    rig.answer(200);
    assert_eq!(rig.broken(), ["undeliverable"]);
    assert_eq!(rig.layer.len(), 1);
}

#[test]
fn a_cancel_is_answered_and_told_once() {
    let mut rig = Rig::new(Udp);
    rig.receive(&invite());
    rig.answer(180);
    assert_eq!(rig.receive(&cancel()), ["send 200", "cancel"]);
    assert_eq!(rig.receive(&cancel()), ["send 200"]);
    assert_eq!(rig.answer(487), ["send 487"]);
    assert_eq!(rig.receive(&cancel()), ["send 200"]);
    assert_eq!(rig.receive(&ack()), NOTHING);
    assert_eq!(rig.receive(&cancel()), ["send 200"]);
    assert_eq!(rig.run_out(), ["5000 over"]);
    assert_eq!(rig.receive(&cancel()), ["send 481"]);
    assert_eq!(rig.receive(&cancel()), ["send 481"]);
    assert!(rig.layer.is_empty());
}

#[test]
fn a_cancelled_invite_can_still_be_answered_as_before() {
    let mut rig = Rig::new(Udp);
    rig.receive(&invite());
    rig.receive(&cancel());
    assert_eq!(rig.run(Duration::from_secs(1)), ["200 send 100"]);
    assert_eq!(rig.answer(180), ["send 180"]);
    assert_eq!(rig.receive(&invite()), ["send 180"]);
    assert_eq!(rig.broken(), ["undeliverable"]);
    assert_eq!(rig.answer(200), ["send 200"], "the 200 was under way");
}

#[test]
fn a_cancel_after_the_final_response_changes_nothing() {
    for status in [200, 486] {
        let mut rig = Rig::new(Udp);
        rig.receive(&invite());
        rig.answer(status);
        assert_eq!(rig.receive(&cancel()), ["send 200"]);
    }
}

/// RFC 3261 9.2: the To tag should be that of the response to the INVITE; and 8.2.7: the same each time.
#[test]
fn the_answer_to_a_cancel_has_a_steady_to_tag() {
    let tag_of_answer = |rig: &mut Rig| {
        let message = sip::msg::lex(cancel().into()).expect("a CANCEL");
        let input = sip::transaction::Input::Message {
            message,
            flow: rig.flow,
        };
        rig.layer.handle(rig.now(), input, &mut rig.out);
        let answer = sip::msg::lex(rig.out.transmit.remove(0).bytes).expect("an answer");
        rig.out.events.clear();
        answer.to().expect("a To").tag().expect("a tag").to_owned()
    };
    let mut rig = Rig::new(Udp);
    let first = tag_of_answer(&mut rig);
    assert_eq!(tag_of_answer(&mut rig), first);
    rig.receive(&invite());
    rig.answer(180);
    assert_eq!(tag_of_answer(&mut rig), "b");
}
