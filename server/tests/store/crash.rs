//! SIGKILL at any moment: what was answered longer ago than the window is there, and the database is sound.

#![allow(
    clippy::disallowed_methods,
    reason = "a real process is killed at a real time"
)]

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::scene::{Phone, Scene, Server};

const WINDOW: Duration = Duration::from_millis(50);
/// For the commit itself, and for a machine that does other things besides.
const COMMIT: Duration = Duration::from_millis(950);

#[test]
fn a_kill_loses_at_most_the_window_and_corrupts_nothing() {
    let scene = Scene::new();
    let mut certain: HashSet<String> = HashSet::new();
    let mut possible = HashSet::new();
    for round in 0..5_u64 {
        let server = scene.start_with(&[
            ("CROSSPOINT__STORE__COMMIT_WINDOW", "50ms"),
            ("CROSSPOINT__LIMITS__REQUESTS_PER_SOURCE", "0"),
            // Nobody reads what is said of each phone, and a full pipe would hold the server up.
            ("CROSSPOINT__LOG__LEVEL", "warn,server::serve=info"),
        ]);
        let answered = crowd(&server, round, Duration::from_millis(1_300 + 170 * round));
        let killed = Instant::now();
        server.program.signal("-KILL");
        server.program.end();

        let db = scene.look();
        let sound: String = db
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok", "round {round}");
        let mut rows = db.prepare("SELECT aor FROM bindings").unwrap();
        let kept: HashSet<String> = rows
            .query_map([], |row| row.get::<_, String>(0))
            .unwrap()
            .map(|aor| user(&aor.unwrap()))
            .collect();
        assert!(certain.is_subset(&kept), "round {round} lost what was kept");

        let lost = answered.iter().filter(|(user, _)| !kept.contains(user));
        let oldest = lost.map(|(_, at)| killed - *at).max().unwrap_or_default();
        println!("round {round}: what is lost was answered {oldest:?} before the kill, or less");
        assert!(oldest <= WINDOW + COMMIT, "round {round}: {oldest:?}");
        let before = certain.len();
        certain.extend(kept);
        assert!(certain.len() > before, "round {round} asked for nothing");
        let asked: HashSet<String> = answered.into_iter().map(|(user, _)| user).collect();
        possible.extend(asked);
        assert!(
            certain.is_subset(&possible),
            "round {round} made something up"
        );
    }
    let server = scene.start();
    let back: HashSet<String> = server
        .devices()
        .into_iter()
        .map(|(user, ..)| user)
        .collect();
    assert!(certain.is_subset(&back));
}

/// Phones that register one after the other for so long, each with the moment at which it was answered.
fn crowd(server: &Server, round: u64, time: Duration) -> Vec<(String, Instant)> {
    let phone = Phone::new(server);
    let begin = Instant::now();
    let mut answered = Vec::new();
    let mut number = 0;
    while begin.elapsed() < time {
        let user = format!("phone-{round}-{number}");
        assert_eq!(phone.ask(&phone.draft(&user)), Some(200));
        answered.push((user, Instant::now()));
        number += 1;
    }
    answered
}

fn user(aor: &str) -> String {
    aor.trim_start_matches("sip:")
        .split('@')
        .next()
        .unwrap()
        .to_owned()
}
