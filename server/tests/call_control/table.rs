//! The table on top of `server/src/call/call.rs`: in every state everything that can happen, what is sent then and
//! where it leads.

use crate::desk::Desk;

/// What happens, and what follows.
type Row = (&'static str, &'static str);

const RINGING: &str = "A180";
const B_INVITED: &str = "A180 A200+";
const B_RINGS: &str = "A180 A200+ B180";
const TALKING: &str = "A180 A200+ B180 B200+";

fn check(before: &str, rows: &[Row]) {
    for (cue, after) in rows {
        assert_eq!(
            Desk::after(before).play(cue),
            *after,
            "after {before:?}, {cue:?}"
        );
    }
}

#[test]
fn calling_a_while_nothing_is_heard() {
    check(
        "",
        &[
            ("A100", "CallingA"),
            ("A180", "CallingA"),
            ("A183+", "CallingA"),
            ("A199", "CallingA"),
            ("A200+", "B INVITE+, CallingB"),
            ("A200", "A ACK, A BYE 488, Releasing"),
            ("A302", "A ACK, Done(Declined)"),
            ("A486", "A ACK, Done(Busy)"),
            ("A488", "A ACK, Done(MediaMismatch)"),
            ("A503", "A ACK, Done(Failed)"),
            ("A!", "Done(Unreachable)"),
            ("A>BYE", "A 481 BYE, CallingA"),
            // No CANCEL before a 1xx (RFC 3261 section 9.1).
            ("end", "Releasing"),
        ],
    );
}

#[test]
fn calling_a_while_it_rings() {
    check(
        RINGING,
        &[
            ("A180", "CallingA"),
            ("A183+", "CallingA"),
            ("A200+", "B INVITE+, CallingB"),
            ("A200", "A ACK, A BYE 488, Releasing"),
            ("A603", "A ACK, Done(Declined)"),
            ("A480", "A ACK, Done(NoAnswer)"),
            ("A>BYE", "A 200 BYE, A CANCEL, CallingA"),
            ("A>INVITE+", "A 491 INVITE, CallingA"),
            ("A>OPTIONS", "A 200 OPTIONS, CallingA"),
            ("end", "A CANCEL 487, Releasing"),
            ("+59", "CallingA"),
            ("+60", "A CANCEL 408, Releasing"),
        ],
    );
}

#[test]
fn calling_b() {
    check(
        B_INVITED,
        &[
            ("B180", "CallingB"),
            ("B200+", "B ACK, A ACK+, Talking"),
            ("B486", "B ACK, A ACK+, A BYE 486, Releasing"),
            ("B!", "A ACK+, A BYE 503, Releasing"),
            ("end", "A ACK+, A BYE 487, Releasing"),
        ],
    );
    check(
        B_RINGS,
        &[
            // Of A, whose ACK is held.
            ("A200+", "CallingB"),
            ("A>BYE", "A ACK+, A 200 BYE, B CANCEL 16, Releasing"),
            ("A>INVITE+", "A 491 INVITE, CallingB"),
            ("A>UPDATE+", "A 491 UPDATE, CallingB"),
            ("A>INFO", "A 200 INFO, CallingB"),
            ("A>OPTIONS", "A 200 OPTIONS, CallingB"),
            // Of B.
            ("B180", "CallingB"),
            ("B183+", "CallingB"),
            ("B200+", "B ACK, A ACK+, Talking"),
            ("B200", "A ACK+, A BYE 488, B ACK, B BYE 488, Releasing"),
            ("B302", "B ACK, A ACK+, A BYE 302, Releasing"),
            ("B404", "B ACK, A ACK+, A BYE 404, Releasing"),
            ("B480", "B ACK, A ACK+, A BYE 480, Releasing"),
            ("B486", "B ACK, A ACK+, A BYE 486, Releasing"),
            ("B488", "B ACK, A ACK+, A BYE 488, Releasing"),
            ("B600", "B ACK, A ACK+, A BYE 600, Releasing"),
            ("B603", "B ACK, A ACK+, A BYE 603, Releasing"),
            ("B>BYE", "B 200 BYE, B CANCEL, CallingB"),
            // Of neither.
            ("end", "A ACK+, A BYE 487, B CANCEL 487, Releasing"),
            ("+24", "CallingB"),
        ],
    );
}

/// Before the phone of A gives up, 32 s after its 200.
#[test]
fn b_rings_25_s_at_most() {
    let mut desk = Desk::after(B_RINGS);
    assert_eq!(
        desk.play("+25"),
        "A ACK+, A BYE 408, B CANCEL 408, Releasing"
    );
    assert_eq!(desk.play("A:200 B487"), "B ACK, Done(NoAnswer)");
}

/// The phone is not there: that is no refusal to answer.
#[test]
fn b_says_nothing_at_all() {
    let mut desk = Desk::after(B_INVITED);
    let said = desk.play("+25");
    assert!(said.ends_with("A ACK+, A BYE 408, Releasing"), "{said}");
    assert!(desk.play("A:200 +7").ends_with("Done(Unreachable)"));
}

#[test]
fn a_says_nothing_at_all() {
    let said = Desk::after("").play("+32");
    assert!(said.ends_with("A INVITE, Done(Unreachable)"), "{said}");
}

#[test]
fn talking() {
    check(
        TALKING,
        &[
            ("A>BYE", "A 200 BYE, B BYE 16, Releasing"),
            ("B>BYE", "B 200 BYE, A BYE 16, Releasing"),
            ("end", "A BYE 16, B BYE 16, Releasing"),
            // The ACK was lost: the same again (RFC 3261 section 13.2.2.4).
            ("A200+", "A ACK+, Talking"),
            ("B200+", "B ACK, Talking"),
            // What a phone may ask for meanwhile: the call goes on as it was.
            ("A>INVITE+", "A 488 INVITE, Talking"),
            ("B>INVITE+", "B 488 INVITE, Talking"),
            ("A>INVITE", "A 488 INVITE, Talking"),
            ("A>UPDATE+", "A 488 UPDATE, Talking"),
            ("A>UPDATE", "A 200 UPDATE, Talking"),
            ("A>INFO", "A 200 INFO, Talking"),
            ("A>INFO+", "A 415 INFO, Talking"),
            ("A>OPTIONS", "A 200 OPTIONS, Talking"),
            ("A>REFER", "A 405 REFER, Talking"),
            ("A>MESSAGE", "A 405 MESSAGE, Talking"),
            ("A>DANCE", "A 501 DANCE, Talking"),
            ("+86400", "Talking"),
        ],
    );
}

#[test]
fn releasing() {
    check(
        "end",
        &[
            ("A100", "A CANCEL 487, Releasing"),
            ("A180", "A CANCEL 487, Releasing"),
            // It crossed the click.
            ("A200+", "A ACK+, A BYE 487, Releasing"),
            ("A486", "A ACK, Done(Cancelled)"),
            ("end", "Releasing"),
        ],
    );
    check(
        "A180 end",
        &[
            ("A180", "Releasing"),
            ("A487", "A ACK, Done(Cancelled)"),
            ("A603", "A ACK, Done(Cancelled)"),
            // It crossed the CANCEL (RFC 5407 section 3.1.2).
            ("A200+", "A ACK+, A BYE 487, Releasing"),
            ("end", "Releasing"),
        ],
    );
    check(
        "A180 A200+ B180 end",
        &[
            ("A:200", "Releasing"),
            ("A:481", "Releasing"),
            ("B487", "B ACK, Releasing"),
            ("A:200 B487", "B ACK, Done(Cancelled)"),
            ("B487 A:200", "B ACK, Done(Cancelled)"),
            ("B200+", "B ACK, B BYE 487, Releasing"),
            ("B200+ A:200 B:200", "B ACK, B BYE 487, Done(Cancelled)"),
            ("A200+", "A ACK+, Releasing"),
        ],
    );
    check(
        "A180 A200+ B180 B200+ A>BYE",
        &[
            ("B:200", "Done(Answered)"),
            ("B:481", "Done(Answered)"),
            // Both have hung up at once (RFC 5407 section 3.2.1).
            ("B>BYE", "B 200 BYE, Done(Answered)"),
            ("end", "Releasing"),
            ("A>INVITE+", "A 481 INVITE, Releasing"),
        ],
    );
}

/// Nobody answers: the call ends all the same.
#[test]
fn phones_that_have_vanished_are_given_up() {
    for script in [
        "A180 end +32",
        "A180 A200+ B180 end +32",
        "A180 A200+ B180 B200+ end +32",
        "A180 A200+ B180 B200+ A>BYE +32",
        "A180 end A200+ +32",
    ] {
        let said = Desk::after("").play(script);
        assert!(said.contains(", Done("), "{script:?}: {said}");
    }
}

#[test]
fn done() {
    let over = "A180 A200+ B180 B200+ end A:200 B:200";
    check(
        over,
        &[
            // The ACK was lost, and the phone has not seen the BYE as the end of its INVITE.
            ("A200+", "A ACK+, Done(Answered)"),
            ("B200+", "B ACK, Done(Answered)"),
            ("A>BYE", "A 200 BYE, Done(Answered)"),
            ("A>INVITE+", "A 481 INVITE, Done(Answered)"),
            // Nothing is remembered after 64*T1.
            ("+33 A>BYE", "A 481 BYE, Done(Answered)"),
        ],
    );
    let mut desk = Desk::after(over);
    assert!(desk.end().is_err(), "there is nothing to end any more");
    assert_eq!(desk.calls(), 0);
}
