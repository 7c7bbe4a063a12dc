//! `/api/v1`: calls and registrations, and every way to ask for them wrongly.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};
use sip::msg;

use crate::desk::{Desk, get, post};
use crate::peer::response;

const ALICE: &str = "sip:alice@127.0.0.1";
const BOB: &str = "sip:bob@127.0.0.1";

fn is_moment(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.len() == "2025-07-31T12:34:56.789Z".len() && text.starts_with("20") && text.ends_with('Z')
}

fn wish(from: &str, to: &str) -> String {
    json!({ "from": from, "to": to }).to_string()
}

#[tokio::test]
async fn a_call_is_placed_looked_at_and_ended() {
    let desk = Desk::open();
    let alice = desk.phone("alice").await;
    let _bob = desk.phone("bob").await;

    let placed = desk.post_json("/api/v1/calls", wish(ALICE, BOB)).await;
    assert_eq!(placed.status, 202, "{placed:?}");
    let id = placed.json()["id"].as_str().unwrap().to_owned();
    let location = placed.header("location").to_owned();
    assert_eq!(location, format!("/api/v1/calls/{id}"));

    // At once: whoever has the Location finds something there.
    let call = desk.get(&location).await;
    assert_eq!(call.status, 200, "{call:?}");
    let call = call.json();
    assert!(is_moment(&call["opened_at"]), "{call}");
    assert!(is_moment(&call["a"]["since"]), "{call}");
    assert_eq!(call["id"], *id);
    assert_eq!(
        (&call["from"], &call["to"], &call["ring_first"]),
        (&json!(ALICE), &json!(BOB), &json!("from"))
    );
    assert_eq!(call["state"], "calling_a");
    assert_eq!(call["b"]["state"], "planned");
    for absent in ["outcome", "talking_since", "ended_at"] {
        assert_eq!(call[absent], Value::Null, "{call}");
    }
    let all = desk.get("/api/v1/calls").await.json();
    assert_eq!(all.as_array().map(Vec::len), Some(1));
    assert_eq!(all[0]["id"], *id);

    let again = desk.post_json("/api/v1/calls", wish(BOB, ALICE)).await;
    again.assert_problem(409, "already_in_call");

    let invite = alice.receive().await;
    assert_eq!(invite.method(), Some(&msg::Method::Invite));
    alice.send(response(&invite, "486 Busy Here")).await;
    desk.until(|board| board.calls.iter().all(|call| call.is_done()))
        .await;
    let call = desk.get(&location).await.json();
    assert_eq!(
        (&call["state"], &call["outcome"]),
        (&json!("done"), &json!("busy"))
    );
    assert_eq!(call["a"]["state"], "ended", "{call}");
    assert_eq!(
        call["a"]["ended"],
        json!({ "by": "a", "code": 486, "reason": "Busy Here" })
    );
    assert!(is_moment(&call["ended_at"]), "{call}");
    assert_eq!(call["talking_since"], Value::Null);

    // It has ended by itself, and is still shown: to end it is no error.
    assert_eq!(desk.delete(&location).await.status, 204);
    desk.close().await;
}

#[tokio::test]
async fn to_end_a_call_twice_is_no_error() {
    let desk = Desk::open();
    let _alice = desk.phone("alice").await;
    let _bob = desk.phone("bob").await;
    let placed = desk.post_json("/api/v1/calls", wish(ALICE, BOB)).await;
    let location = placed.header("location").to_owned();
    for _ in 0..2 {
        let ended = desk.delete(&location).await;
        assert_eq!((ended.status.as_u16(), ended.body.as_str()), (204, ""));
    }
    desk.close().await;
}

#[tokio::test]
async fn the_other_party_may_ring_first() {
    let desk = Desk::open();
    let _alice = desk.phone("alice").await;
    let bob = desk.phone("bob").await;
    let wish = json!({ "from": ALICE, "to": BOB, "ring_first": "to" });
    let placed = desk.post_json("/api/v1/calls", wish.to_string()).await;
    let call = desk.get(placed.header("location")).await.json();
    assert_eq!(call["ring_first"], "to");
    let invite = bob.receive().await;
    assert_eq!(invite.method(), Some(&msg::Method::Invite));
    desk.close().await;
}

#[tokio::test]
async fn who_is_registered_is_told_in_full() {
    let desk = Desk::open();
    assert_eq!(desk.get("/api/v1/registrations").await.json(), json!([]));
    let alice = desk.phone("alice").await;
    let mut all = desk.get("/api/v1/registrations").await.json();
    let expires_at = all[0]["devices"][0]["expires_at"].take();
    assert!(is_moment(&expires_at), "{expires_at}");
    let addr = alice.addr().to_string();
    let device = json!({
        "contact": format!("sip:alice@{addr}"),
        "user_agent": "by-hand",
        "address": addr,
        "answers": null,
                "round_trip_ms": null,
                "transport": "udp",
        "expires_at": null,
        "reachable": true,
    });
    let alice = json!({ "aor": ALICE, "display_name": null, "devices": [device] });
    assert_eq!(all, json!([alice]));
    desk.close().await;
}

#[tokio::test]
async fn a_wish_that_cannot_be_granted_is_a_problem_with_a_code() {
    let desk = Desk::open();
    let _alice = desk.phone("alice").await;
    for (from, to, status, code) in [
        (ALICE, "sip:nobody@127.0.0.1", 409, "not_registered"),
        (ALICE, ALICE, 422, "same_party"),
        (ALICE, "bob", 422, "bad_address"),
        ("", ALICE, 422, "bad_address"),
    ] {
        let refused = desk.post_json("/api/v1/calls", wish(from, to)).await;
        refused.assert_problem(status, code);
    }
    assert_eq!(desk.get("/api/v1/calls").await.json(), json!([]));

    desk.handle.drain().await;
    let refused = desk.post_json("/api/v1/calls", wish(ALICE, BOB)).await;
    refused.assert_problem(503, "draining");
    assert_eq!(refused.header("retry-after"), "10");
    desk.close().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_with_a_code() {
    let desk = Desk::open();
    for body in [
        "",
        "{",
        "[]",
        r#"{"from": "sip:a@b"}"#,
        r#"{"from": 1, "to": "sip:a@b"}"#,
        r#"{"from": "sip:a@b", "to": "sip:c@d", "ring_first": "both"}"#,
        r#"{"from": "sip:a@b", "to": "sip:c@d", "colour": "red"}"#,
    ] {
        let refused = desk.post_json("/api/v1/calls", body).await;
        refused.assert_problem(400, "bad_request");
    }
    for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = post("/api/v1/calls").header(header::CONTENT_TYPE, content_type);
        let refused = desk
            .ask(request.body(wish(ALICE, BOB).into()).unwrap())
            .await;
        refused.assert_problem(415, "unsupported_media_type");
    }
    let untyped = post("/api/v1/calls").body(wish(ALICE, BOB).into()).unwrap();
    desk.ask(untyped)
        .await
        .assert_problem(415, "unsupported_media_type");
    desk.close().await;
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
    let desk = Desk::open();
    let limit = server::limits::BODY_BYTES;
    let padded = |len: usize| format!("{:len$}", wish(ALICE, BOB));
    let fits = desk.post_json("/api/v1/calls", padded(limit)).await;
    fits.assert_problem(409, "not_registered");
    let too_long = desk.post_json("/api/v1/calls", padded(limit + 1)).await;
    too_long.assert_problem(413, "too_large");
    desk.close().await;
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let desk = Desk::open();
    for path in ["/api/v1", "/api/v1/", "/api/v1/phones", "/api/v1/calls/a/b"] {
        desk.get(path).await.assert_problem(404, "no_such_resource");
    }
    // A UUID of nobody's, one whose shard does not exist, and none at all.
    for id in [
        "01890a5d-ac96-774b-bcce-b302099a8000",
        "01890a5d-ac96-774b-bcce-b302099a80ff",
        "1",
        "%00",
    ] {
        let path = format!("/api/v1/calls/{id}");
        desk.get(&path).await.assert_problem(404, "no_such_call");
        desk.delete(&path).await.assert_problem(404, "no_such_call");
    }
    desk.close().await;
}

#[tokio::test]
async fn a_method_that_is_not_known_is_answered_with_those_that_are() {
    let desk = Desk::open();
    for (path, method, allowed) in [
        ("/api/v1/calls", Method::PUT, ["GET", "POST"].as_slice()),
        ("/api/v1/calls", Method::DELETE, &["GET", "POST"]),
        ("/api/v1/calls/1", Method::POST, &["DELETE", "GET"]),
        ("/api/v1/registrations", Method::POST, &["GET"]),
    ] {
        let request = Request::builder().method(method).uri(path);
        let refused = desk.ask(request.body(Body::empty()).unwrap()).await;
        refused.assert_problem(405, "method_not_allowed");
        let allow = refused.header("allow");
        let mut methods: Vec<_> = allow.split(',').map(str::trim).collect();
        methods.retain(|method| *method != "HEAD");
        methods.sort_unstable();
        assert_eq!(methods, allowed, "{path}: {allow}");
    }
    desk.close().await;
}

#[tokio::test]
async fn get_changes_nothing() {
    let desk = Desk::open();
    let _alice = desk.phone("alice").await;
    let _bob = desk.phone("bob").await;
    for path in [
        "/actions/place_call?from=sip:alice@127.0.0.1&to=sip:bob@127.0.0.1",
        "/api/v1/calls?from=sip:alice@127.0.0.1&to=sip:bob@127.0.0.1",
    ] {
        desk.ask(get(path).body(Body::empty()).unwrap()).await;
    }
    assert_eq!(desk.handle.calls(), 0);
    desk.close().await;
}
