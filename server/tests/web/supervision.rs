//! Health, readiness and metrics: for supervisors, who may come by any name and from anywhere.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::header;
use serde_json::json;

use server::event::{CallChange, CallRef, CallState};

use crate::desk::{Desk, get};
use crate::feed::{after, call, opened};
use crate::peer::response;

#[tokio::test]
async fn a_server_that_is_about_to_stop_is_healthy_and_not_ready() {
    let desk = Desk::open();
    assert_eq!(desk.get("/healthz").await.status, 200);
    assert_eq!(desk.get("/readyz").await.status, 200);
    desk.handle.drain().await;
    assert_eq!(desk.get("/healthz").await.status, 200);
    let not_ready = desk.get("/readyz").await;
    assert_eq!(not_ready.status, 503);
    assert_eq!(not_ready.header("retry-after"), "10");
    desk.close().await;
}

#[tokio::test]
async fn a_supervisor_may_come_by_any_name() {
    let desk = Desk::open();
    for path in ["/healthz", "/readyz", "/metrics"] {
        let request = get(path).header(header::HOST, "pod-7.cluster.example");
        let answer = desk.ask_from("8.8.8.8:9", request.body(Body::empty()).unwrap());
        assert_eq!(answer.await.status, 200, "{path}");
    }
    desk.close().await;
}

/// Samples by name and labels; panics at whatever is not the text format 0.0.4.
fn samples(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n'));
    let (mut kinds, mut samples) = (BTreeMap::new(), BTreeMap::new());
    let mut family = ("", "");
    let mut helped = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            helped = rest.split_once(' ').expect(line).0;
            assert!(!kinds.contains_key(helped), "one family twice: {line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(helped, name, "each has a HELP before it: {line}");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(
                ["crosspoint_", "process_"]
                    .iter()
                    .any(|ours| name.starts_with(ours)),
                "{line}"
            );
            assert!(kinds.insert(name, kind).is_none(), "one TYPE each: {line}");
            family = (name, kind);
        } else {
            let (sample, value) = sample(line, family);
            assert!(samples.insert(sample, value).is_none(), "twice: {line}");
        }
    }
    samples
}

fn sample(line: &str, (family, kind): (&str, &str)) -> (String, f64) {
    let name_char = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (sample, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
    let suffix = name.strip_prefix(family).expect("families are not mixed");
    match kind {
        "histogram" => assert!(["_bucket", "_sum", "_count"].contains(&suffix), "{line}"),
        _ => assert_eq!(suffix, "", "{line}"),
    }
    assert!(name.chars().all(name_char), "{line}");
    assert!(sample.contains('{') || labels == "}", "{line}");
    let labels = labels.strip_suffix('}').expect(line);
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (key, value) = label.split_once('=').expect(line);
        assert!(key.chars().all(name_char), "{line}");
        let value = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        let value = value.expect(line);
        assert!(
            !value.is_empty() && !value.contains(['"', '\\', '\n']),
            "{line}"
        );
    }
    (sample.to_owned(), value.parse().expect(line))
}

#[tokio::test]
async fn metrics_tell_what_happens() {
    let desk = Desk::open();
    let alice = desk.phone("alice").await;
    let _bob = desk.phone("bob").await;
    let wish = json!({ "from": "sip:alice@127.0.0.1", "to": "sip:bob@127.0.0.1" });
    desk.post_json("/api/v1/calls", wish.to_string()).await;
    let _ticket = desk.feed.admit().unwrap();

    let answer = desk.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4");
    let before = samples(&answer.body);
    let sum = |samples: &BTreeMap<String, f64>, name: &str| {
        let of = |(sample, _): &(&String, &f64)| {
            sample.split('{').next() == Some(name) && !sample.contains("stream")
        };
        let values = samples.iter().filter(of).map(|(_, value)| value);
        values.sum::<f64>()
    };
    for (name, value) in [
        ("crosspoint_registrations", 2.0),
        ("crosspoint_calls", 1.0),
        ("crosspoint_calls_total", 0.0),
        ("crosspoint_messages_received_total", 2.0),
        ("crosspoint_pages", 1.0),
        ("crosspoint_http_connections", 0.0),
        ("crosspoint_http_connections_refused_total", 0.0),
        ("crosspoint_mailbox_letters", 0.0),
        ("crosspoint_build_info", 1.0),
        ("crosspoint_draining", 0.0),
    ] {
        assert_eq!(sum(&before, name), value, "{name}");
    }
    assert!(sum(&before, "crosspoint_messages_sent_total") >= 2.0);
    assert!(answer.body.contains(&format!(
        "crosspoint_build_info{{version=\"{}\"}} 1\n",
        env!("CARGO_PKG_VERSION")
    )));
    for name in [
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_open_fds",
        "process_max_fds",
        "process_start_time_seconds",
    ] {
        assert!(before[name] > 0.0, "{name}");
    }
    assert!(before["process_open_fds"] < before["process_max_fds"]);

    let invite = alice.receive().await;
    alice.send(response(&invite, "486 Busy Here")).await;
    desk.until(|board| board.calls.iter().all(|call| call.is_done()))
        .await;
    let after = samples(&desk.get("/metrics").await.body);
    let busy = "crosspoint_calls_total{outcome=\"busy\",ended_by=\"a\"}";
    assert_eq!(after[busy], 1.0);
    assert_eq!(sum(&after, "crosspoint_calls_total"), 1.0);
    desk.close().await;
}

/// The counts of a histogram only grow from bucket to bucket, and the last one has them all.
#[tokio::test]
async fn the_time_until_they_talk_is_told() {
    let desk = Desk::open();
    for seconds in [3, 7, 100] {
        talk_after(&desk, seconds);
    }
    let samples = samples(&desk.get("/metrics").await.body);
    let bucket =
        |le: &str| samples[&format!("crosspoint_call_setup_seconds_bucket{{le=\"{le}\"}}")];
    let buckets = ["1", "2", "5", "10", "20", "30", "60", "+Inf"].map(bucket);
    assert_eq!(buckets, [0.0, 0.0, 1.0, 2.0, 2.0, 2.0, 2.0, 3.0]);
    assert_eq!(samples["crosspoint_call_setup_seconds_count"], 3.0);
    assert_eq!(samples["crosspoint_call_setup_seconds_sum"], 110.0);
    desk.close().await;
}

/// A call whose phones talk so many seconds after the wish.
fn talk_after(desk: &Desk, seconds: u64) {
    let id = CallRef::new(after(0), 0, seconds);
    desk.feed.publish(&call(0, id, opened()));
    let talking = CallChange::State(CallState::Talking);
    desk.feed.publish(&call(seconds, id, talking));
}
