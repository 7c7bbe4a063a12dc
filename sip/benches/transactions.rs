//! What a transaction costs: time by criterion, allocations and memory by a counting allocator.
//!
//! `cargo bench -p sip --bench transactions`. Allocations and memory are printed first, and the bench fails if a
//! finished transaction, its response included, holds a kilobyte. Messages are lexed beforehand: what that costs
//! the `parse` bench says.

use std::alloc::System;
use std::hint::black_box;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sip::msg::build::Response;
use sip::msg::{Message, lex};
use sip::name::{ConnectionId, Flow, Tag, Transport};
use sip::time::Instant;
use sip::transaction::{Event, Input, Layer, Outbox, Timers};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Transactions that live at once.
const MANY: usize = 10_000;

const START: Instant = Instant::from_unix_micros(1_767_225_600_000_000);

fn flow(number: usize) -> Flow {
    let host = u8::try_from(number % 250).unwrap_or(0);
    Flow {
        transport: Transport::Udp,
        local: SocketAddr::from(([192, 0, 2, 1], 5080)),
        peer: SocketAddr::from(([198, 51, 100, host], 5060)),
        connection: ConnectionId::NONE,
    }
}

fn request(method: &str, number: usize) -> Message {
    let host = number % 250;
    let text = format!(
        "{method} sip:example.com SIP/2.0\r\n\
         Via: SIP/2.0/UDP 198.51.100.{host}:5060;branch=z9hG4bK-524287-1---{number:016x};rport=5060;received=198.51.100.{host}\r\n\
         Max-Forwards: 70\r\n\
         Contact: <sip:alice@198.51.100.{host}:5060;transport=udp;rinstance=9c1f0f5a2b7e>\r\n\
         To: \"Alice\"<sip:alice@example.com;transport=UDP>\r\n\
         From: \"Alice\"<sip:alice@example.com;transport=UDP>;tag=5d31a97c\r\n\
         Call-ID: K4tPzM0vZr2cXbHq1sYw5A..{number}\r\n\
         CSeq: 2 {method}\r\n\
         Expires: 300\r\n\
         User-Agent: Softphone 5.6.1\r\n\
         Content-Length: 0\r\n\r\n"
    );
    lex(Bytes::from(text)).expect("a good message")
}

fn answer(request: &Message, status: u16, tag: &Tag) -> Bytes {
    Response::to(request, status, None, Some(tag))
        .contact("<sip:alice@198.51.100.7:5060>;expires=300")
        .finish()
}

struct Bench {
    layer: Layer<u64>,
    out: Outbox<u64>,
    now: Instant,
    tag: Tag,
}

impl Bench {
    fn new() -> Self {
        Self {
            layer: Layer::new(Timers::RFC, MANY * 2, [3; 16]),
            out: Outbox::new(),
            now: START,
            tag: Tag::new("a6c85cf0"),
        }
    }

    fn handle(&mut self, input: Input) {
        self.layer.handle(self.now, input, &mut self.out);
        self.out.transmit.clear();
    }

    /// A request comes and is answered at once. The transaction then waits for timer J.
    fn serve(&mut self, request: &Message, flow: Flow) {
        self.handle(Input::Message {
            message: request.clone(),
            flow,
        });
        while let Some(event) = self.out.events.pop() {
            if let Event::Request { id, request, .. } = event {
                let response = answer(&request, 200, &self.tag);
                let done = self.layer.respond(self.now, id, response, &mut self.out);
                black_box(done).expect("it lives");
            }
        }
        self.out.transmit.clear();
    }

    /// An INVITE goes out, rings, and is accepted. The transaction then waits for timer M.
    fn call(&mut self, invite: &Message, replies: &[Message; 3], flow: Flow) {
        let sent = self
            .layer
            .request(self.now, invite.bytes().clone(), flow, 1, &mut self.out);
        sent.expect("there is room");
        for reply in replies {
            self.handle(Input::Message {
                message: reply.clone(),
                flow,
            });
        }
        self.out.events.clear();
    }

    /// All that waits ends.
    fn expire(&mut self) {
        self.now = self.now + Duration::from_secs(40);
        self.handle(Input::Timeout);
        assert!(self.layer.is_empty());
    }
}

fn registers() -> Vec<(Message, Flow)> {
    (0..MANY)
        .map(|number| (request("REGISTER", number), flow(number)))
        .collect()
}

fn calls() -> Vec<(Message, [Message; 3], Flow)> {
    let call = |number| {
        let invite = request("INVITE", number);
        let tag = Tag::new("a6c85cf0");
        let reply = |status| lex(answer(&invite, status, &tag)).expect("a response");
        let replies = [100, 180, 200].map(reply);
        (invite, replies, flow(number))
    };
    (0..MANY).map(call).collect()
}

/// Counted twice: the second time the tables have grown already, as they have in a server that runs.
fn allocations(_: &mut Criterion) {
    let registers = registers();
    let mut bench = Bench::new();
    for tables in ["growing", "grown"] {
        let region = Region::new(ALLOCATOR);
        for (request, flow) in &registers {
            bench.serve(request, *flow);
        }
        report("non-INVITE server", tables, &region);
        bench.expire();
    }
    let calls = calls();
    let mut bench = Bench::new();
    for tables in ["growing", "grown"] {
        let region = Region::new(ALLOCATOR);
        for (invite, replies, flow) in &calls {
            bench.call(invite, replies, *flow);
        }
        report("INVITE client", tables, &region);
        bench.expire();
    }
}

fn report(what: &str, tables: &str, region: &Region<'_, System>) {
    let change = region.change();
    let held = change
        .bytes_allocated
        .saturating_sub(change.bytes_deallocated)
        / MANY;
    println!(
        "{what}, tables {tables}: {:.2} allocations each, {held} octets held when finished",
        change.allocations as f64 / MANY as f64,
    );
    assert!(
        held < 1_024,
        "a finished transaction must stay below a kilobyte"
    );
}

fn times(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("transactions");
    group.throughput(Throughput::Elements(MANY as u64));
    group.sample_size(30);
    let registers = registers();
    group.bench_function(
        "non-INVITE server: receive, build and send 200, expire",
        |bencher| {
            let mut bench = Bench::new();
            bencher.iter(|| {
                for (request, flow) in &registers {
                    bench.serve(request, *flow);
                }
                bench.expire();
            });
        },
    );
    group.bench_function("non-INVITE server: repetition answered", |bencher| {
        let mut bench = Bench::new();
        for (request, flow) in &registers {
            bench.serve(request, *flow);
        }
        bencher.iter(|| {
            for (request, flow) in &registers {
                bench.handle(Input::Message {
                    message: request.clone(),
                    flow: *flow,
                });
            }
        });
    });
    let calls = calls();
    group.bench_function("INVITE client: send, 100, 180, 200, expire", |bencher| {
        let mut bench = Bench::new();
        bencher.iter(|| {
            for (invite, replies, flow) in &calls {
                bench.call(invite, replies, *flow);
            }
            bench.expire();
        });
    });
    group.finish();
}

criterion_group!(benches, allocations, times);
criterion_main!(benches);
