//! Who may speak to the web host: near peers, by a name of ours, from our own page or from no page.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;

use crate::desk::{Answer, Desk, HOST, get, post};

const PATHS: [&str; 4] = ["/", "/api/v1/calls", "/live", "/favicon.svg"];

async fn by_name(desk: &Desk, host: &str, path: &str) -> Answer {
    let request = get(path).header(header::HOST, host);
    desk.ask(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn only_near_peers_are_answered() {
    let desk = Desk::open();
    for path in PATHS {
        for far in ["8.8.8.8:4000", "[2001:db8::1]:4000", "100.64.0.1:4000"] {
            let refused = desk.ask_from(far, get(path).body(Body::empty()).unwrap());
            refused.await.assert_problem(403, "open_lab");
        }
    }
    for near in ["192.168.1.9:4000", "[::1]:4000", "[::ffff:10.0.0.1]:4000"] {
        let request = get("/api/v1/calls").body(Body::empty()).unwrap();
        assert_eq!(desk.ask_from(near, request).await.status, 200, "{near}");
    }
    desk.close().await;
}

/// DNS rebinding: a name of somebody else's that leads here.
#[tokio::test]
async fn only_names_of_ours_are_answered() {
    let ours = |config: &mut server::config::Config| {
        config.web.names = vec!["switchboard.example".to_owned()];
    };
    let desk = Desk::open_with("no/such/folder".as_ref(), ours);
    for path in PATHS {
        for foreign in [
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "switchboard.example.evil.example",
            "127.0.0.1.evil.example",
        ] {
            let refused = by_name(&desk, foreign, path).await;
            refused.assert_problem(421, "unknown_host");
        }
    }
    for name in [
        "127.0.0.1",
        "[::1]:8080",
        "localhost:8080",
        "board.localhost",
        "Switchboard.Example:8080",
    ] {
        assert_eq!(
            by_name(&desk, name, "/api/v1/calls").await.status,
            200,
            "{name}"
        );
    }
    desk.close().await;
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let desk = Desk::open();
    let _alice = desk.phone("alice").await;
    let _bob = desk.phone("bob").await;
    let form = "from=sip:alice@127.0.0.1&to=sip:bob@127.0.0.1";
    let wish = json!({ "from": "sip:alice@127.0.0.1", "to": "sip:bob@127.0.0.1" }).to_string();
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "http://127.0.0.1:9090"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for (path, content_type, body) in [
            (
                "/actions/place_call",
                "application/x-www-form-urlencoded",
                form,
            ),
            (
                "/actions/hang_up",
                "application/x-www-form-urlencoded",
                "call=1",
            ),
            ("/api/v1/calls", "application/json", &wish),
        ] {
            let request = post(path)
                .header(name, value)
                .header(header::CONTENT_TYPE, content_type)
                .body(body.to_owned().into())
                .unwrap();
            desk.ask(request).await.assert_problem(403, "cross_site");
        }
        let delete = Request::delete("/api/v1/calls/1").header(name, value);
        let refused = desk.ask(delete.body(Body::empty()).unwrap()).await;
        refused.assert_problem(403, "cross_site");
        let feed = get("/live")
            .header(name, value)
            .header(header::UPGRADE, "websocket");
        let refused = desk.ask(feed.body(Body::empty()).unwrap()).await;
        refused.assert_problem(403, "cross_site");
    }
    assert_eq!(desk.handle.calls(), 0);

    let own = post("/api/v1/calls")
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/json");
    assert_eq!(desk.ask(own.body(wish.into()).unwrap()).await.status, 202);
    desk.close().await;
}
