//! What an operator is told when the store cannot be used.

use std::fs;

use crate::http;
use crate::program::crosspoint;
use crate::scene::{Phone, Scene};

fn refused(arguments: &[&str]) -> String {
    let free = [
        "--http",
        "127.0.0.1:0",
        "--sip-udp",
        "127.0.0.1:0",
        "--sip-tcp",
        "off",
    ];
    let output = crosspoint(arguments).args(free).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(73), "{text}");
    text
}

#[test]
fn a_directory_in_use_or_that_cannot_be_is_named_with_the_remedy() {
    let scene = Scene::new();
    let server = scene.start();
    let text = refused(&["--data-dir", scene.dir()]);
    let pid = server.program.child.id();
    assert!(
        text.contains(&format!("another server (process {pid}) uses the data in")),
        "{text}"
    );
    assert!(text.contains("--data-dir"), "{text}");

    let no_directory = scene.database();
    let text = refused(&["--data-dir", no_directory.to_str().unwrap()]);
    assert!(
        text.contains("cannot keep data in") && text.contains("--ephemeral"),
        "{text}"
    );
}

#[test]
fn a_newer_schema_ends_the_start_with_words_and_nothing_is_touched() {
    let scene = Scene::new();
    let server = scene.start();
    server.program.signal("-TERM");
    server.program.end();
    scene
        .look()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let before = fs::read(scene.database()).unwrap();
    let text = refused(&["--data-dir", scene.dir()]);
    assert!(
        text.contains("its schema is 99, this program knows"),
        "{text}"
    );
    assert_eq!(fs::read(scene.database()).unwrap(), before);
}

#[test]
fn a_store_that_fails_is_told_of_and_so_is_its_recovery() {
    let scene = Scene::new();
    let mut server = scene.start();
    assert_eq!(http::get(server.http, "/readyz").0, 200);
    let other = scene.look();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let phone = Phone::new(&server);
    assert_eq!(phone.ask(&phone.draft("alice")), Some(200));
    server.program.line_with("registrations cannot be kept");
    let (status, body) = http::get(server.http, "/readyz");
    assert_eq!(status, 503);
    assert!(
        body.starts_with("store: ") && body.contains("another program is writing"),
        "{body}"
    );
    assert_eq!(http::get(server.http, "/healthz").0, 200);
    assert!(
        http::get(server.http, "/metrics")
            .1
            .contains("\ncrosspoint_store_up 0\n")
    );
    assert_eq!(phone.ask(&phone.draft("bob")), Some(200));

    other.execute_batch("COMMIT").unwrap();
    server.program.line_with("the store is written to again");
    assert_eq!(http::get(server.http, "/readyz").0, 200);
    server.program.signal("-KILL");
    server.program.end();
    assert_eq!(scene.start().devices().len(), 2);
}
