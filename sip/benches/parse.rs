//! What reading and forwarding a message costs: time by criterion, allocations by a counting allocator.
//!
//! `cargo bench -p sip --bench parse`. The allocations are printed first, and the bench fails if the lexer takes more than
//! one.

use std::alloc::System;
use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use sip::msg::splice::Splice;
use sip::msg::{Message, Name, build, lex};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const REGISTER: &str = "REGISTER sip:example.com;transport=udp SIP/2.0\r\n\
Via: SIP/2.0/UDP 192.168.1.23:5060;branch=z9hG4bK-524287-1---3f6c0e0f2a7d1b45;rport\r\n\
Max-Forwards: 70\r\n\
Contact: <sip:alice@192.168.1.23:5060;transport=udp;rinstance=9c1f0f5a2b7e>;+sip.instance=\"<urn:uuid:0c67446e-f1a1-11d9-94d3-000a95a0e128>\"\r\n\
To: \"Alice\"<sip:alice@example.com;transport=UDP>\r\n\
From: \"Alice\"<sip:alice@example.com;transport=UDP>;tag=5d31a97c\r\n\
Call-ID: K4tPzM0vZr2cXbHq1sYw5A..\r\n\
CSeq: 2 REGISTER\r\n\
Expires: 300\r\n\
Allow: INVITE, ACK, CANCEL, BYE, REFER, INFO\r\n\
User-Agent: Softphone 5.6.1\r\n\
Content-Length: 0\r\n\r\n";

const INVITE: &str = "INVITE sip:bob@example.com;transport=udp SIP/2.0\r\n\
Via: SIP/2.0/UDP 192.168.1.23:5060;branch=z9hG4bK-524287-1---7c1de7a5b03f2c11;rport\r\n\
Max-Forwards: 70\r\n\
Contact: <sip:alice@192.168.1.23:5060;transport=udp>\r\n\
To: <sip:bob@example.com;transport=UDP>\r\n\
From: \"Alice\"<sip:alice@example.com;transport=UDP>;tag=e4f1a83b\r\n\
Call-ID: 3X2kWnJ7vQm9tRb4pLs8Zw..\r\n\
CSeq: 1 INVITE\r\n\
Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE\r\n\
Content-Type: application/sdp\r\n\
Supported: replaces, norefersub, extended-refer, timer, outbound, path\r\n\
User-Agent: Softphone 5.6.1 rv2.10.20.5\r\n\
Allow-Events: presence, kpml, talk, as-feature-event\r\n\
Content-Length: 510\r\n\r\n\
v=0\r\n\
o=- 3724394400 3724394405 IN IP4 192.168.1.23\r\n\
s=Softphone_5.6.1\r\n\
c=IN IP4 192.168.1.23\r\n\
t=0 0\r\n\
m=audio 8000 RTP/AVP 106 9 98 101 0 8 3 18 97\r\n\
a=rtpmap:106 opus/48000/2\r\n\
a=fmtp:106 sprop-maxcapturerate=16000; minptime=20; useinbandfec=1\r\n\
a=rtpmap:9 G722/8000\r\n\
a=rtpmap:98 telephone-event/48000\r\n\
a=fmtp:98 0-16\r\n\
a=rtpmap:101 telephone-event/8000\r\n\
a=fmtp:101 0-16\r\n\
a=rtpmap:0 PCMU/8000\r\n\
a=rtpmap:8 PCMA/8000\r\n\
a=rtpmap:3 GSM/8000\r\n\
a=rtpmap:18 G729/8000\r\n\
a=fmtp:18 annexb=yes\r\n\
a=rtpmap:97 iLBC/8000\r\n\
a=sendrecv\r\n";

fn read(bytes: &Bytes) -> Message {
    lex(bytes.clone()).expect("a good message")
}

/// What every element needs of every message: the keys of transaction and dialog.
fn key_fields(message: &Message) -> usize {
    let via = message.via().expect("a good Via");
    let from = message.from().expect("a good From");
    let to = message.to().expect("a good To");
    let (number, method) = message.cseq().expect("a good CSeq");
    let texts = [
        via.branch(),
        from.tag(),
        to.tag(),
        Some(message.call_id().expect("a good Call-ID")),
        Some(method.as_str()),
    ];
    let port = usize::from(via.port_or_default());
    texts.into_iter().flatten().map(str::len).sum::<usize>() + number as usize + port
}

/// What a proxy changes (RFC 3261 section 16.6).
fn forward(message: &Message) -> Bytes {
    Splice::new(message)
        .request_uri("sip:bob@192.168.1.42:5060")
        .prepend(
            Name::Via,
            "SIP/2.0/UDP 192.168.1.1:5080;rport;branch=z9hG4bKabcdefghijklmnop",
        )
        .prepend(Name::RecordRoute, "<sip:192.168.1.1:5080;lr>")
        .replace(Name::MaxForwards, 69)
        .finish()
}

fn allocations<T>(run: impl FnOnce() -> T) -> usize {
    let region = Region::new(ALLOCATOR);
    black_box(run());
    region.change().allocations
}

fn parse(criterion: &mut Criterion) {
    for (name, text) in [("register", REGISTER), ("invite", INVITE)] {
        // As the sockets deliver: a slice of a shared buffer.
        let bytes = Bytes::from([text.as_bytes(), b"next"].concat()).slice(..text.len());
        let message = read(&bytes);
        message.verify().expect("a good message");
        black_box(build::Response::to(&message, 200, None, None).finish());
        let lexed = allocations(|| read(&bytes));
        println!(
            "{name}: {} octets; allocations: lex {lexed}, key fields {}, verify {}, forward {}, respond {}",
            text.len(),
            allocations(|| key_fields(&message)),
            allocations(|| message.verify()),
            allocations(|| forward(&message)),
            allocations(|| build::Response::to(&message, 200, None, None).finish()),
        );
        assert!(lexed <= 1, "the lexer allocates more than the index");
        let mut group = criterion.benchmark_group(name);
        group.bench_function("lex", |b| b.iter(|| read(black_box(&bytes))));
        group.bench_function("lex + key fields", |b| {
            b.iter(|| key_fields(&read(black_box(&bytes))));
        });
        group.bench_function("lex + verify", |b| {
            b.iter(|| read(black_box(&bytes)).verify());
        });
        group.bench_function("lex + forward", |b| {
            b.iter(|| forward(&read(black_box(&bytes))))
        });
        group.bench_function("respond", |b| {
            b.iter(|| build::Response::to(black_box(&message), 200, None, None).finish());
        });
        group.finish();
    }
}

criterion_group!(benches, parse);
criterion_main!(benches);
