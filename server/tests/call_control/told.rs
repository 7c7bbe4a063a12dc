//! What is told, word by word: each change once, in order, with its cause.

use crate::desk::Desk;
use crate::support::story;

fn told(script: &str) -> Vec<String> {
    let mut desk = Desk::after("");
    desk.play(script);
    desk.changes().into_iter().map(story::line).collect()
}

/// The end of the story, from where the call is being released.
fn end(script: &str) -> Vec<String> {
    let told = told(script);
    let releasing = told.iter().position(|line| line == "releasing").unwrap();
    // Of a call that a leg ended, the end of that leg is told first.
    let from = releasing - usize::from(told[releasing - 1].contains(" ended by "));
    told[from..].to_vec()
}

#[test]
fn of_a_conversation() {
    let told = told("A180 A180 A200+ B100 B180 B183+ B180 B200+ A200+ A>BYE B:200");
    let expected = [
        "opened: sip:alice@click.test to sip:bob@click.test",
        "A inviting",
        "A ringing",
        "A answered",
        "A is sip:A@10.0.0.2:5060",
        "a_waiting",
        "calling_b",
        "B inviting",
        "B ringing",
        "B early_media",
        "B answered",
        "B is sip:B@10.0.0.3:5060",
        "connecting",
        "B confirmed",
        "A confirmed",
        "talking",
        "A ended by a: Hung up",
        "releasing",
        "B ending",
        "B ended by a: Hung up",
        "done(answered)",
    ];
    assert_eq!(told, expected);
}

#[test]
fn of_a_refusal_by_a() {
    assert_eq!(
        end("A486"),
        [
            "A ended by a: 486 Busy Here",
            "releasing",
            "B ended by a: 486 Busy Here",
            "done(busy)",
        ]
    );
}

#[test]
fn of_a_refusal_by_b() {
    assert_eq!(
        end("A200+ B603 A:200"),
        [
            "B ended by b: 603 Decline",
            "releasing",
            "A ending",
            "A ended by b: 603 Decline",
            "done(declined)",
        ]
    );
}

#[test]
fn of_a_redirection() {
    assert_eq!(
        end("A302")[0],
        "A ended by a: 302 Moved Temporarily: sip:A@10.0.0.2:5060"
    );
}

#[test]
fn of_a_ring_limit() {
    assert_eq!(
        end("A200+ B180 +25 B487 A:200"),
        [
            "releasing",
            "A ending",
            "B ending",
            "B ended by timer: No answer within 25 s",
            "A ended by timer: No answer within 25 s",
            "done(no_answer)",
        ]
    );
    assert_eq!(
        end("A180 +60 A487")[3],
        "A ended by timer: No answer within 60 s"
    );
}

#[test]
fn of_a_click() {
    assert_eq!(
        end("A180 end A487"),
        [
            "releasing",
            "A ending",
            "B ended by operator: Ended by the operator",
            "A ended by operator: Ended by the operator",
            "done(cancelled)",
        ]
    );
}

#[test]
fn of_a_phone_that_is_not_there() {
    assert_eq!(
        end("+32"),
        [
            "A ended by network: The phone does not respond",
            "releasing",
            "B ended by network: The phone does not respond",
            "done(unreachable)",
        ]
    );
    assert_eq!(
        end("A!")[0],
        "A ended by network: The phone cannot be reached"
    );
}

#[test]
fn of_a_phone_that_answers_without_saying_how() {
    assert_eq!(
        end("A200+ B200 A:200 B:200"),
        [
            "releasing",
            "A ending",
            "B ending",
            "A ended by policy: The phone answered without a session description",
            "B ended by policy: The phone answered without a session description",
            "done(media_mismatch)",
        ]
    );
}

/// Both hang up at once: who was first heard has ended both legs.
#[test]
fn of_two_who_hang_up_at_once() {
    assert_eq!(
        end("A200+ B200+ A>BYE B>BYE"),
        [
            "A ended by a: Hung up",
            "releasing",
            "B ending",
            "B ended by a: Hung up",
            "done(answered)",
        ]
    );
}

/// The refusal crossed the click: what the phone said is told, the call ends as it was meant to.
#[test]
fn of_a_refusal_that_crosses_a_click() {
    assert_eq!(
        end("A180 end A486"),
        [
            "releasing",
            "A ending",
            "B ended by operator: Ended by the operator",
            "A ended by a: 486 Busy Here",
            "done(cancelled)",
        ]
    );
}
