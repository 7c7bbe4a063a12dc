//! The page as the server writes it: for browsers with and without scripts, with texts of hostile phones.

use std::fs;

use app::model::{CallState, LegState};
use axum::body::Body;
use axum::http::header;
use server::limits;
use sip::msg;

use crate::desk::{Answer, Desk, HOST, get, post};
use crate::feed::{bound, phone};
use crate::peer::response;

/// Sends a form as a browser without scripts does, from the board.
async fn submit(desk: &Desk, action: &str, form: impl Into<Body>) -> Answer {
    let request = post(action)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html,application/xhtml+xml")
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header(header::REFERER, format!("http://{HOST}/"));
    desk.ask(request.body(form.into()).unwrap()).await
}

fn path_of(location: &str) -> &str {
    location
        .strip_prefix("http://")
        .and_then(|rest| rest.strip_prefix(HOST))
        .unwrap_or(location)
}

#[tokio::test]
async fn texts_of_phones_stay_texts() {
    const SCRIPT: &str = "\"'><img src=x onerror=alert(1)></script><!--";
    let desk = Desk::open();
    desk.feed.publish(&phone(
        "sip:%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E'@127.0.0.1",
        1,
        vec![bound(SCRIPT, SCRIPT, 60)],
    ));
    let page = desk.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("img src=x onerror"), "it is shown");
    assert!(!page.body.contains("<img"), "{}", page.body);
    assert!(!page.body.contains("<!--\"") && !page.body.contains("'></script>"));
    desk.close().await;
}

#[tokio::test]
async fn a_form_without_scripts_places_and_ends_a_call() {
    let desk = Desk::open();
    let _alice = desk.phone("alice").await;
    let _bob = desk.phone("bob").await;
    let form = "from=sip%3Aalice%40127.0.0.1&to=sip%3Abob%40127.0.0.1";
    let placed = submit(&desk, "/actions/place_call", form).await;
    assert_eq!(placed.status, 302, "{placed:?}");
    assert_eq!(path_of(placed.header("location")), "/?", "no error");
    // The page to which it leads shows the call already.
    let call = desk.call();
    let page = desk.get("/").await;
    assert!(page.body.contains(call.id.as_str()), "{}", page.body);

    let form = format!("call={}", call.id);
    let ended = submit(&desk, "/actions/hang_up", form).await;
    assert_eq!(ended.status, 302, "{ended:?}");
    assert_eq!(path_of(ended.header("location")), "/?", "no error");
    // The phones say nothing, so the call cannot be over; but it is seen to end.
    assert_eq!(desk.call().state, CallState::Releasing);
    desk.close().await;
}

#[tokio::test]
async fn the_page_after_end_shows_that_the_call_is_over() {
    let desk = Desk::open();
    let alice = desk.phone("alice").await;
    let _bob = desk.phone("bob").await;
    let form = "from=sip%3Aalice%40127.0.0.1&to=sip%3Abob%40127.0.0.1";
    submit(&desk, "/actions/place_call", form).await;
    let invite = alice.receive().await;
    alice.send(response(&invite, "180 Ringing")).await;
    desk.until(|board| {
        let mut calls = board.calls.iter();
        calls.any(|call| call.a.state == LegState::Ringing)
    })
    .await;
    let form = format!("call={}", desk.call().id);
    let operator = async {
        let ended = submit(&desk, "/actions/hang_up", form).await;
        (ended, desk.call())
    };
    let phone = async {
        let cancel = alice.receive().await;
        assert_eq!(cancel.method(), Some(&msg::Method::Cancel));
        alice.send(response(&cancel, "200 OK")).await;
        alice
            .send(response(&invite, "487 Request Terminated"))
            .await;
    };
    let ((ended, call), ()) = tokio::join!(operator, phone);
    assert_eq!(path_of(ended.header("location")), "/?", "no error");
    assert!(call.is_done(), "{call:?}");
    desk.close().await;
}

/// A phone may dial whom somebody connects it with by a click. The cell has one "End" for both.
#[tokio::test]
async fn end_ends_all_that_goes_on_in_the_cell() {
    let desk = Desk::open();
    let alice = desk.phone("alice").await;
    let bob = desk.phone("bob").await;
    let form = "from=sip%3Aalice%40127.0.0.1&to=sip%3Abob%40127.0.0.1";
    submit(&desk, "/actions/place_call", form).await;
    alice
        .send(format!(
            "INVITE sip:bob@127.0.0.1 SIP/2.0\r\n\
             Via: SIP/2.0/UDP {at};rport;branch=z9hG4bK-dialled\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:alice@127.0.0.1>;tag=dialled\r\n\
             To: <sip:bob@127.0.0.1>\r\n\
             Call-ID: dialled\r\n\
             CSeq: 1 INVITE\r\n\
             Contact: <sip:alice@{at}>\r\n\
             Content-Length: 0\r\n\r\n",
            at = alice.addr()
        ))
        .await;
    let invite = bob.receive().await;
    assert_eq!(invite.method(), Some(&msg::Method::Invite));
    desk.until(|board| board.calls.len() == 2).await;
    assert_eq!(desk.handle.calls(), 2, "a stop waits for both");
    let counted = desk.get("/metrics").await.body;
    assert!(
        counted
            .lines()
            .any(|line| line.starts_with("crosspoint_calls{")
                && line.ends_with("placed=\"phone\"} 1")),
        "{counted}"
    );
    let shown = desk.board().calls.iter().next().unwrap().id.clone();
    submit(&desk, "/actions/hang_up", format!("call={shown}")).await;
    let calls = desk.board().calls;
    assert!(
        calls.iter().all(|call| call.ended_at.is_some()),
        "{calls:#?}"
    );
    desk.close().await;
}

#[tokio::test]
async fn a_form_that_is_refused_comes_back_with_the_reason() {
    let desk = Desk::open();
    for (form, words) in [
        (
            "from=sip%3Aalice%40127.0.0.1&to=sip%3Abob%40127.0.0.1",
            "alice@127.0.0.1 is not registered",
        ),
        (
            "from=sip%3Aa%40127.0.0.1&to=sip%3Aa%40127.0.0.1",
            "cannot call itself",
        ),
        ("from=x&to=y", "is not a SIP address"),
        ("colour=red", "do not understand each other"),
        ("from=%ff&to=%fe", "is not a SIP address"),
        ("", "do not understand each other"),
    ] {
        let refused = submit(&desk, "/actions/place_call", form).await;
        assert_eq!(refused.status, 302, "{refused:?}");
        let location = path_of(refused.header("location"));
        assert!(location.starts_with("/?"), "{location}");
        let page = desk.get(location).await;
        let (_, alert) = page.body.split_once("role=\"alert\"").unwrap();
        assert!(alert.contains(words), "{alert}");
    }
    desk.close().await;
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_refused_in_plain_words() {
    let desk = Desk::open();
    let fits = |len: usize| "from=".to_owned() + &"x".repeat(len - "from=".len());
    let refused = submit(&desk, "/actions/place_call", fits(limits::BODY_BYTES)).await;
    assert_eq!(refused.status, 302, "that much is read: {refused:?}");

    let long = fits(limits::BODY_BYTES + 1);
    let refused = submit(&desk, "/actions/place_call", long.clone()).await;
    assert_eq!(refused.status, 413);
    assert_eq!(refused.header("content-type"), "text/html; charset=utf-8");
    assert!(refused.body.contains("too large"), "{}", refused.body);
    assert!(refused.body.contains("<a href=\"/\">"), "the way back");
    assert!(
        !refused
            .header("content-security-policy")
            .contains("sandbox")
    );

    let binary = submit(&desk, "/actions/place_call", &b"from=\xff\xfe"[..]).await;
    assert_eq!(binary.status, 400);
    assert!(binary.body.contains("<a href=\"/\">"), "the way back");

    // A program is told in its own language.
    let request = post("/actions/place_call");
    let answer = desk.ask(request.body(long.into()).unwrap()).await;
    answer.assert_problem(413, "too_large");
    desk.close().await;
}

/// Every inline script carries the nonce of the policy, and no two answers have the same.
#[tokio::test]
async fn only_scripts_of_the_page_itself_may_run() {
    let desk = Desk::open();
    let mut nonces = Vec::new();
    for path in ["/", "/", "/no/such/page"] {
        let page = desk.get(path).await;
        let policy = page.header("content-security-policy");
        let (_, rest) = policy.split_once("script-src 'self' 'nonce-").unwrap();
        let (nonce, _) = rest.split_once('\'').unwrap();
        assert!(nonce.len() >= 22, "{nonce}");
        for rule in [
            "default-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("ws://"));
        let scripts: Vec<_> = page.body.match_indices("<script").collect();
        assert!(!scripts.is_empty());
        for (at, _) in scripts {
            let (tag, _) = page.body[at..].split_once('>').unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{tag}");
        }
        assert!(!page.body.contains(" style=\"") && !page.body.contains(" onclick="));
        nonces.push(nonce.to_owned());
    }
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), 3);
    desk.close().await;
}

#[tokio::test]
async fn every_answer_tells_browsers_what_not_to_do() {
    let desk = Desk::open();
    for path in [
        "/",
        "/api/v1/calls",
        "/api/v1/nothing",
        "/metrics",
        "/live",
        "/no.css",
    ] {
        let answer = desk.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src"), "{path}: {policy}");
    }
    let policy = desk.get("/api/v1/calls").await;
    assert!(policy.header("content-security-policy").contains("sandbox"));
    desk.close().await;
}

#[tokio::test]
async fn what_is_no_page_is_a_page_that_says_so() {
    let desk = Desk::open();
    let missing = desk.get("/no/such/page").await;
    assert_eq!(missing.status, 404);
    assert!(missing.header("content-type").starts_with("text/html"));
    desk.close().await;
}

#[tokio::test]
async fn files_come_as_the_browser_takes_them() {
    let site = std::env::temp_dir().join(format!("crosspoint-site-{}", std::process::id()));
    fs::create_dir_all(site.join("pkg")).unwrap();
    fs::write(site.join("pkg/crosspoint.css"), "body{}").unwrap();
    fs::write(site.join("pkg/crosspoint.css.br"), "as brotli").unwrap();
    fs::write(site.join("../crosspoint-secret"), "secret").unwrap();
    let desk = Desk::open_with(&site, |_| {});
    let css = desk.get("/pkg/crosspoint.css").await;
    assert_eq!((css.status.as_u16(), css.body.as_str()), (200, "body{}"));
    assert_eq!(css.header("content-type"), "text/css");
    assert_eq!(css.header("cache-control"), "no-cache");

    let request = get("/pkg/crosspoint.css").header(header::ACCEPT_ENCODING, "gzip, br");
    let small = desk.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(small.header("content-encoding"), "br");
    assert_eq!(small.body, "as brotli");

    let modified = css.header("last-modified").to_owned();
    let request = get("/pkg/crosspoint.css").header(header::IF_MODIFIED_SINCE, modified);
    assert_eq!(
        desk.ask(request.body(Body::empty()).unwrap()).await.status,
        304
    );

    for path in [
        "/../crosspoint-secret",
        "/%2e%2e/crosspoint-secret",
        "/pkg/",
    ] {
        let refused = desk.get(path).await;
        assert_eq!(refused.status, 404, "{path}");
        assert!(!refused.body.contains("secret\n") && refused.body != "secret");
    }
    desk.close().await;
    fs::remove_dir_all(&site).unwrap();
    fs::remove_file(site.with_file_name("crosspoint-secret")).unwrap();
}

#[tokio::test]
async fn the_address_of_the_mobicents_example_leads_to_the_board() {
    let desk = Desk::open();
    for path in [
        "/Click2CallAsync",
        "/Click2CallAsync/",
        "/click2callasync/a/b.jsp?c=d",
    ] {
        let answer = desk.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (308, "/"),
            "{path}"
        );
    }
    assert_eq!(desk.get("/Click2CallAsyncX").await.status, 404);
    desk.close().await;
}
