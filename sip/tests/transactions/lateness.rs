//! A driver that wakes the layer too early or too late, and timers of other lengths.

use std::time::Duration;

use sip::name::Transport::Udp;
use sip::transaction::{Input, Timers};

use crate::rig::{Rig, request};

const NOTHING: [&str; 0] = [];

#[test]
fn too_early_is_too_early() {
    let mut rig = Rig::new(Udp);
    rig.send("INVITE");
    let deadline = rig.layer.deadline();
    assert_eq!(rig.handle(Input::Timeout), NOTHING);
    assert_eq!(rig.oversleep(Duration::from_millis(499)), NOTHING);
    assert_eq!(rig.layer.deadline(), deadline);
}

#[test]
fn what_was_missed_is_not_made_up_for() {
    let mut rig = Rig::new(Udp);
    rig.send("INVITE");
    assert_eq!(
        rig.oversleep(Duration::from_secs(10)),
        ["send INVITE"],
        "once, not four times"
    );
    assert_eq!(
        rig.run(Duration::from_secs(1)),
        ["1000 send INVITE"],
        "the pause goes on from there"
    );
    assert_eq!(
        rig.oversleep(Duration::from_secs(60)),
        ["timed out mine"],
        "what is over is not repeated"
    );
    assert!(rig.layer.is_empty());
}

#[test]
fn all_that_is_due_is_done_at_once() {
    let mut rig = Rig::new(Udp);
    rig.send("INVITE");
    rig.receive(&request("OPTIONS", "z9hG4bKx", ""));
    rig.receive(&request("INVITE", "z9hG4bKy", ""));
    let mut lines = rig.oversleep(Duration::from_secs(5));
    lines.sort();
    assert_eq!(lines, ["send 100", "send 100", "send INVITE"]);
}

#[test]
fn timers_scale_with_t1_t2_and_t4() {
    let timers = Timers {
        t1: Duration::from_millis(100),
        t2: Duration::from_millis(300),
        t4: Duration::from_secs(1),
    };
    let mut rig = Rig::with(Udp, timers, 10);
    rig.send("OPTIONS");
    let lines = rig.run_out();
    assert_eq!(
        lines[..4],
        [
            "100 send OPTIONS",
            "300 send OPTIONS",
            "600 send OPTIONS",
            "900 send OPTIONS"
        ]
    );
    assert_eq!(
        lines[lines.len() - 2..],
        ["6400 timed out mine", "6400 over"]
    );
    rig.send("OPTIONS");
    rig.hear(200, "OPTIONS");
    assert_eq!(rig.run_out(), ["1000 over"]);
    rig.receive(&request("OPTIONS", "z9hG4bK1", ""));
    assert_eq!(rig.run_out(), ["300 send 100", "6400 over"]);
}

/// A setting without sense may not hang the layer.
#[test]
fn timers_of_no_length_end_everything_at_once() {
    let none = Duration::ZERO;
    for (t1, t2) in [(none, none), (Duration::from_secs(1), none)] {
        let mut rig = Rig::with(Udp, Timers { t1, t2, t4: none }, 10);
        rig.send("OPTIONS");
        rig.run_out();
        rig.receive(&request("INVITE", "z9hG4bK1", ""));
        if rig.layer.len() == 1 {
            rig.answer(486);
        }
        rig.run_out();
        assert!(rig.layer.is_empty());
    }
}
