//! The races by name (RFC 5407 and RFC 3261 sections 9, 13.2.2.4, 15), as the UAC sees them.

use std::time::Duration;

use sip::dialog::{Effect, End, Event, Input, Reason};
use sip::msg::{Method, Name};

use crate::desk::{Desk, flow, sdp, text};

#[test]
fn a_200_crosses_our_cancel() {
    let mut desk = Desk::uac();
    desk.invite_hears(180, "a1");
    assert_eq!(desk.hang_up(), "CANCEL");
    assert_eq!(desk.invite_hears(200, "a1"), "ACK, BYE");
    // The ACK was lost: the same bytes again.
    assert_eq!(desk.invite_hears(200, "a1"), "ACK");
    let acks = desk.acks();
    assert_eq!(acks[0].bytes(), acks[1].bytes());
    assert_eq!(desk.hears(&Method::Bye, 200, ""), "ended: hung up");
    assert_eq!(desk.invite_hears(200, "a1"), "ACK");
}

#[test]
fn a_200_comes_before_any_1xx_and_after_the_hang_up() {
    let mut desk = Desk::uac();
    assert_eq!(desk.hang_up(), "");
    assert_eq!(desk.invite_hears(200, "a1"), "ACK, BYE");
    let (_, bye) = desk.last(&Method::Bye);
    assert_eq!(text(&bye, Name::Reason), "SIP;cause=480;text=\"bye\"");
}

#[test]
fn a_hang_up_before_any_1xx_waits_for_one() {
    let mut desk = Desk::uac();
    assert_eq!(desk.hang_up(), "");
    assert_eq!(desk.invite_hears(100, ""), "CANCEL");
    let reason = desk.past.iter().find_map(|effect| match effect {
        Effect::Cancel { reason, .. } => reason.clone(),
        _ => None,
    });
    assert_eq!(reason, Some(Reason::sip(480, "bye")));
    assert_eq!(desk.invite_hears(180, "a1"), "");
    assert_eq!(desk.invite_hears(487, "a1"), "ended: hung up");
}

#[test]
fn a_decline_crosses_our_cancel() {
    let mut desk = Desk::uac();
    desk.invite_hears(180, "a1");
    desk.hang_up();
    assert_eq!(desk.invite_hears(486, "a1"), "ended: refused 486");
}

#[test]
fn the_ack_is_held_and_then_the_same_bytes() {
    let mut desk = Desk::uac();
    desk.invite_hears(180, "a1");
    assert_eq!(desk.invite_hears(200, "a1"), "answered+offer");
    for _ in 0..7 {
        assert_eq!(desk.invite_hears(200, "a1"), "");
    }
    let said = desk.give(Input::Ack {
        body: Some(sdp("answer")),
    });
    assert_eq!(said, "ACK+answer, confirmed");
    assert_eq!(desk.invite_hears(200, "a1"), "ACK+answer");
    assert_eq!(desk.invite_hears(200, "a1"), "ACK+answer");
    let acks = desk.acks();
    assert!(acks.iter().all(|ack| ack.bytes() == acks[0].bytes()));
    assert_eq!(acks[0].cseq(), Ok((1, Method::Ack)));
    let branch = |message: &sip::msg::Message| {
        message
            .via()
            .expect("Via")
            .branch()
            .expect("a branch")
            .to_owned()
    };
    assert_ne!(branch(&acks[0]), branch(&desk.invite));
}

#[test]
fn the_phone_hangs_up_while_our_ack_is_held() {
    let mut desk = Desk::uac();
    desk.invite_hears(200, "a1");
    desk.wait(Duration::from_secs(31));
    let (id, bye) = desk.peer_request_with(
        &Method::Bye,
        "a1",
        101,
        &[("Reason", "SIP;cause=408;text=\"ACK timeout\"")],
        "",
    );
    assert_eq!(desk.ask(id, &bye), "ACK, 200 to BYE, ended: remote bye");
    let ended = desk.past.last();
    let Some(Effect::Event(Event::Ended(End::RemoteBye { reason }))) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(*reason, Some(Reason::sip(408, "ACK timeout")));
    // Released too late: there is nothing left to acknowledge.
    assert_eq!(desk.give(Input::Ack { body: None }), "");
}

#[test]
fn an_ack_held_too_long_is_released_and_the_session_ended() {
    let mut desk = Desk::uac();
    desk.invite_hears(200, "a1");
    assert_eq!(
        desk.wait(Duration::from_secs(40)),
        "32s ACK, BYE, ended: lost"
    );
    assert_eq!(desk.hears(&Method::Bye, 481, ""), "");
}

#[test]
fn a_second_fork_answers() {
    let mut desk = Desk::uac();
    assert_eq!(desk.invite_hears(180, "a1"), "progress 180");
    assert_eq!(desk.invite_hears(180, "a2"), "progress 180");
    assert_eq!(desk.invite_hears(200, "a2"), "answered+offer");
    assert_eq!(desk.invite_hears(200, "a1"), "ACK, BYE");
    let (_, bye) = desk.last(&Method::Bye);
    assert_eq!(bye.to().expect("To").tag(), Some("a1"));
    assert!(text(&bye, Name::Reason).contains("elsewhere"));
    // Each dialog has its own ACK; the wanted one is still held.
    assert_eq!(desk.invite_hears(200, "a2"), "");
    assert_eq!(desk.invite_hears(200, "a1"), "ACK");
    assert_eq!(desk.acks().len(), 2);
    assert_eq!(desk.acks()[0].bytes(), desk.acks()[1].bytes());
    assert_eq!(desk.acks()[0].to().expect("To").tag(), Some("a1"));
    // The other fork hangs up too, and so crosses our BYE; our session stands.
    assert_eq!(desk.peer(&Method::Bye, "a1", ""), "200 to BYE");
    assert_eq!(desk.hears(&Method::Bye, 200, ""), "");
    assert_eq!(desk.give(Input::Ack { body: None }), "ACK, confirmed");
    assert_eq!(desk.acks()[2].to().expect("To").tag(), Some("a2"));
}

#[test]
fn a_fork_answers_after_its_transaction_is_over() {
    let mut desk = Desk::established();
    let response = desk.to_invite(200, "a9");
    let stray = Input::Stray {
        response: &response,
        flow: &flow(),
    };
    assert_eq!(desk.give(stray), "ACK, BYE");
    assert_eq!(desk.peer(&Method::Options, "a1", ""), "200 to OPTIONS");
}

#[test]
fn only_so_many_forks_are_remembered() {
    let mut desk = Desk::established();
    for fork in 0..40 {
        assert_eq!(desk.invite_hears(200, &format!("f{fork}")), "ACK, BYE");
    }
    assert_eq!(desk.invite_hears(200, "f39"), "ACK");
    assert_eq!(desk.invite_hears(200, "f24"), "ACK");
    assert_eq!(desk.invite_hears(200, "f23"), "ACK, BYE", "forgotten");
    let mut desk = Desk::uac();
    for fork in 0..40 {
        assert_eq!(desk.invite_hears(180, &format!("f{fork}")), "progress 180");
    }
    assert_eq!(desk.peer(&Method::Options, "f15", ""), "200 to OPTIONS");
    assert_eq!(desk.peer(&Method::Options, "f16", ""), "481 to OPTIONS");
}

#[test]
fn one_of_two_forks_ends_its_early_dialog() {
    let mut desk = Desk::uac();
    desk.invite_hears(180, "a1");
    desk.invite_hears(180, "a2");
    assert_eq!(desk.peer(&Method::Bye, "a1", ""), "200 to BYE");
    assert_eq!(desk.peer(&Method::Bye, "a1", ""), "481 to BYE");
    assert_eq!(desk.peer(&Method::Bye, "a2", ""), "200 to BYE, CANCEL");
    assert_eq!(desk.invite_hears(487, "a1"), "ended: remote bye");
}

#[test]
fn a_fork_that_left_answers_after_all() {
    let mut desk = Desk::uac();
    desk.invite_hears(180, "a1");
    desk.peer(&Method::Bye, "a1", "");
    assert_eq!(desk.invite_hears(200, "a1"), "ACK, BYE");
    assert_eq!(desk.hears(&Method::Bye, 200, ""), "ended: remote bye");
}

#[test]
fn a_question_of_an_early_fork_dies_with_it() {
    let mut desk = Desk::uac();
    desk.invite_hears(180, "a1");
    desk.invite_hears(180, "a2");
    let (id, info) = desk.peer_request(&Method::Info, "a1", "key");
    assert_eq!(desk.ask(id, &info), "asked INFO+key");
    assert_eq!(
        desk.invite_hears(200, "a2"),
        "487 to INFO, withdrawn, answered+offer"
    );
}

#[test]
fn both_hang_up_at_once() {
    let mut desk = Desk::established();
    assert_eq!(desk.hang_up(), "BYE");
    assert_eq!(
        desk.peer(&Method::Bye, "a1", ""),
        "200 to BYE, ended: hung up"
    );
    assert_eq!(desk.hears(&Method::Bye, 481, ""), "");
}

#[test]
fn the_bye_is_never_answered() {
    let mut desk = Desk::established();
    desk.hang_up();
    let (bye, _) = desk.last(&Method::Bye);
    assert_eq!(desk.give(Input::TimedOut(bye)), "ended: hung up");
}

#[test]
fn the_bye_cannot_be_sent() {
    let mut desk = Desk::established();
    desk.hang_up();
    let (bye, _) = desk.last(&Method::Bye);
    assert_eq!(desk.give(Input::Unreachable(bye)), "ended: hung up");
}

#[test]
fn any_final_response_to_the_bye_ends_it() {
    for status in [200, 302, 401, 408, 481, 500, 603] {
        let mut desk = Desk::established();
        desk.hang_up();
        assert_eq!(desk.hears(&Method::Bye, 100, ""), "");
        assert_eq!(desk.hears(&Method::Bye, status, ""), "ended: hung up");
    }
}

#[test]
fn a_reinvite_of_the_peer_crosses_our_bye() {
    let mut desk = Desk::established();
    desk.hang_up();
    assert_eq!(desk.peer(&Method::Invite, "a1", "hold"), "481 to INVITE");
}

#[test]
fn our_bye_leaves_while_the_peers_reinvite_waits_for_an_answer() {
    let mut desk = Desk::established();
    let (id, invite) = desk.peer_request(&Method::Invite, "a1", "hold");
    assert_eq!(desk.ask(id, &invite), "asked INVITE+hold");
    assert_eq!(desk.hang_up(), "487 to INVITE, withdrawn, BYE");
    let late = Input::Respond {
        id,
        status: 200,
        headers: &[],
        body: None,
    };
    assert_eq!(desk.give(late), "");
}

#[test]
fn the_peers_bye_leaves_while_its_own_reinvite_waits_for_an_answer() {
    let mut desk = Desk::established();
    desk.peer(&Method::Invite, "a1", "hold");
    assert_eq!(
        desk.peer(&Method::Bye, "a1", ""),
        "487 to INVITE, withdrawn, 200 to BYE, ended: remote bye"
    );
}

#[test]
fn our_reinvite_crosses_the_peers_bye() {
    let mut desk = Desk::established();
    desk.give(Input::Reinvite {
        offer: Some(sdp("hold")),
    });
    assert_eq!(
        desk.peer(&Method::Bye, "a1", ""),
        "not modified, 200 to BYE, ended: remote bye"
    );
    assert_eq!(desk.hears(&Method::Invite, 481, ""), "");
}

#[test]
fn our_reinvite_is_answered_200_after_our_bye() {
    let mut desk = Desk::established();
    desk.give(Input::Reinvite { offer: None });
    assert_eq!(desk.hang_up(), "not modified, BYE");
    assert_eq!(desk.hears(&Method::Invite, 200, "offer"), "ACK");
    assert_eq!(desk.hears(&Method::Invite, 200, "offer"), "ACK");
    assert_eq!(desk.hears(&Method::Bye, 200, ""), "ended: hung up");
}

#[test]
fn our_reinvite_rings_when_we_hang_up() {
    let mut desk = Desk::established();
    desk.give(Input::Reinvite { offer: None });
    assert_eq!(desk.hears(&Method::Invite, 180, ""), "modifying 180");
    assert_eq!(desk.hang_up(), "not modified, CANCEL, BYE");

    let mut desk = Desk::established();
    desk.give(Input::Reinvite { offer: None });
    assert_eq!(desk.hang_up(), "not modified, BYE");
    assert_eq!(desk.hears(&Method::Invite, 180, ""), "CANCEL");
    assert_eq!(desk.hears(&Method::Invite, 180, ""), "");
}

#[test]
fn a_hang_up_while_the_ack_to_our_reinvite_is_held() {
    let mut desk = Desk::established();
    desk.give(Input::Reinvite { offer: None });
    assert_eq!(desk.hears(&Method::Invite, 200, "offer"), "modified+offer");
    assert_eq!(desk.hang_up(), "ACK, BYE");
}

#[test]
fn both_hang_up_while_our_reinvite_is_under_way() {
    let mut desk = Desk::established();
    desk.give(Input::Reinvite { offer: None });
    assert_eq!(desk.hang_up(), "not modified, BYE");
    // The wish has had its end.
    assert_eq!(
        desk.peer(&Method::Bye, "a1", ""),
        "200 to BYE, ended: hung up"
    );
}

#[test]
fn the_dialog_is_unknown_to_the_peer_while_our_ack_is_held() {
    let mut desk = Desk::uac();
    desk.invite_hears(200, "a1");
    desk.give(Input::Send {
        mark: 1,
        method: &Method::Info,
        headers: &[],
        body: None,
    });
    assert_eq!(
        desk.hears(&Method::Info, 481, ""),
        "replied 1:481, ACK, ended: lost 481"
    );
}

#[test]
fn only_a_2xx_of_the_dialog_is_acknowledged_again() {
    let mut desk = Desk::established();
    for (status, tag, said) in [
        (180, "a1", ""),
        (487, "a1", ""),
        (200, "a1", "ACK"),
        (200, "a2", "ACK, BYE"),
    ] {
        let response = desk.to_invite(status, tag);
        let stray = Input::Stray {
            response: &response,
            flow: &flow(),
        };
        assert_eq!(desk.give(stray), said, "{status} {tag}");
    }
}
