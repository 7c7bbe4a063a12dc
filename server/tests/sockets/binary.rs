//! The program itself: command line, exit codes, log lines, signals.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};

use bytes::Bytes;
use sip::msg::{Message, lex};

use crate::program::{FREE_PORTS, Running, crosspoint, output};

#[test]
fn version_and_help_are_no_errors() {
    let (code, stdout, _) = output(&["--version"]);
    assert_eq!(
        (code, stdout.as_str()),
        (
            Some(0),
            concat!("crosspoint ", env!("CARGO_PKG_VERSION"), "\n")
        )
    );
    let (code, stdout, _) = output(&["--help"]);
    assert_eq!(code, Some(0));
    for word in [
        "--config",
        "--http",
        "--sip-udp",
        "--sip-tcp",
        "CROSSPOINT__SIP__UDP",
        "64",
        "--data-dir",
        "--ephemeral",
    ] {
        assert!(stdout.contains(word), "{word} is missing in {stdout}");
    }
}

#[test]
fn check_prints_every_value_with_its_origin() {
    let mut command = crosspoint(&["check", "--sip-udp", "127.0.0.1:5999"]);
    let output = command
        .env("CROSSPOINT__CALLS__RING_B", "7")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(text.contains("udp = [\"127.0.0.1:5999\"]"), "{text}");
    assert!(text.contains("# flag --sip-udp:"), "{text}");
    assert!(
        text.contains("# environment CROSSPOINT__CALLS__RING_B:"),
        "{text}"
    );
}

#[test]
fn a_bad_configuration_ends_with_64_and_the_name_of_the_key() {
    let cases: [(&[&str], &str); 5] = [
        (
            &["--sip-udp", "5080"],
            "`sip.udp` is \"5080\"; it must be a list of IP addresses",
        ),
        (
            &["check", "--http", "localhost"],
            "`web.listen` is \"localhost\"; it must be an IP address with a port",
        ),
        (
            &["--config", "/nonexistent.toml"],
            "cannot read /nonexistent.toml",
        ),
        (&["--data-dir", "/tmp", "--ephemeral"], "--ephemeral"),
        (&["--data-dr", "/tmp"], "--data-dir"),
    ];
    for (arguments, expected) in cases {
        let (code, stdout, stderr) = output(arguments);
        assert_eq!((code, stdout.as_str()), (Some(64), ""), "{arguments:?}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    let unknown = crosspoint(&["check"])
        .env("CROSSPOINT__SIP__UPD", "x")
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(64));
    assert!(
        String::from_utf8(unknown.stderr)
            .unwrap()
            .contains("did you mean `sip.udp`?")
    );
}

#[test]
fn a_taken_port_is_named_with_its_key_whatever_the_number_of_shards() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    for shards in ["1", "4"] {
        let mut command = crosspoint(&[
            "--http",
            "127.0.0.1:0",
            "--sip-tcp",
            "off",
            "--sip-udp",
            &addr,
        ]);
        let output = command.env("CROSSPOINT__SHARDS", shards).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(69), "{text}");
        assert!(
            text.contains(&format!("cannot listen on udp {addr} (`sip.udp`)")),
            "{text}"
        );
        assert!(text.contains("set another port"), "{text}");
    }
}

#[test]
fn two_servers_never_share_a_port() {
    let mut first = Running::start(crosspoint(&FREE_PORTS).env("CROSSPOINT__SHARDS", "4"));
    let (udp, tcp) = (
        first.listening("udp").to_string(),
        first.listening("tcp").to_string(),
    );
    for arguments in [
        ["--sip-udp", &udp, "--sip-tcp", "off"],
        ["--sip-udp", "off", "--sip-tcp", &tcp],
    ] {
        let mut command = crosspoint(&["--http", "127.0.0.1:0"]);
        let output = command
            .args(arguments)
            .env("CROSSPOINT__SHARDS", "4")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(69), "{arguments:?}");
    }
}

/// A phone on a socket that blocks.
fn phone(server: SocketAddr, user: &str) -> UdpSocket {
    let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
    phone.connect(server).unwrap();
    let patience = Some(crate::house::PATIENCE);
    phone.set_read_timeout(patience).unwrap();
    let own = phone.local_addr().unwrap();
    let draft = crate::peer::register(user, &format!("<sip:{user}@{own}>"));
    phone
        .send(draft.text("UDP", own, server).as_bytes())
        .unwrap();
    assert_eq!(heard(&phone).status(), Some(200));
    phone
}

fn heard(phone: &UdpSocket) -> Message {
    let mut buffer = [0; 4_096];
    let len = phone.recv(&mut buffer).unwrap();
    lex(Bytes::copy_from_slice(&buffer[..len])).unwrap()
}

#[test]
fn a_second_signal_stops_at_once_though_there_are_calls() {
    // It would wait for them far longer than this test may take.
    let mut command = crosspoint(&FREE_PORTS);
    command.env("CROSSPOINT__CALLS__DRAIN", "600");
    let mut server = Running::start(&mut command);
    let udp = server.listening("udp");
    let http = server.listening("http");
    let (alice, _bob) = (phone(udp, "alice"), phone(udp, "bob"));
    let wish = format!(r#"{{"from":"sip:alice@{udp}","to":"sip:bob@{udp}"}}"#);
    let mut api = TcpStream::connect(http).unwrap();
    write!(
        api,
        "POST /api/v1/calls HTTP/1.1\r\nHost: {http}\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{wish}",
        wish.len()
    )
    .unwrap();
    let mut placed = String::new();
    api.read_to_string(&mut placed).unwrap();
    assert!(placed.starts_with("HTTP/1.1 202 "), "{placed}");
    let invite = heard(&alice);
    let ringing = crate::peer::response(&invite, "180 Ringing");
    alice.send(ringing.as_bytes()).unwrap();

    server.signal("-TERM");
    let waits = server.line_with("stopping: new work is refused");
    assert!(waits.contains("calls=1"), "{waits}");
    server.signal("-TERM");
    let (code, log) = server.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("stopped at once, by a second signal"), "{log}");
    assert!(log.trim_end().ends_with("stopped"), "{log}");
}

#[test]
fn it_listens_answers_and_stops_when_told() {
    for signal in ["-TERM", "-INT"] {
        let mut server = Running::start(&mut crosspoint(&FREE_PORTS));
        let udp = server.listening("udp");
        server.listening("tcp");
        server.listening("http");
        let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
        let request = crate::peer::options().text("UDP", phone.local_addr().unwrap(), udp);
        phone
            .set_read_timeout(Some(crate::house::PATIENCE))
            .unwrap();
        phone.send_to(request.as_bytes(), udp).unwrap();
        let mut buffer = [0; 4_096];
        let (len, _) = phone.recv_from(&mut buffer).unwrap();
        assert!(buffer[..len].starts_with(b"SIP/2.0 200 "));

        server.signal(signal);
        let (code, log) = server.end();
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("stopping: new work is refused"), "{log}");
        assert!(log.trim_end().ends_with("stopped"), "{log}");
    }
}

#[test]
fn a_file_of_the_application_router_is_read_told_and_refused() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proxy/click2call.dar");
    let (code, told, _) = output(&["dar", "check", file]);
    assert_eq!(
        (code, told.as_str()),
        (Some(0), "OPTIONS: click-to-call\nREGISTER: click-to-call\n")
    );
    let (code, told, _) = output(&["dar", "trace", file, "REGISTER sip:click.test"]);
    assert_eq!(code, Some(0));
    assert!(
        told.contains("click-to-call (line 2) registers the phone"),
        "{told}"
    );
    let (code, _, said) = output(&["dar", "trace", file, "no request"]);
    assert_eq!(code, Some(64), "{said}");

    let absent = std::env::temp_dir().join(format!("crosspoint-{}.dar", std::process::id()));
    std::fs::write(
        &absent,
        "INVITE: (\"Parlay\",\"\",\"NEUTRAL\",\"\",\"NO_ROUTE\",\"0\")",
    )
    .unwrap();
    let mut serve = crosspoint(&FREE_PORTS);
    serve.env("CROSSPOINT__ROUTER__DAR", &absent);
    let std::process::Output { status, stderr, .. } = serve.output().unwrap();
    std::fs::remove_file(&absent).unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(64));
    assert!(
        said.contains("line 1: there is no application \"Parlay\""),
        "{said}"
    );
}
