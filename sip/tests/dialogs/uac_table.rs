//! The UAC usage as a table: every input in every state, what comes out, and the state after it.

use std::collections::BTreeSet;

use sip::dialog::Input;
use sip::dialog::invite_uac::InviteUac;
use sip::msg::Method;

use crate::desk::{Desk, flow, sdp};

/// How each state is reached. `Wanted` is Calling with a hang-up that waits for a 1xx.
const STATES: [(&str, &[&str]); 8] = [
    ("Calling", &[]),
    ("Wanted", &["hang up"]),
    ("Proceeding", &["180"]),
    ("Cancelling", &["180", "hang up"]),
    ("Answered", &["180", "200"]),
    ("Established", &["180", "200", "ack"]),
    ("Releasing", &["180", "200", "ack", "hang up"]),
    ("Ended", &["180", "200", "ack", "hang up", "bye 200"]),
];

const INPUTS: [&str; 23] = [
    "100",
    "180",
    "200",
    "200 fork",
    "stray 200 fork",
    "302",
    "487",
    "timer B",
    "unreachable",
    "ack",
    "hang up",
    "64*T1",
    "bye 200",
    "bye 481",
    "timer F",
    "peer BYE",
    "peer BYE fork",
    "peer OPTIONS",
    "peer INVITE",
    "peer INFO",
    "reinvite",
    "update",
    "send",
];

fn apply(desk: &mut Desk<InviteUac>, input: &str) -> String {
    let invite = desk.id_of_invite();
    match input {
        "100" => desk.invite_hears(100, ""),
        "180" => desk.invite_hears(180, "a1"),
        "200" => desk.invite_hears(200, "a1"),
        "200 fork" => desk.invite_hears(200, "a2"),
        "stray 200 fork" => {
            let response = desk.to_invite(200, "a2");
            desk.give(Input::Stray {
                response: &response,
                flow: &flow(),
            })
        }
        "302" => desk.invite_hears(302, "a1"),
        "487" => desk.invite_hears(487, "a1"),
        "timer B" => desk.give(Input::TimedOut(invite)),
        "unreachable" => desk.give(Input::Unreachable(invite)),
        "ack" => desk.give(Input::Ack {
            body: Some(sdp("answer")),
        }),
        "hang up" => desk.hang_up(),
        "64*T1" => desk.wait(std::time::Duration::from_secs(32)),
        "bye 200" | "bye 481" | "timer F" if !desk.has_sent(&Method::Bye) => "-".to_owned(),
        "bye 200" => desk.hears(&Method::Bye, 200, ""),
        "bye 481" => desk.hears(&Method::Bye, 481, ""),
        "timer F" => {
            let (bye, _) = desk.last(&Method::Bye);
            desk.give(Input::TimedOut(bye))
        }
        "peer BYE" => desk.peer(&Method::Bye, "a1", ""),
        "peer BYE fork" => desk.peer(&Method::Bye, "a2", ""),
        "peer OPTIONS" => desk.peer(&Method::Options, "a1", ""),
        "peer INVITE" => desk.peer(&Method::Invite, "a1", "offer"),
        "peer INFO" => desk.peer(&Method::Info, "a1", "key"),
        "reinvite" => desk.give(Input::Reinvite { offer: None }),
        "update" => desk.give(Input::Update {
            offer: Some(sdp("offer")),
        }),
        "send" => desk.give(Input::Send {
            mark: 5,
            method: &Method::Info,
            headers: &[],
            body: None,
        }),
        other => panic!("no input {other}"),
    }
}

fn row(state: &str, path: &[&str], input: &str) -> String {
    let mut desk = Desk::uac();
    for step in path {
        apply(&mut desk, step);
    }
    let said = apply(&mut desk, input);
    format!("{state} | {input} | {said} | {:?}", desk.usage.state())
}

/// One line per state and input, in words of [`crate::desk`].
const TABLE: &str = include_str!("uac_table.txt");

#[test]
fn every_input_in_every_state() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (state, path) in STATES {
        for input in INPUTS {
            let row = row(state, path, input);
            seen.insert(row.clone());
            if !TABLE.lines().any(|line| line.trim() == row) {
                wrong.push(row);
            }
        }
    }
    let stale: Vec<&str> = TABLE
        .lines()
        .skip(1)
        .map(str::trim)
        .filter(|line| !line.is_empty() && !seen.contains(*line))
        .collect();
    assert!(
        wrong.is_empty() && stale.is_empty(),
        "it does:\n{}\nthe table says:\n{}",
        wrong.join("\n"),
        stale.join("\n")
    );
}
