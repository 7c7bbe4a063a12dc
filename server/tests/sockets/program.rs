//! The program itself as a child of a test.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

/// The program with these arguments, keeping nothing unless they say where.
pub(crate) fn crosspoint(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crosspoint"));
    // A directory without a Leptos.toml.
    command
        .args(arguments)
        .current_dir(std::env::temp_dir())
        .env_remove("RUST_LOG")
        .env("CROSSPOINT__SIP__TLS", "off")
        .env("CROSSPOINT__SIP__WS", "off")
        .env("CROSSPOINT__SIP__WSS", "off")
        .env("CROSSPOINT__STORE__EPHEMERAL", "true");
    command
}

/// Exit code, standard output and standard error of the program, which ends by itself.
pub(crate) fn output(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = crosspoint(arguments).output().unwrap();
    (
        status.code(),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

/// A running server that is killed with the test.
pub(crate) struct Running {
    pub(crate) child: Child,
    log: BufReader<ChildStderr>,
}

pub(crate) const FREE_PORTS: [&str; 6] = [
    "--http",
    "127.0.0.1:0",
    "--sip-udp",
    "127.0.0.1:0",
    "--sip-tcp",
    "127.0.0.1:0",
];

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, log }
    }

    /// The address in the next line `listening transport=... addr=...` of that transport.
    pub(crate) fn listening(&mut self, transport: &str) -> SocketAddr {
        let wanted = format!("listening transport={transport} addr=");
        let line = self.line_with(&wanted);
        let (_, addr) = line.split_once(&wanted).unwrap();
        addr.trim().parse().unwrap()
    }

    /// The next line that contains `text`.
    pub(crate) fn line_with(&mut self, text: &str) -> String {
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            if self.log.read_line(&mut line).unwrap() == 0 {
                panic!("the server ended without a line with {text:?}:\n{seen}");
            }
            if line.contains(text) {
                return line;
            }
            seen.push_str(&line);
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(name)
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended; its exit code, and what it logged last.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
