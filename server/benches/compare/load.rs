//! The closed loop: a window of operations is kept under way over one socket, until all have come to their end.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::subject::Subject;
use super::{Next, Work};

/// After so long without any message what was sent last is sent again, as phones do (RFC 3261, T1).
const SILENCE: Duration = Duration::from_millis(500);
/// So many times, then something is broken.
const ATTEMPTS: u32 = 10;
/// What the system may keep for us while we are busy.
const RECEIVE_BUFFER: usize = 8 << 20;

/// One socket that is all phones at once.
pub(crate) struct Load {
    socket: UdpSocket,
}

/// What a round took.
pub(crate) struct Taken {
    pub(crate) time: Duration,
    /// Of each operation, shortest first.
    pub(crate) latencies: Vec<Duration>,
    /// Messages that had to be sent again.
    pub(crate) repeated: u32,
}

/// An operation under way.
struct Operation {
    began: Instant,
    /// What was sent last.
    last: Vec<String>,
}

impl Load {
    pub(crate) fn new(subject: &Subject) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(subject.addr).unwrap();
        socket.set_read_timeout(Some(SILENCE)).unwrap();
        SockRef::from(&socket)
            .set_recv_buffer_size(RECEIVE_BUFFER)
            .unwrap();
        Self { socket }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    pub(crate) fn run(&self, mut work: impl Work, operations: u32, window: usize) -> Taken {
        let mut under_way: Vec<Option<Operation>> = (0..operations).map(|_| None).collect();
        let mut latencies = Vec::with_capacity(operations as usize);
        let mut buffer = [0; 65_535];
        let (mut next, mut repeated, mut attempts) = (0, 0, 0);
        let clock = Instant::now();
        while latencies.len() < operations as usize {
            while next < operations && (next as usize) < latencies.len() + window {
                let first = work.begin(next);
                let began = Instant::now();
                self.socket.send(first.as_bytes()).unwrap();
                let last = vec![first];
                under_way[next as usize] = Some(Operation { began, last });
                next += 1;
            }
            let len = match self.socket.recv(&mut buffer) {
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::WouldBlock && attempts < ATTEMPTS => {
                    attempts += 1;
                    repeated += self.repeat(under_way.iter().flatten());
                    continue;
                }
                Err(error) => panic!("{error}: {} of {next} are done", latencies.len()),
            };
            attempts = 0;
            let message = std::str::from_utf8(&buffer[..len]).unwrap();
            let n = number(message);
            // A repetition may come when all is over.
            let Some(operation) = &mut under_way[n as usize] else {
                continue;
            };
            match work.hear(n, message) {
                Next::Wait => {}
                Next::Send(messages) => {
                    for message in &messages {
                        self.socket.send(message.as_bytes()).unwrap();
                    }
                    operation.last = messages;
                }
                Next::Done => {
                    latencies.push(operation.began.elapsed());
                    under_way[n as usize] = None;
                }
            }
        }
        let time = clock.elapsed();
        latencies.sort_unstable();
        Taken {
            time,
            latencies,
            repeated,
        }
    }

    fn repeat<'a>(&self, operations: impl Iterator<Item = &'a Operation>) -> u32 {
        let mut repeated = 0;
        for message in operations.flat_map(|operation| &operation.last) {
            self.socket.send(message.as_bytes()).unwrap();
            repeated += 1;
        }
        repeated
    }
}

/// Stands in every Call-ID before the number of the operation.
const MARK: &str = "bench-";

/// A Call-ID by which the messages of operation `n` are known; `series` tells calls of different rounds apart.
pub(crate) fn call_id(n: u32, series: u32) -> String {
    format!("{MARK}{n:08x}-{series}")
}

fn number(message: &str) -> u32 {
    let at = message.find(MARK).expect("a Call-ID of ours") + MARK.len();
    u32::from_str_radix(&message[at..at + 8], 16).unwrap()
}

/// The value of the first header of this name, as both servers write it.
pub(crate) fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    headers(message, name).next()
}

/// All values of a header, in order.
pub(crate) fn headers<'a>(message: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    message
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}
