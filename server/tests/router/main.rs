//! The application router: the file as servlet containers wrote it, its faults, and what becomes of a request.

mod chains;
mod faults;
mod rules;

use server::config;
use server::router::{Dar, Origin, Router};
use sip::msg::{Message, lex};

/// A request of the caller to the callee, as a phone writes it.
fn request(method: &str, to: &str, from: &str) -> Message {
    let text = format!(
        "{method} {to} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n\
         From: <{from}>;tag=1\r\nTo: <{to}>\r\nCall-ID: one\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
    );
    lex(text.into_bytes().into()).expect("a request")
}

/// What becomes of it, in words.
fn trace(dar: Option<&Dar>, rules: &config::Router, request: &Message) -> String {
    let router = Router::new(dar.cloned(), rules);
    let trace = router
        .trace(request, Origin::Outside)
        .expect("a sound request")
        .to_string();
    let verdict = router.verdict(request, 0);
    assert_eq!(trace.lines().last(), Some(verdict.to_string().as_str()));
    trace
}
