//! `crosspoint user`, `crosspoint bans` and `crosspoint backup`, beside a running server and without one.

#![allow(clippy::disallowed_methods, reason = "a real server takes real time")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use rusqlite::Connection;
use sip::auth::Hash;

use crate::house::PATIENCE;
use crate::program::crosspoint;
use crate::scene::{Phone, Scene};

/// Exit code, standard output and standard error of a command that is given `input`.
fn command(scene: &Scene, arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = crosspoint(&["--data-dir", scene.dir()])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have ended without a look at it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn done(scene: &Scene, arguments: &[&str], input: &str) -> String {
    let (code, out, error) = command(scene, arguments, input);
    assert_eq!((code, error.as_str()), (0, ""), "{arguments:?}");
    out
}

fn refused(scene: &Scene, arguments: &[&str], input: &str) -> String {
    let (code, out, error) = command(scene, arguments, input);
    assert_eq!((code, out.as_str()), (1, ""), "{arguments:?}: {error}");
    error
}

fn md5_of(db: &Connection, name: &str) -> String {
    let sql = "SELECT lower(hex(ha1_md5)) FROM users WHERE name = ?1";
    db.query_row(sql, [name], |row| row.get(0)).unwrap()
}

#[test]
fn users_are_added_changed_listed_and_removed() {
    let scene = Scene::new();
    let error = command(&scene, &["user", "list"], "").2;
    assert!(error.contains("there is no store at"), "{error}");
    let add = [
        "user",
        "add",
        "alice",
        "--alias",
        "sip:100@example.org",
        "--role",
        "caller",
    ];
    assert_eq!(done(&scene, &add, "secret\n"), "alice is added\n");
    // MD5 of "alice:crosspoint:secret".
    let before = md5_of(&scene.look(), "alice");
    assert_eq!(before, "b1705b6f49390cda9d7658fa644b979d");
    let list = "alice  realm crosspoint  aliases sip:100@example.org  roles caller\n";
    assert_eq!(done(&scene, &["user", "list"], ""), list);
    let error = refused(&scene, &["user", "add", "alice"], "other\n");
    assert!(error.contains("crosspoint user passwd alice"), "{error}");
    assert_eq!(md5_of(&scene.look(), "alice"), before);

    done(&scene, &["user", "passwd", "alice"], "other\n");
    assert_ne!(md5_of(&scene.look(), "alice"), before);
    assert_eq!(done(&scene, &["user", "list"], ""), list);
    let set = [
        "user",
        "set",
        "alice",
        "--enabled",
        "false",
        "--no-roles",
        "--algorithm",
        "md5",
    ];
    done(&scene, &set, "");
    let list = "alice  realm crosspoint  aliases sip:100@example.org  algorithms MD5  disabled\n";
    assert_eq!(done(&scene, &["user", "list"], ""), list);

    assert!(refused(&scene, &["user", "remove", "bob"], "").contains("no user bob"));
    done(&scene, &["user", "remove", "alice"], "");
    assert_eq!(done(&scene, &["user", "list"], ""), "there are no users\n");
    assert!(refused(&scene, &["user", "add", "a b"], "x\n").contains("cannot be a user's name"));
    assert!(refused(&scene, &["user", "add", "carol"], "\n").contains("empty"));
    assert_eq!(
        command(&scene, &["user", "add", "carol", "secret"], "").0,
        64
    );
}

#[test]
fn users_of_the_original_are_imported_whole_or_not_at_all() {
    let scene = Scene::new();
    let file = Path::new(scene.dir()).join("users.properties");
    let path = file.to_str().unwrap();
    let hash = "0123456789abcdef0123456789ABCDEF";
    fs::write(
        &file,
        format!("# users\nalice={hash}\n\nbob = secret\ncarol\n"),
    )
    .unwrap();
    let error = refused(&scene, &["user", "import", path], "");
    assert!(
        error.contains("line 4: what stands for bob is no A1 hash"),
        "{error}"
    );
    assert!(error.contains("line 5: there is no `=`"), "{error}");

    fs::write(&file, format!("! users\nalice={hash}\n ann\\=e : {hash}\n")).unwrap();
    let roles = file.with_file_name("roles.properties");
    fs::write(roles, "alice=caller, admin\nnobody=caller\n").unwrap();
    let import = ["user", "import", path, "--realm", "sip-servlets"];
    let text = done(&scene, &import, "");
    assert!(
        text.starts_with("2 users are imported into the realm \"sip-servlets\"\n"),
        "{text}"
    );
    assert!(
        text.contains("when `auth.realm` is \"sip-servlets\""),
        "{text}"
    );
    assert_eq!(
        done(&scene, &["user", "list"], ""),
        "alice  realm sip-servlets  roles caller,admin  algorithms MD5\n\
         ann=e  realm sip-servlets  algorithms MD5\n"
    );
    assert_eq!(md5_of(&scene.look(), "alice"), hash.to_lowercase());
    assert!(done(&scene, &import, "").contains("2 were there already"));

    let of = ["alice", "--realm", "sip-servlets"];
    let set = [["user", "set"].as_slice(), &of, &["--algorithm", "SHA-256"]].concat();
    assert!(refused(&scene, &set, "").contains("MD5 hash alone"));
    done(
        &scene,
        &[["user", "passwd"].as_slice(), &of].concat(),
        "secret\n",
    );
    done(&scene, &set, "");
}

#[test]
fn a_running_server_hears_of_users_and_is_not_held_up() {
    let scene = Scene::new();
    let mut server = scene.start_with(&[("CROSSPOINT__AUTH__MODE", "digest")]);
    let phone = Phone::new(&server);
    assert_eq!(log_in(&phone, 1), Some(401));
    done(&scene, &["user", "add", "alice"], "secret\n");
    server
        .program
        .line_with("users read again, the store has changed users=1");
    assert_eq!(log_in(&phone, 3), Some(200));
    done(&scene, &["user", "remove", "alice"], "");
    server
        .program
        .line_with("users read again, the store has changed users=0");
    assert_eq!(log_in(&phone, 5), Some(401));
}

/// Registers alice with the password "secret", by MD5 (RFC 7616 section 3.4.1). The first of two CSeq numbers.
fn log_in(phone: &Phone, cseq: u32) -> Option<u16> {
    let mut draft = phone.draft("alice");
    draft.cseq = cseq;
    let challenge = phone.hear(&draft);
    let md5 = challenge
        .lines()
        .find(|line| line.contains("algorithm=MD5"))?;
    let nonce = md5.split("nonce=\"").nth(1)?.split('"').next()?;
    let digest = |parts: &[&str]| {
        let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).collect();
        Hash::Md5.of(&parts).hex().as_str().to_owned()
    };
    let ha1 = digest(&["alice:crosspoint:secret"]);
    let uri = format!("sip:{}", phone.server);
    let ha2 = digest(&["REGISTER:", &uri]);
    let response = digest(&[&ha1, ":", nonce, ":00000001:c:auth:", &ha2]);
    draft.cseq = cseq + 1;
    draft.extra += &format!(
        "Authorization: Digest username=\"alice\", realm=\"crosspoint\", nonce=\"{nonce}\", uri=\"{uri}\", \
         response=\"{response}\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"c\"\r\n"
    );
    phone.ask(&draft)
}

#[test]
fn a_backup_of_a_running_server_stands_alone_and_can_be_restored() {
    let scene = Scene::new();
    let server = scene.start();
    let phone = Phone::new(&server);
    assert_eq!(phone.ask(&phone.draft("alice")), Some(200));
    server.shows(&[("alice", "udp", true)]);
    let copy = Path::new(scene.dir()).join("copy.db");
    let path = copy.to_str().unwrap();
    scene.holds("sip:alice@");
    let text = done(&scene, &["backup", path], "");
    assert!(text.contains("whole copy"), "{text}");
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let (code, _, error) = command(&scene, &["backup", path], "");
    assert_eq!(code, 73);
    assert!(
        error.contains("name a file that is not there yet"),
        "{error}"
    );

    assert_eq!(phone.ask(&phone.draft("bob")), Some(200));
    server.program.signal("-TERM");
    server.program.end();
    fs::copy(&copy, scene.database()).unwrap();
    let server = scene.start();
    server.shows(&[("alice", "udp", true)]);
}

#[test]
fn a_ban_outlives_the_server_until_it_is_lifted_by_command() {
    let scene = Scene::new();
    let settings = [
        ("CROSSPOINT__AUTH__MODE", "digest"),
        ("CROSSPOINT__AUTH__BAN_AFTER", "1"),
    ];
    let server = scene.start_with(&settings);
    let phone = Phone::new(&server);
    assert_eq!(log_in(&phone, 1), Some(401));
    let begin = Instant::now();
    let listed = loop {
        let text = done(&scene, &["bans", "list"], "");
        if text != "nobody is banned\n" {
            break text;
        }
        assert!(begin.elapsed() < PATIENCE, "no ban is kept");
    };
    assert!(listed.contains("address 127.0.0.1  since "), "{listed}");
    assert!(
        listed.contains("Z  for wrong passwords  1 tries\nuser alice  since "),
        "{listed}"
    );
    server.program.signal("-KILL");
    server.program.end();

    let mut server = scene.start_with(&settings);
    // Nothing is heard of the banned address, so the first answer is the one after the ban.
    let phone = Phone::new(&server);
    let mut draft = phone.draft("alice");
    draft.cseq = 7;
    phone.say(&draft);
    assert!(
        refused(&scene, &["bans", "clear", "192.0.2.1"], "").contains("192.0.2.1 is not banned")
    );
    done(
        &scene,
        &["bans", "clear", "127.0.0.1", "sip:alice@x.test"],
        "",
    );
    server.program.line_with("ban lifted by command");
    server.program.line_with("ban lifted by command");
    draft.cseq = 8;
    let answer = phone.hear(&draft);
    assert!(
        answer.starts_with("SIP/2.0 401 ") && answer.contains("CSeq: 8 "),
        "{answer}"
    );
    assert_eq!(done(&scene, &["bans", "list"], ""), "nobody is banned\n");
}
