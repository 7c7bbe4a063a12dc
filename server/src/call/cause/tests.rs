//! The table of causes, row by row.

use super::*;

fn refused(status: u16, phrase: &str, contacts: &[&str]) -> Cause {
    let refusal = Refusal {
        status,
        phrase: phrase.into(),
        retry_after: None,
        contacts: contacts.iter().map(|&uri| uri.into()).collect(),
    };
    Cause::leg(Side::B, &End::Refused(refusal))
}

#[test]
fn each_status_has_its_word() {
    let words = [
        (
            Outcome::Declined,
            &[300, 302, 380, 403, 433, 603, 607, 608][..],
        ),
        (Outcome::Busy, &[486, 600]),
        (Outcome::NoAnswer, &[408, 480, 487]),
        (Outcome::Unreachable, &[404, 410, 430, 604]),
        (Outcome::MediaMismatch, &[415, 488, 606]),
        (
            Outcome::Failed,
            &[400, 401, 405, 407, 481, 482, 500, 503, 699],
        ),
    ];
    for (word, statuses) in words {
        for &status in statuses {
            assert_eq!(Outcome::of_status(status), word, "{status}");
        }
    }
}

#[test]
fn the_other_phone_is_told_what_this_one_said() {
    let busy = refused(486, "Busy Here", &[]);
    assert_eq!(
        busy.reason().to_string(),
        r#"SIP;cause=486;text="Busy Here""#
    );
    let end = busy.leg_end();
    assert_eq!((end.by, end.code), (EndedBy::B, Some(486)));
    assert_eq!(end.reason.as_deref(), Some("Busy Here"));
}

#[test]
fn a_phrase_that_is_missing_is_the_usual_one_and_a_long_one_is_cut() {
    assert_eq!(refused(486, "", &[]).text(), "Busy Here");
    let long = "é".repeat(REASON_TEXT);
    assert_eq!(refused(486, &long, &[]).text(), "é".repeat(REASON_TEXT / 2));
}

#[test]
fn a_redirect_keeps_its_target() {
    let moved = refused(
        302,
        "Moved Temporarily",
        &["sip:bob@home.test", "sip:bob@x"],
    );
    assert_eq!(moved.outcome(), Outcome::Declined);
    assert_eq!(moved.text(), "Moved Temporarily: sip:bob@home.test");
    assert_eq!(
        moved.reason().to_string(),
        r#"SIP;cause=302;text="Moved Temporarily""#
    );
    let busy = refused(486, "Busy Here", &["sip:bob@home.test"]);
    assert_eq!(busy.text(), "Busy Here");
}

#[test]
fn who_hangs_up_before_they_talk_decides_the_word() {
    let bye = |side| Cause::leg(side, &End::RemoteBye { reason: None });
    assert_eq!(bye(Side::A).outcome(), Outcome::Cancelled);
    assert_eq!(bye(Side::B).outcome(), Outcome::Declined);
    assert_eq!(
        bye(Side::A).reason().to_string(),
        r#"Q.850;cause=16;text="Normal call clearing""#
    );
}

/// RFC 3326 section 2: a phone that reads it shows no missed call.
#[test]
fn nobody_is_told_that_the_call_was_answered_elsewhere() {
    let causes = [
        Cause::operator(false),
        Cause::operator(true),
        Cause::no_answer(Duration::from_secs(25)),
        Cause::no_response(),
        Cause::not_registered(),
        Cause::no_session(),
        Cause::leg(Side::A, &End::TimedOut),
        Cause::leg(Side::A, &End::Unreachable),
        Cause::leg(Side::A, &End::Lost { status: None }),
        Cause::leg(Side::A, &End::RemoteBye { reason: None }),
    ];
    for cause in causes {
        assert_ne!(cause.reason().cause, Some(200), "{cause:?}");
        assert!(!cause.text().is_empty());
    }
}
