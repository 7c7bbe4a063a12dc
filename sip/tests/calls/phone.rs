//! What a scripted phone does, heard from the office: each script against the UAC usage.

use sip::dialog::invite_uac::State;
use sip::dialog::{Body, Event, Input};
use sip::msg::{Method, lex};
use sip::name::Transport;
use testkit::net::VirtualNet;
use testkit::phone::{Deed, Phone, Script, What};

use crate::office::{OFFICE, Office};
use crate::stage::{PHONE, Stage, ms, s};

fn offer(direction: &str) -> Body {
    let text = format!("v=0\r\nc=IN IP4 10.0.0.8\r\nm=audio 4000 RTP/AVP 0\r\na={direction}\r\n");
    Body::sdp(text)
}

#[test]
fn a_phone_registers_and_leaves() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut stage = Stage::over(transport, Script::default());
        let mut register = |expires| {
            let phone = stage.phone;
            stage
                .net
                .act(phone, |phone, now, out| phone.register(now, expires, out));
            stage.net.run_for(s(1));
            stage.net.node(phone).is_registered()
        };
        assert!(register(600));
        assert!(!register(0));
        let story = stage.story();
        assert_eq!(
            story,
            ["0.002s registered for 600 s", "1.002s registered for 0 s"]
        );
    }
}

#[test]
fn a_phone_that_nobody_answers_is_not_registered() {
    let mut net = VirtualNet::new(1);
    let phone = Phone::new("sip:alice@click.test", PHONE, OFFICE).join(&mut net);
    net.act(phone, |phone, now, out| phone.register(now, 600, out));
    net.run_for(s(40));
    assert_eq!(net.node(phone).story(), ["32.000s not registered: nothing"]);
}

#[test]
fn the_office_hangs_up() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut stage = Stage::over(transport, Script::answering(s(2)));
        let phone = stage.phone;
        stage
            .net
            .act(phone, |phone, now, out| phone.register(now, 600, out));
        stage.run(s(1));
        stage.call(Some(s(3)));
        stage.run(ms(500));
        assert!(stage.net.node(phone).is_ringing());
        stage.run(s(6));
        assert!(stage.net.node(phone).is_off_hook());
        let media = stage.net.node(phone).talks_to().expect("media");
        assert_eq!(media.to_string(), "10.0.0.9:9 sendrecv");
        stage.hang_up();
        assert_eq!(
            stage.story()[1..],
            [
                "1.001s invited by \"Bob\" <sip:bob@click.test>",
                "6.003s media 10.0.0.9:9 sendrecv",
                "6.003s connected",
                "7.501s hung up on (Q.850;cause=16;text=\"done\")",
            ]
        );
        assert_eq!(stage.ended(), "HungUp");
    }
}

#[test]
fn the_phone_hangs_up() {
    let mut stage = Stage::new(Script::answering(s(1)).at_connect(s(5), Deed::HangUp));
    stage.call(Some(s(0)));
    assert!(stage.story().last().expect("a story").ends_with("left"));
    assert_eq!(stage.ended(), "RemoteBye { reason: None }");
}

#[test]
fn a_held_answer_is_repeated_and_given_up_after_32_s() {
    let mut stage = Stage::new(Script::answering(s(0)));
    stage.call(None);
    stage.run(s(40));
    let answers: Vec<f64> = stage
        .net
        .trace()
        .iter()
        .filter(|sent| {
            let message = lex(sent.bytes.clone()).expect("a message");
            message.status() == Some(200) && message.cseq().expect("CSeq").1 == Method::Invite
        })
        .map(|sent| (sent.at.since(testkit::clock::Clock::START)).as_secs_f64())
        .collect();
    let expected = [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5];
    assert_eq!(answers.len(), expected.len(), "{answers:?}");
    for (got, want) in answers.iter().zip(expected) {
        assert!((got - want - 0.001).abs() < 1e-6, "{answers:?}");
    }
    let (at, _) = stage.sent(&Method::Bye)[0];
    assert!((at - 32.001).abs() < 1e-6, "{at}");
    assert!(stage.story().last().expect("a story").ends_with("gave up"));
    // The held ACK goes out all the same. Both sides give up in the same moment; the phone's BYE arrives first.
    assert_eq!(stage.sent(&Method::Ack).len(), 1);
    assert_eq!(stage.ended(), "RemoteBye { reason: None }");
}

#[test]
fn the_owner_declines() {
    for status in [486, 603, 480] {
        let mut stage = Stage::new(Script::declining(s(1), status));
        stage.call(None);
        assert!(stage.story().last().expect("a story").ends_with("left"));
        assert!(stage.ended().contains(&status.to_string()));
    }
}

#[test]
fn the_phone_points_elsewhere() {
    let mut stage = Stage::new(Script::redirecting("sip:carol@10.0.0.4"));
    stage.call(None);
    stage.story();
    assert!(stage.ended().contains("contacts: [\"sip:carol@10.0.0.4\"]"));
}

#[test]
fn the_phone_is_off() {
    let mut stage = Stage::new(Script::deaf());
    stage.call(None);
    stage.run(s(33));
    assert_eq!(stage.ended(), "TimedOut");
    assert!(stage.net.node(stage.phone).heard().is_empty());
}

#[test]
fn it_rings_until_it_is_cancelled() {
    let mut stage = Stage::new(Script::default());
    stage.call(None);
    stage.run(s(25));
    assert_eq!(stage.net.node(stage.office).state(), State::Proceeding);
    stage.hang_up();
    let story = stage.story();
    assert_eq!(story[1], "25.001s cancelled (Q.850;cause=16;text=\"done\")");
    assert_eq!(stage.ended(), "HungUp");
    assert_eq!(stage.net.node(stage.office).transactions(), 0);
}

#[test]
fn a_hang_up_before_the_phone_rings() {
    let mut stage = Stage::new(Script::default());
    stage.call(None);
    stage.hang_up();
    assert!(stage.sent(&Method::Cancel).is_empty());
    stage.story();
    assert_eq!(stage.ended(), "HungUp");
    // 180 comes after 100 ms.
    let (at, _) = stage.sent(&Method::Cancel)[0];
    assert!((at - 0.102).abs() < 1e-6, "{at}");
}

#[test]
fn answer_and_cancel_cross() {
    let mut stage = Stage::new(Script::default().answering_into_cancel());
    stage.call(None);
    stage.run(s(1));
    stage.hang_up();
    let story = stage.story();
    // The ACK takes nothing of the phone's offer.
    assert!(story[1].ends_with("media 10.0.0.1:0 sendrecv"), "{story:?}");
    assert!(story[2].ends_with("connected"), "{story:?}");
    assert!(story[3].contains("hung up on"), "{story:?}");
    assert_eq!(stage.sent(&Method::Ack).len(), 1);
    assert_eq!(stage.ended(), "HungUp");
}

#[test]
fn the_phone_leaves_before_our_ack() {
    for (deed, by_the_rules) in [(Deed::Bye, false), (Deed::HangUp, true)] {
        let mut stage = Stage::new(Script::answering(s(1)).at_answer(s(2), deed));
        stage.call(Some(s(10)));
        stage.story();
        let (bye, _) = stage.sent(&Method::Bye)[0];
        let (ack, _) = stage.sent(&Method::Ack)[0];
        assert_eq!(by_the_rules, bye > ack, "BYE at {bye}, ACK at {ack}");
        assert_eq!(stage.ended(), "RemoteBye { reason: None }");
    }
}

#[test]
fn the_phone_does_not_answer_our_bye() {
    let mut stage = Stage::new(Script::answering(s(1)).ignoring_bye());
    stage.call(Some(s(0)));
    stage.run(s(5));
    stage.hang_up();
    stage.run(s(31));
    assert_eq!(stage.net.node(stage.office).state(), State::Releasing);
    stage.run(s(2));
    assert_eq!(stage.ended(), "HungUp");
}

#[test]
fn the_phone_wants_an_offer() {
    let mut stage = Stage::new(Script::answering(s(1)).refusing_offerless());
    stage.call(None);
    stage.story();
    assert!(stage.ended().contains("488"));
    stage.call_with(Some(s(0)), Some(offer("sendrecv")));
    stage.run(s(2));
    let phone = stage.net.node(stage.phone);
    assert_eq!(
        phone.talks_to().map(|media| media.to_string()).as_deref(),
        Some("10.0.0.9:9 sendrecv")
    );
}

#[test]
fn the_phone_is_busy() {
    let mut stage = Stage::new(Script::answering(s(1)));
    stage.call(Some(s(0)));
    stage.run(s(5));
    stage.call(None);
    stage.run(s(1));
    assert!(stage.ended().contains("486"));
    let second = |script: Script| {
        let mut stage = Stage::new(script);
        stage.call(None);
        stage.call(None);
        stage.run(s(1));
        stage.net.node(stage.office).state()
    };
    assert_eq!(
        second(Script::default().with_call_waiting()),
        State::Proceeding
    );
    assert_eq!(second(Script::default()), State::Ended);
}

#[test]
fn the_owner_holds_and_resumes() {
    let script = Script::answering(s(1))
        .at_connect(s(1), Deed::Hold)
        .at_connect(s(3), Deed::Resume)
        .at_connect(s(5), Deed::Info("Signal=5".to_owned()))
        .at_connect(s(6), Deed::Options)
        .at_connect(s(7), Deed::Update);
    let mut stage = Stage::new(script);
    stage.call(Some(s(0)));
    stage.run(s(20));
    let office = stage.net.node(stage.office);
    assert_eq!(office.heard(|e| matches!(e, Event::Asked { .. })), 4);
    assert_eq!(office.heard(|e| matches!(e, Event::PeerAck { .. })), 2);
    let story = stage.story();
    let said: Vec<&str> = story
        .iter()
        .map(|line| &line[line.find(' ').expect("a blank") + 1..])
        .collect();
    assert_eq!(
        said[2..],
        [
            "connected",
            "media 10.0.0.3:40000 sendonly",
            "media 10.0.0.3:40000 sendrecv",
            "replied 415",
            "replied 200",
            "media 10.0.0.3:40000 sendrecv",
        ]
    );
}

#[test]
fn the_office_changes_the_session() {
    let mut stage = Stage::new(Script::answering(s(1)));
    stage.call_with(Some(s(0)), Some(offer("inactive")));
    stage.run(s(2));
    stage.tell(Input::Reinvite { offer: None });
    stage.run(s(1));
    stage.tell(Input::Ack {
        body: Some(offer("sendrecv")),
    });
    stage.run(s(1));
    stage.tell(Input::Update {
        offer: Some(offer("sendonly")),
    });
    stage.run(s(1));
    let office = stage.net.node(stage.office);
    assert_eq!(
        office.heard(|e| matches!(e, Event::Modified { body: Some(_) })),
        2
    );
    let phone = stage.net.node(stage.phone);
    let media: Vec<String> = phone
        .heard()
        .iter()
        .filter_map(|heard| match &heard.what {
            What::Media(media) => Some(media.direction),
            _ => None,
        })
        .map(|direction| format!("{direction:?}"))
        .collect();
    assert_eq!(media, ["Inactive", "SendRecv", "SendRecv", "SendOnly"]);
}

#[test]
fn the_phone_refuses_changes() {
    let mut stage = Stage::new(Script::answering(s(1)).refusing_changes());
    stage.call(Some(s(0)));
    stage.run(s(2));
    stage.tell(Input::Reinvite { offer: None });
    stage.run(s(1));
    let office = stage.net.node(stage.office);
    let refused = |e: &Event| matches!(e, Event::NotModified { status: Some(488) });
    assert_eq!(office.heard(refused), 1);
    assert_eq!(office.state(), State::Established);
}

#[test]
fn both_change_the_session_at_once() {
    let mut stage = Stage::new(Script::answering(s(1)));
    stage.call(Some(s(0)));
    stage.run(s(2));
    stage.phone_does(Deed::Hold);
    stage.tell(Input::Reinvite {
        offer: Some(offer("sendrecv")),
    });
    stage.run(s(10));
    // Each was refused once by 491, waited its own time, and came through.
    let office = stage.net.node(stage.office);
    assert_eq!(office.heard(|e| matches!(e, Event::Modified { .. })), 1);
    assert_eq!(office.heard(|e| matches!(e, Event::PeerAck { .. })), 1);
    let refused = |what: &What| matches!(what, What::Refused(_));
    assert!(!stage.net.node(stage.phone).has_heard(refused));
    assert!(stage.sent(&Method::Invite).len() >= 5);
    let _: &Office = office;
}

#[test]
fn the_connection_breaks_while_it_rings() {
    let mut stage = Stage::over(Transport::Tcp, Script::default());
    let phone = stage.phone;
    stage
        .net
        .act(phone, |phone, now, out| phone.register(now, 600, out));
    stage.run(s(1));
    stage.call(None);
    stage.run(s(1));
    stage.net.cut(OFFICE, PHONE);
    stage.run(s(1));
    stage.hang_up();
    stage.run(s(40));
    // The CANCEL finds no way; RFC 3261 section 9.1 bounds the wait.
    assert!(["HungUp", "Unreachable"].contains(&stage.ended().as_str()));
}
