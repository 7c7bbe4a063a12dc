//! The floor: the least that a UDP server can do.

use std::net::UdpSocket;
use std::process::Command;

use super::subject::Subject;

/// Set for the process that echoes.
pub(crate) const ROLE: &str = "CROSSPOINT_BENCH_ECHO";

pub(crate) fn start() -> Subject {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let mut echo = Subject::start("UDP echo", command.env(ROLE, "1"), "echo ", |line| {
        line.trim().trim_start_matches("echo ").parse().unwrap()
    });
    echo.is_registrar = false;
    echo
}

pub(crate) fn run() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    eprintln!("echo {}", socket.local_addr().unwrap());
    let mut buffer = [0; 65_535];
    loop {
        let (len, from) = socket.recv_from(&mut buffer).unwrap();
        socket.send_to(&buffer[..len], from).unwrap();
    }
}
