//! Health, readiness and metrics: for supervisors, who may come by any name and from anywhere.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::header;
use serde_json::json;

use crate::desk::{Desk, get};

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
    let name_char = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let (mut typed, mut samples) = (BTreeSet::new(), BTreeMap::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(typed.insert(name), "one TYPE each: {line}");
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
        assert!(
            name.starts_with("crosspoint_") && name.chars().all(name_char),
            "{line}"
        );
        assert!(typed.contains(name), "its TYPE comes first: {line}");
        let labels = labels.strip_suffix('}').expect(line);
        for label in labels.split(',').filter(|label| !label.is_empty()) {
            let (key, value) = label.split_once('=').expect(line);
            assert!(key.chars().all(name_char), "{line}");
            assert!(
                value.len() > 2 && value.starts_with('"') && value.ends_with('"'),
                "{line}"
            );
        }
        let value = value.parse().expect(line);
        assert!(
            samples.insert(sample.to_owned(), value).is_none(),
            "twice: {line}"
        );
    }
    samples
}

#[tokio::test]
async fn metrics_tell_what_happens() {
    let desk = Desk::open();
    let _alice = desk.phone("alice").await;
    let _bob = desk.phone("bob").await;
    let wish = json!({ "from": "sip:alice@127.0.0.1", "to": "sip:bob@127.0.0.1" });
    desk.post_json("/api/v1/calls", wish.to_string()).await;
    let _ticket = desk.feed.admit().unwrap();

    let answer = desk.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4");
    let samples = samples(&answer.body);
    let sum = |name: &str| {
        let of = |(sample, _): &(&String, &f64)| {
            sample.split('{').next() == Some(name) && !sample.contains("stream")
        };
        samples
            .iter()
            .filter(of)
            .map(|(_, value)| value)
            .sum::<f64>()
    };
    assert_eq!(sum("crosspoint_registrations"), 2.0);
    assert_eq!(sum("crosspoint_calls"), 1.0);
    assert_eq!(sum("crosspoint_messages_received_total"), 2.0);
    assert!(sum("crosspoint_messages_sent_total") >= 2.0);
    assert_eq!(sum("crosspoint_pages"), 1.0);
    assert_eq!(sum("crosspoint_draining"), 0.0);
    desk.close().await;
}
