//! RFC 3261 17.1.2 and 17.2.2 with RFC 4320.

use std::time::Duration;

use sip::name::Transport::{Tcp, Udp};
use sip::transaction::Gone;

use crate::rig::{Rig, request};

const NOTHING: [&str; 0] = [];

fn options() -> String {
    request("OPTIONS", "z9hG4bK1", "")
}

#[test]
fn client_without_a_response_repeats_by_e_until_f() {
    let mut rig = Rig::new(Udp);
    assert_eq!(rig.send("OPTIONS"), ["send OPTIONS"]);
    let at = [
        500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500,
    ];
    let mut expected: Vec<String> = at.iter().map(|at| format!("{at} send OPTIONS")).collect();
    expected.extend(["32000 timed out mine".to_owned(), "32000 over".to_owned()]);
    assert_eq!(rig.run_out(), expected);

    let mut rig = Rig::new(Tcp);
    rig.send("OPTIONS");
    assert_eq!(rig.run_out(), ["32000 timed out mine", "32000 over"]);
}

#[test]
fn client_with_a_provisional_response_repeats_at_t2() {
    let mut rig = Rig::new(Udp);
    rig.send("OPTIONS");
    rig.run(Duration::from_millis(600));
    assert_eq!(rig.hear(100, "OPTIONS"), ["response 100"]);
    // E was set to fire at 1.5 s before the response came; from then on at T2. F still counts from the start.
    let at = [900, 4900, 8900, 12900, 16900, 20900, 24900, 28900];
    let mut expected: Vec<String> = at.iter().map(|at| format!("{at} send OPTIONS")).collect();
    expected.extend(["31400 timed out mine".to_owned(), "31400 over".to_owned()]);
    assert_eq!(rig.run_out(), expected);
}

#[test]
fn client_tells_a_final_response_once_and_absorbs_until_k() {
    for status in [200, 404] {
        for provisional in [false, true] {
            let mut rig = Rig::new(Udp);
            rig.send("OPTIONS");
            if provisional {
                assert_eq!(rig.hear(100, "OPTIONS"), ["response 100"]);
            }
            assert_eq!(rig.hear(status, "OPTIONS"), [format!("response {status}")]);
            assert_eq!(rig.hear(status, "OPTIONS"), NOTHING);
            assert_eq!(rig.hear(100, "OPTIONS"), NOTHING);
            assert_eq!(rig.broken(), NOTHING);
            assert_eq!(rig.run_out(), ["5000 over"]);

            let mut rig = Rig::new(Tcp);
            rig.send("OPTIONS");
            assert_eq!(rig.hear(status, "OPTIONS"), [format!("response {status}")]);
            assert!(rig.layer.is_empty());
            assert_eq!(rig.layer.deadline(), None);
        }
    }
}

#[test]
fn client_that_cannot_send_ends() {
    for provisional in [false, true] {
        let mut rig = Rig::new(Tcp);
        rig.send("OPTIONS");
        if provisional {
            rig.hear(100, "OPTIONS");
        }
        assert_eq!(rig.broken(), ["unreachable mine"]);
        assert!(rig.layer.is_empty());
    }
}

#[test]
fn server_repeats_its_answer_until_j() {
    for status in [200, 404] {
        let mut rig = Rig::new(Udp);
        assert_eq!(rig.receive(&options()), ["request OPTIONS"]);
        assert_eq!(rig.receive(&options()), NOTHING, "the user is at work");
        assert_eq!(rig.answer(status), [format!("send {status}")]);
        assert_eq!(rig.receive(&options()), [format!("send {status}")]);
        assert_eq!(rig.answer(500), NOTHING, "one final response is enough");
        assert_eq!(rig.answer(100), NOTHING);
        assert_eq!(rig.run_out(), ["32000 over"]);
        assert_eq!(rig.try_answer(200), Err(Gone));
        assert_eq!(rig.receive(&options()), ["request OPTIONS"], "a new one");

        let mut rig = Rig::new(Tcp);
        rig.receive(&options());
        assert_eq!(rig.answer(status), [format!("send {status}")]);
        assert!(rig.layer.is_empty());
    }
}

/// RFC 4320 4.1 and 4.2.
#[test]
fn server_without_an_answer_says_trying_and_lets_go() {
    for transport in [Udp, Tcp] {
        let mut rig = Rig::new(transport);
        rig.receive(&options());
        assert_eq!(rig.run(Duration::from_millis(3_499)), NOTHING);
        assert_eq!(rig.run(Duration::from_millis(1)), ["1 send 100"]);
        assert_eq!(rig.receive(&options()), ["send 100"]);
        assert_eq!(
            rig.run_out(),
            ["28500 over"],
            "the client gave up 32 s after its request"
        );
        assert_eq!(rig.try_answer(200), Err(Gone));
    }
}

#[test]
fn server_sends_the_users_provisional_response() {
    let mut rig = Rig::new(Tcp);
    rig.receive(&options());
    assert_eq!(rig.answer(100), ["send 100"]);
    assert_eq!(rig.answer(100), ["send 100"]);
    assert_eq!(
        rig.run(Duration::from_secs(5)),
        NOTHING,
        "no second 100 of ours"
    );
    assert_eq!(rig.answer(200), ["send 200"]);
    assert!(rig.layer.is_empty());
}

#[test]
fn server_that_cannot_send_ends() {
    for answer in [None, Some(100), Some(200)] {
        let mut rig = Rig::new(Udp);
        rig.receive(&options());
        if let Some(status) = answer {
            rig.answer(status);
        }
        assert_eq!(rig.broken(), ["undeliverable"]);
        assert!(rig.layer.is_empty());
    }
}
