//! Whole calls in bad weather: whatever is lost, doubled or late, both sides come to an end, and to the same one.

use std::time::Duration;

use sip::dialog::Event;
use sip::dialog::invite_uac::State;
use sip::msg::{Message, Method, lex};
use sip::name::Transport;
use testkit::chance::Chance;
use testkit::net::Weather;
use testkit::phone::{Deed, Script};
use testkit::second;

use crate::stage::{Stage, ms, s};

/// What the phone does, picked by chance.
fn script(chance: &mut Chance) -> Script {
    let mut after = |most: u64| ms(chance.below(most));
    let (answer, later) = (after(8_000), after(8_000));
    let script = match after(11).as_millis() {
        0 => Script::default(),
        1 => Script::declining(answer, 486),
        2 => Script::answering(answer),
        3 => Script::answering(answer).at_answer(later, Deed::Bye),
        4 => Script::answering(answer).at_answer(later, Deed::HangUp),
        5 => Script::answering(answer).at_connect(later, Deed::Hold),
        6 => Script::answering(answer).ignoring_bye(),
        7 => Script::default().answering_into_cancel(),
        8 => Script::new().at_invite(answer, Deed::Answer),
        9 => Script::answering(answer).at_connect(later, Deed::Update),
        _ => Script::deaf(),
    };
    script.at_connect(s(20), Deed::HangUp)
}

fn call(seed: u64, transport: Transport) -> Stage {
    let mut chance = Chance::new(seed);
    let mut stage = Stage::over(transport, script(&mut chance));
    let phone = stage.phone;
    stage
        .net
        .act(phone, |phone, now, out| phone.register(now, 600, out));
    stage.run(s(1));
    stage.net.set_weather(Weather::STORM);
    let hold = chance.happens(80).then(|| ms(chance.below(10_000)));
    stage.call(hold);
    let end = chance.happens(70).then(|| ms(chance.below(25_000)));
    let at = stage.net.now() + end.unwrap_or(Duration::from_secs(60));
    stage.net.act(stage.office, |office, _, _| {
        office.legs[0].hang_up_at = Some(at);
    });
    stage
}

#[test]
fn every_call_comes_to_an_end() {
    for seed in 0..400 {
        let transport = [Transport::Udp, Transport::Tcp][usize::from(seed % 4 == 0)];
        let mut stage = call(seed, transport);
        let story = stage.story();
        let office = stage.net.node(stage.office);
        assert_eq!(office.state(), State::Ended, "seed {seed}");
        assert_eq!(office.transactions(), 0, "seed {seed}");
        stage.ended();
        let phone = stage.net.node(stage.phone);
        assert!(!phone.is_ringing(), "seed {seed}: {story:?}");
        // The one that ignores a BYE does not notice that it is alone.
        assert!(
            !phone.is_off_hook() || phone.ignores_bye(),
            "seed {seed}: {story:?}"
        );
        laws(seed, &stage);
    }
}

/// What must hold of everything that was sent.
fn laws(seed: u64, stage: &Stage) {
    let office = stage.net.node(stage.office);
    let answered = office.heard(|event| matches!(event, Event::Answered { .. }));
    let crossed = stage.sent(&Method::Bye).iter().any(|(_, bye)| is_ours(bye));
    let acks = stage.sent(&Method::Ack);
    // The ACK to a failure has the branch of its INVITE (RFC 3261 section 17.1.1.3).
    let invites = stage.sent(&Method::Invite);
    let of_failure = |ack: &Message| {
        invites
            .iter()
            .any(|(_, invite)| branch(invite) == branch(ack))
    };
    let has_acknowledged = acks.iter().any(|(_, ack)| !of_failure(ack));
    assert!(
        has_acknowledged || answered == 0 && !crossed,
        "seed {seed}: a 2xx without ACK"
    );
    let first_1xx = stage.net.trace().iter().find(|sent| {
        let message = lex(sent.bytes.clone()).expect("a message");
        message.status().is_some_and(|status| status < 200)
    });
    for (at, _) in stage.sent(&Method::Cancel) {
        let start = testkit::clock::Clock::START;
        let rang = first_1xx.expect("a 1xx").at.since(start).as_secs_f64();
        assert!(rang < at, "seed {seed}: CANCEL at {at}, 1xx at {rang}");
    }
    for sent in stage.net.trace() {
        second::agrees(&sent.bytes).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
}

fn branch(message: &Message) -> String {
    let via = message.via().expect("Via");
    via.branch().expect("a branch").to_owned()
}

fn is_ours(request: &Message) -> bool {
    let from = request.from().expect("From");
    from.uri_text() == "sip:bob@click.test"
}
