//! What a REGISTER costs a running server, sockets and kernel included: CPU microseconds of its whole process over
//! loopback UDP, beside a bare echo as the floor that no server can go below.
//!
//! `cargo bench -p server --bench loopback`. A closed loop keeps a window of requests under way; every answer must be
//! a 200. `PHONES` and `WINDOW` in the environment change the load, `SHARDS` the server, `SERVER` names another build of it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark watches a real server by a real clock, and a panic is its report"
)]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Set for the process that echoes.
const ECHO: &str = "CROSSPOINT_BENCH_ECHO";

fn main() {
    if std::env::var_os(ECHO).is_some() {
        return echo();
    }
    // `make bench ARGS=parse` asks every benchmark, each for what it knows.
    let others = |argument: String| !argument.starts_with('-') && !"loopback".contains(&argument);
    if std::env::args().skip(1).any(others) {
        return;
    }
    let phones: u32 = setting("PHONES", 20_000);
    let window: usize = setting("WINDOW", 64);
    let shards: u8 = setting("SHARDS", 1);
    println!("{phones} phones, {window} requests under way, {shards} shard(s)\n");
    println!(
        "{:<28}{:>12}{:>12}{:>14}",
        "", "CPU us each", "per second", "RSS MiB"
    );

    let mut floor = Subject::new(
        Command::new(std::env::current_exe().unwrap()).env(ECHO, "1"),
        Stream::Out,
    );
    floor.measure(
        "UDP echo",
        phones * 2,
        window,
        |n, from| register(n % phones, 1, from),
        |_| true,
    );

    let program = setting("SERVER", env!("CARGO_BIN_EXE_crosspoint").to_owned());
    let mut server = Command::new(program);
    server
        .args([
            "--http",
            "127.0.0.1:0",
            "--sip-tcp",
            "off",
            "--sip-udp",
            "127.0.0.1:0",
        ])
        .env("CROSSPOINT__SHARDS", shards.to_string())
        .env("CROSSPOINT__SIP__TLS", "off")
        .env("CROSSPOINT__LOG__FORMAT", "json")
        .current_dir(std::env::temp_dir());
    let mut server = Subject::new(&mut server, Stream::Err);
    let ok = |answer: &[u8]| answer.starts_with(b"SIP/2.0 200 ");
    server.measure(
        "REGISTER, new phone",
        phones,
        window,
        |n, from| register(n, 1, from),
        ok,
    );
    server.measure(
        "REGISTER, again",
        phones,
        window,
        |n, from| register(n, 2, from),
        ok,
    );
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// As phones write it, without what they would not need.
fn register(user: u32, cseq: u32, from: SocketAddr) -> String {
    format!(
        "REGISTER sip:example.com SIP/2.0\r\n\
         Via: SIP/2.0/UDP {from};rport;branch=z9hG4bK{user:08x}{cseq:04x}\r\n\
         Max-Forwards: 70\r\n\
         From: \"Phone {user}\" <sip:{user}@example.com>;tag={user:08x}\r\n\
         To: \"Phone {user}\" <sip:{user}@example.com>\r\n\
         Call-ID: {user:08x}-5d31a97c-bench\r\n\
         CSeq: {cseq} REGISTER\r\n\
         Contact: <sip:{user}@{from}>;expires=3600\r\n\
         User-Agent: Softphone 5.6.1\r\n\
         Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

/// Which stream of a subject tells its address.
enum Stream {
    Out,
    Err,
}

/// A process under load.
struct Subject {
    child: Child,
    addr: SocketAddr,
}

impl Subject {
    /// Starts it and reads its UDP address from a line with `udp` in it.
    fn new(command: &mut Command, stream: Stream) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (mut told, mut other): (Box<dyn BufRead + Send>, Box<dyn BufRead + Send>) = match stream
        {
            Stream::Out => (Box::new(BufReader::new(out)), Box::new(BufReader::new(err))),
            Stream::Err => (Box::new(BufReader::new(err)), Box::new(BufReader::new(out))),
        };
        let addr = loop {
            let mut line = String::new();
            assert_ne!(
                told.read_line(&mut line).unwrap(),
                0,
                "the subject ended without an address"
            );
            if let Some((_, rest)) = line
                .split_once("\"127.0.0.1:")
                .filter(|_| line.contains("udp"))
            {
                break format!("127.0.0.1:{}", rest.split('"').next().unwrap())
                    .parse()
                    .unwrap();
            }
        };
        // A full pipe would stop it.
        std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
        std::thread::spawn(move || std::io::copy(&mut other, &mut std::io::sink()));
        Self { child, addr }
    }

    fn measure(
        &mut self,
        name: &str,
        requests: u32,
        window: usize,
        request: impl Fn(u32, SocketAddr) -> String,
        is_good: impl Fn(&[u8]) -> bool,
    ) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(self.addr).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let from = socket.local_addr().unwrap();
        let requests: Vec<String> = (0..requests).map(|n| request(n, from)).collect();

        let (cpu, began) = (self.cpu(), Instant::now());
        let mut waiting: VecDeque<&String> = requests.iter().collect();
        let mut buffer = [0; 4_096];
        for first in waiting.drain(..window.min(requests.len())) {
            socket.send(first.as_bytes()).unwrap();
        }
        for _ in 0..requests.len() {
            let len = socket.recv(&mut buffer).expect("an answer to each request");
            assert!(
                is_good(&buffer[..len]),
                "{}",
                String::from_utf8_lossy(&buffer[..len])
            );
            if let Some(next) = waiting.pop_front() {
                socket.send(next.as_bytes()).unwrap();
            }
        }
        let (cpu, took) = (self.cpu() - cpu, began.elapsed());
        let each = cpu.as_secs_f64() * 1e6 / requests.len() as f64;
        let rate = requests.len() as f64 / took.as_secs_f64();
        println!(
            "{name:<28}{each:>12.2}{rate:>12.0}{:>14.1}",
            self.resident()
        );
    }

    /// CPU time of all its threads, the kernel's share included (`/proc/PID/task/TID/schedstat`, nanoseconds).
    fn cpu(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        tasks
            .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
            .map(|text| Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap()))
            .sum()
    }

    /// Resident memory in MiB.
    fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_ascii_whitespace()
            .nth(1)
            .unwrap()
            .parse::<f64>()
            .unwrap()
            / 1_024.0
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The least that a UDP server can do.
fn echo() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    println!("udp \"{}\"", socket.local_addr().unwrap());
    let mut buffer = [0; 65_535];
    loop {
        let (len, from) = socket.recv_from(&mut buffer).unwrap();
        socket.send_to(&buffer[..len], from).unwrap();
    }
}
