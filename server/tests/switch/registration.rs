//! Phones come, stay and go: REGISTER on the wire, and what is told of it.

use std::time::Duration;

use server::config::Config;
use server::event::{PhoneCause, What};
use sip::msg::{Message, Name};
use sip::name::Transport;

use testkit::net::{Handle, Weather};
use testkit::phone::Phone;

use crate::support::{PEER, Request, SERVER, Stage, addr, with_shards};

fn alice() -> Phone {
    Phone::new("sip:alice@click.test", addr("10.0.0.3:5060"), SERVER).named("Alice")
}

fn bob() -> Phone {
    Phone::new("sip:bob@click.test", addr("10.0.0.4:5060"), SERVER).made_by("bob's phone/2")
}

fn register(stage: &mut Stage, phone: Handle<Phone>, expires: u32) {
    stage
        .net
        .act(phone, |phone, now, out| phone.register(now, expires, out));
    stage.net.run_for(Duration::from_secs(1));
}

#[test]
fn two_phones_come_stay_and_go() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let (alice, bob) = (
            alice().join(&mut stage.net),
            bob().over(Transport::Tcp).join(&mut stage.net),
        );
        register(&mut stage, alice, 60);
        register(&mut stage, bob, 3_600);
        stage.net.run_for(Duration::from_secs(30));
        register(&mut stage, alice, 60);
        register(&mut stage, bob, 0);
        assert!(stage.net.node(alice).is_registered());
        assert!(!stage.net.node(bob).is_registered());
        stage.net.run_for(Duration::from_secs(70));
        insta::assert_snapshot!("come_stay_and_go_ladder", stage.ladder());
        insta::assert_snapshot!("come_stay_and_go_told", stage.told());
    });
}

#[test]
fn in_any_weather_a_phone_is_registered_once() {
    for seed in 0..50 {
        with_shards(|shards| {
            let mut stage = Stage::with(shards, seed, Config::default());
            let alice = alice().join(&mut stage.net);
            stage.net.set_weather(Weather::STORM);
            register(&mut stage, alice, 60);
            stage.net.run_for(Duration::from_secs(32));
            let bound = stage
                .phones()
                .filter(|change| change.why == PhoneCause::Bound);
            assert_eq!(bound.count(), 1, "seed {seed}");
            assert_eq!(stage.phones().count(), 1, "seed {seed}");
            assert!(stage.net.node(alice).is_registered(), "seed {seed}");
        });
    }
}

#[test]
fn a_binding_runs_out_on_time_whoever_wrote_it() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let start = stage.net.now();
        // Different Call-IDs belong to different shards, and so do the AORs.
        for n in 0..8 {
            let user = format!("phone{n}");
            let request = Request::register(&user)
                .call_id(&user)
                .branch(&format!("z9hG4bK-{n}"))
                .contact("<sip:x@10.0.0.2>")
                .expires(60 + n);
            assert_eq!(stage.answer(&request).status(), Some(200));
        }
        stage.net.run_for(Duration::from_secs(120));
        let expired: Vec<_> = stage
            .events()
            .iter()
            .filter(|event| matches!(&event.what, What::Phone(change) if change.why == PhoneCause::Expired))
            .collect();
        assert_eq!(expired.len(), 8);
        for (n, event) in (0..).zip(expired) {
            // Each was asked for a second after the one before, and for a second more.
            let granted = Duration::from_secs(60 + 2 * n);
            let late = event.at.since(start).abs_diff(granted);
            assert!(late < Duration::from_millis(100), "{event:?} {late:?}");
        }
        assert!(stage.net.node(stage.house).location.is_empty());
    });
}

#[test]
fn a_repeated_request_is_answered_and_told_once() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let request = Request::register("alice").contact("<sip:alice@10.0.0.2>");
        let first = stage.answer(&request);
        let second = stage.answer(&request);
        assert_eq!(first.status(), Some(200));
        for part in [Name::To, Name::Via, Name::CallId, Name::Cseq] {
            assert_eq!(first.raw(part), second.raw(part), "the tag is the same too");
        }
        // What stands is told as it stands, a second later.
        assert_eq!(contact(&first), "<sip:alice@10.0.0.2>;expires=3600");
        assert_eq!(contact(&second), "<sip:alice@10.0.0.2>;expires=3599");
        assert_eq!(stage.phones().count(), 1);
        assert_eq!(stage.net.node(stage.house).transactions(), 0);
        // Long after it is forgotten it is still done already.
        stage.net.run_for(Duration::from_secs(60));
        assert_eq!(stage.answer(&request).status(), Some(200));
        assert_eq!(stage.phones().count(), 1);
    });
}

fn contact(response: &Message) -> String {
    response.text(Name::Contact).unwrap().into_owned()
}

/// A copy that the network has kept back must not bring a phone back that has left.
#[test]
fn a_late_copy_of_an_old_request_changes_nothing() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let come = Request::register("alice")
            .cseq(1)
            .contact("<sip:alice@10.0.0.2>");
        let leave = come.clone().cseq(2).expires(0);
        for request in [&come, &leave] {
            assert_eq!(stage.answer(request).status(), Some(200));
        }
        let late = stage.answer(&come);
        assert_eq!((late.status(), late.contacts().count()), (Some(200), 0));
        assert_eq!(stage.phones().count(), 2);
        assert!(stage.net.node(stage.house).location.is_empty());
    });
}

#[test]
fn a_request_that_failed_is_judged_anew_when_it_comes_again() {
    with_shards(|shards| {
        let mut config = Config::default();
        config.limits.aors = 1;
        let mut stage = Stage::with(shards, 1, config);
        let register = |user: &str| Request::register(user).call_id(user);
        let alice = register("alice").contact("<sip:alice@10.0.0.2>");
        let bob = register("bob")
            .branch("z9hG4bK-bob")
            .contact("<sip:bob@10.0.0.2>");
        assert_eq!(stage.answer(&alice).status(), Some(200));
        let refused = stage.answer(&bob);
        assert_ne!(refused.status(), Some(200));
        let leave = register("alice").cseq(2).contact("*").expires(0);
        assert_eq!(stage.answer(&leave).status(), Some(200));
        let taken = stage.answer(&bob);
        assert_eq!(taken.status(), Some(200));
        assert_eq!(taken.raw(Name::To), refused.raw(Name::To), "one tag");
    });
}

#[test]
fn a_server_that_stops_still_repeats_what_it_has_answered() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let request = Request::register("alice").contact("<sip:alice@10.0.0.2>");
        assert_eq!(stage.answer(&request).status(), Some(200));
        stage.net.act(stage.house, |house, _, _| house.drain());
        assert_eq!(stage.answer(&request).status(), Some(200));
        assert_eq!(stage.answer(&request.cseq(2)).status(), Some(503));
    });
}

#[test]
fn a_cut_connection_takes_the_phone_off_the_board() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let request = Request::register("alice")
            .with(|r| r.via = "SIP/2.0/TCP 10.0.0.2:5060;branch=z9hG4bK-1".to_owned())
            .contact("<sip:alice@10.0.0.2:5060;transport=tcp>");
        assert_eq!(stage.ask_by(Transport::Tcp, &request).len(), 1);
        stage.net.cut(PEER, SERVER);
        stage.net.run_for(Duration::from_secs(1));
        let causes: Vec<_> = stage.phones().map(|change| change.why).collect();
        assert_eq!(causes, [PhoneCause::Bound, PhoneCause::FlowLost]);
    });
}
