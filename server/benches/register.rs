//! What a registration costs: time by criterion, allocations and kept memory by a counting allocator.
//!
//! `cargo bench -p server --bench register`. Allocations and bytes are printed first, and the bench fails where they pass
//! their bound.

use std::alloc::System;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use server::auth::{Auth, User};
use server::call::Tally;
use server::config::{AuthMode, Config};
use server::identity::Identity;
use server::location::Location;
use server::switch::{Input, Outbox, Setup, Switch};
use sip::auth::{Login, answer};
use sip::msg::{Method, lex};
use sip::name::{ConnectionId, Flow, Transport};
use sip::time::Instant;
use sip::transaction::Timers;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Octets that a binding and all that leads to it may take.
const BYTES_PER_BINDING: usize = 700;
/// Allocations from the datagram of a refresh to its 200.
const ALLOCATIONS_PER_REFRESH: usize = 25;
/// The same with a password: from the first datagram to the 401, and from the second to the 200.
const ALLOCATIONS_PER_DIGEST: usize = 30;

const REALM: &str = "crosspoint";
const START: Instant = Instant::from_unix_micros(1_767_268_800_000_000);

fn request(user: u32, cseq: u32) -> Bytes {
    request_with(user, cseq, "")
}

fn request_with(user: u32, cseq: u32, more: &str) -> Bytes {
    format!(
        "REGISTER sip:example.com;transport=udp SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.168.1.23:5060;branch=z9hG4bK-524287-1---{user:08x}{cseq:08x};rport\r\n\
         Max-Forwards: 70\r\n\
         Contact: <sip:{user}@192.168.1.23:5060;transport=udp;rinstance=9c1f0f5a2b7e>;+sip.instance=\"<urn:uuid:0c67446e-f1a1-11d9-94d3-0000{user:08x}>\"\r\n\
         To: \"Phone\"<sip:{user}@example.com;transport=UDP>\r\n\
         From: \"Phone\"<sip:{user}@example.com;transport=UDP>;tag=5d31a97c\r\n\
         Call-ID: K4tPzM0vZr2cXbHq1s{user:08x}..\r\n\
         CSeq: {cseq} REGISTER\r\n\
         Expires: 3600\r\n\
         Allow: INVITE, ACK, CANCEL, BYE, REFER, INFO\r\n\
         User-Agent: Softphone 5.6.1\r\n\
         {more}\
         Content-Length: 0\r\n\r\n"
    )
    .into()
}

struct Desk {
    switch: Switch,
    out: Outbox,
    now: Instant,
}

impl Desk {
    fn new(location: &Arc<Location>) -> Self {
        Self::with(location, Config::default())
    }

    fn with(location: &Arc<Location>, config: Config) -> Self {
        let auth = Auth::new(&config, &[9; 32]);
        let users = (0..10_000).map(|user| User::new(&user.to_string(), REALM, "secret"));
        if !auth.is_open() {
            auth.users().replace_all(users);
        }
        let switch = Switch::new(Setup {
            shard: 0,
            shards: 1,
            identity: Identity::new(
                &config,
                Arc::from([SocketAddr::from(([192, 168, 1, 1], 5080))]),
            ),
            config: Arc::new(config),
            location: Arc::clone(location),
            auth: Arc::new(auth),
            router: Arc::default(),
            tally: Arc::new(Tally::new(1)),
            timers: Timers::RFC,
            seed: [7; 32],
        });
        Self {
            switch,
            out: Outbox::default(),
            now: START,
        }
    }

    /// From the datagram to the 200.
    fn take(&mut self, bytes: Bytes) {
        let response = self.ask(bytes);
        assert!(response.starts_with(b"SIP/2.0 200"));
    }

    /// From the datagram to the response. Half a millisecond passes, so that requests are forgotten as fast as they come.
    fn ask(&mut self, bytes: Bytes) -> Bytes {
        let flow = Flow {
            transport: Transport::Udp,
            local: SocketAddr::from(([192, 168, 1, 1], 5080)),
            peer: SocketAddr::from(([192, 168, 1, 23], 5060)),
            connection: ConnectionId::NONE,
        };
        self.now = self.now + Duration::from_micros(500);
        if self.switch.deadline().is_some_and(|at| at <= self.now) {
            self.switch.handle(self.now, Input::Timeout, &mut self.out);
        }
        let message = lex(bytes).expect("a message");
        self.switch
            .handle(self.now, Input::Message { message, flow }, &mut self.out);
        assert_eq!(self.out.transmit.len(), 1);
        self.out.events.clear();
        self.out.transmit.remove(0).bytes
    }
}

fn digest() -> Config {
    let mut config = Config::default();
    config.auth.mode = AuthMode::Digest;
    config
}

/// The request that answers a challenge.
fn answered(user: u32, cseq: u32, challenge: Bytes) -> Bytes {
    let login = Login {
        name: user.to_string().into(),
        password: "secret".into(),
        realm: None,
    };
    let challenge = lex(challenge).expect("a message");
    let uri = "sip:example.com;transport=udp";
    let answer = answer(&challenge, &Method::Register, uri, &login, "c0", None);
    let value = answer.expect("an answer").value;
    request_with(user, cseq, &format!("Authorization: {value}\r\n"))
}

fn memory_of_digest() {
    let location = Arc::new(Location::new(1, 10));
    let mut desk = Desk::with(&location, digest());
    for cseq in [1, 3] {
        let first = request(0, cseq);
        let before = Region::new(ALLOCATOR);
        let challenge = desk.ask(first);
        let asked = before.change().allocations;
        let second = answered(0, cseq + 1, challenge);
        let before = Region::new(ALLOCATOR);
        desk.take(second);
        let answered = before.change().allocations;
        // The first registers, the second refreshes.
        if cseq == 3 {
            println!("digest refresh: {asked} and {answered} allocations");
            assert!(
                asked + answered <= ALLOCATIONS_PER_DIGEST,
                "more than {ALLOCATIONS_PER_DIGEST}"
            );
        }
    }
}

fn memory() {
    const PHONES: u32 = 50_000;
    let location = Arc::new(Location::new(1, PHONES));
    let before = Region::new(ALLOCATOR);
    {
        let mut desk = Desk::new(&location);
        for user in 0..PHONES {
            desk.take(request(user, 1));
        }
    }
    let kept = before.change();
    let bytes = (kept.bytes_allocated - kept.bytes_deallocated) / PHONES as usize;
    println!("location: {bytes} bytes for each of {PHONES} bindings");
    assert!(bytes <= BYTES_PER_BINDING, "more than {BYTES_PER_BINDING}");

    let mut desk = Desk::new(&location);
    desk.take(request(0, 2));
    let refresh = request(0, 3);
    let before = Region::new(ALLOCATOR);
    desk.take(refresh);
    let count = before.change().allocations;
    println!("refresh: {count} allocations");
    assert!(
        count <= ALLOCATIONS_PER_REFRESH,
        "more than {ALLOCATIONS_PER_REFRESH}"
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "only the server's part of the exchange is measured"
)]
fn register(c: &mut Criterion) {
    memory();
    memory_of_digest();
    let mut group = c.benchmark_group("register");
    group.throughput(Throughput::Elements(1));
    for phones in [1_000, 1_000_000] {
        let location = Arc::new(Location::new(1, phones));
        let mut desk = Desk::new(&location);
        for user in 0..phones {
            desk.take(request(user, 1));
        }
        let mut round = 0_u32;
        group.bench_function(format!("refresh among {phones}"), |b| {
            b.iter_batched(
                || {
                    round += 1;
                    request(round % phones, 1 + round)
                },
                |bytes| desk.take(bytes),
                BatchSize::SmallInput,
            );
        });
    }
    let location = Arc::new(Location::new(1, 10_000));
    let mut desk = Desk::with(&location, digest());
    let mut round = 0_u32;
    group.bench_function("digest refresh among 10000, challenge and answer", |b| {
        b.iter_custom(|times| {
            let mut spent = Duration::ZERO;
            for _ in 0..times {
                round += 2;
                let (user, first) = (round / 2 % 10_000, request(round / 2 % 10_000, round));
                let begin = std::time::Instant::now();
                let challenge = desk.ask(first);
                spent += begin.elapsed();
                let second = answered(user, round + 1, challenge);
                let begin = std::time::Instant::now();
                desk.take(second);
                spent += begin.elapsed();
            }
            spent
        });
    });
    group.finish();
}

criterion_group!(benches, register);
criterion_main!(benches);
