//! Calls placed from the page meet the applications too, before anything rings.

use server::config::{Blocked, Config, Forwarding, Router, SpeedDial};
use server::event::CallState;
use server::switch::PlaceError;
use testkit::phone::{Script, What};

use crate::scene::{Scene, phone, s};
use crate::support::{House, laws, with_shards};

const ALICE: &str = "sip:alice@click.test";

/// Alice, Bob and Carol, who all answer after a second.
fn scene(shards: u8, router: Router) -> Scene {
    let config = Config {
        router,
        ..Config::default()
    };
    let casts = ["alice", "bob", "carol"].map(|user| phone(user, Script::answering(s(1))));
    Scene::new(shards, 1, config, &casts)
}

/// A click of Alice's, a minute ago.
fn click(scene: &mut Scene, to: &str) -> Result<(), PlaceError> {
    let act = |house: &mut House, now, out: &mut _| house.place_call(now, ALICE, to, out);
    let placed = scene.net.act(scene.house, act).map(drop);
    scene.run_for(60);
    placed
}

/// Which of the three have been rung.
fn rung(scene: &Scene) -> [bool; 3] {
    let is_invited = |what: &What| matches!(what, What::Invited { .. });
    [0, 1, 2].map(|n| scene.phone(n).has_heard(is_invited))
}

#[test]
fn a_blocked_caller_is_refused_before_anything_rings() {
    with_shards(|shards| {
        let mut scene = scene(
            shards,
            Router {
                blocked: vec![Blocked::read(ALICE).unwrap()],
                ..Router::default()
            },
        );
        let refused = PlaceError::Refused {
            status: 403,
            reason: "Forbidden".into(),
        };
        assert_eq!(click(&mut scene, "sip:bob@click.test"), Err(refused));
        assert_eq!(rung(&scene), [false; 3]);
    });
}

#[test]
fn who_has_his_calls_forwarded_is_not_rung_but_the_other_is() {
    with_shards(|shards| {
        let mut scene = scene(
            shards,
            Router {
                forwarded: vec![
                    Forwarding::read("sip:bob@click.test=sip:carol@click.test").unwrap(),
                ],
                speed_dial: vec![SpeedDial::read("1=sip:bob@click.test").unwrap()],
                ..Router::default()
            },
        );
        // By way of a digit, and of the one it means.
        click(&mut scene, "sip:1@click.test").unwrap();
        assert_eq!(rung(&scene), [true, false, true]);
        assert_eq!(scene.state(), CallState::Talking);
        // The pair is that of those who talk: neither way is it called twice.
        for to in ["sip:bob@click.test", "sip:carol@click.test"] {
            let again = click(&mut scene, to);
            assert!(matches!(again, Err(PlaceError::AlreadyInCall(_))), "{to}");
        }
        let told = laws::fold(&scene.net.node(scene.house).events);
        assert_eq!(told.len(), 1);
    });
}

#[test]
fn by_the_file_of_the_click_to_call_example_a_click_rings_whom_it_names() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proxy/click2call.dar");
    let mut scene = scene(
        1,
        Router {
            dar: Some(file),
            forwarded: vec![Forwarding::read("sip:bob@click.test=sip:carol@click.test").unwrap()],
            ..Router::default()
        },
    );
    click(&mut scene, "sip:bob@click.test").unwrap();
    assert_eq!(rung(&scene), [true, true, false]);
}
