//! Who may speak to the page and the API at all.
//!
//! Nobody logs in here, so three things stand between the switchboard and the rest of the world: the
//! peer must be on this machine or a private network, the Host must be one we answer to (a foreign name that was
//! pointed at us is DNS rebinding), and whatever changes state must not come from another site (CSRF).

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Web;
use super::problem::Problem;
use crate::registrar::is_near;

/// Lets a request pass, or says why not.
pub(super) async fn check(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    match refusal(&web, peer, &request) {
        None => next.run(request).await,
        Some(problem) => {
            tracing::debug!(%peer, path = request.uri().path(), "request refused: {problem}");
            problem.into_response()
        }
    }
}

fn refusal(web: &Web, peer: SocketAddr, request: &Request) -> Option<Problem> {
    if !is_near(peer.ip()) {
        return Some(Problem::new(
            StatusCode::FORBIDDEN,
            "open_lab",
            "Nobody logs in here, so this page answers only on its own machine and to private networks.",
        ));
    }
    let Some(host) = host(request) else {
        return Some(Problem::new(
            StatusCode::BAD_REQUEST,
            "bad_host",
            "The request names no host.",
        ));
    };
    if !is_ours(web, host_name(host)) {
        return Some(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "unknown_host",
            format!(
                "This server does not answer to the name in the address. Use its IP address, or add the name to `names` under [web] in Leptos.toml: {host}"
            ),
        ));
    }
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let opens_feed = request.headers().contains_key(header::UPGRADE);
    if (changes || opens_feed) && is_cross_site(request.headers(), host) {
        return Some(Problem::new(
            StatusCode::FORBIDDEN,
            "cross_site",
            "The request comes from a page of another site. Open the board itself and try there.",
        ));
    }
    None
}

/// A browser says where a request comes from; a program that says nothing is none.
fn is_cross_site(headers: &HeaderMap, host: &str) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &header::HeaderValue| value.to_str().unwrap_or("?"))
    };
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site"))
        && !matches!(site, "same-origin" | "none")
    {
        return true;
    }
    match text(header::ORIGIN) {
        None => false,
        Some(origin) => {
            let authority = origin
                .strip_prefix("http://")
                .or_else(|| origin.strip_prefix("https://"));
            authority.is_none_or(|authority| !authority.eq_ignore_ascii_case(host))
        }
    }
}

fn host(request: &Request) -> Option<&str> {
    let target = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    target.or_else(|| request.headers().get(header::HOST)?.to_str().ok())
}

/// The host without its port; an IPv6 address keeps its brackets.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

/// An address cannot be rebound, and the rest are names that nobody else owns here.
fn is_ours(web: &Web, name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || web.names.iter().any(|ours| ours.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::{host_name, is_cross_site};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (
                axum::http::HeaderName::from_static(name),
                axum::http::HeaderValue::from_static(value),
            )
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_host_loses_its_port_and_nothing_else() {
        assert_eq!(host_name("localhost:8080"), "localhost");
        assert_eq!(host_name("[::1]:8080"), "[::1]");
        assert_eq!(host_name("[::1]"), "[::1]");
        assert_eq!(host_name("10.0.0.7"), "10.0.0.7");
    }

    #[test]
    fn only_our_own_page_and_programs_may_change_state() {
        let here = "10.0.0.7:8080";
        let cross = |pairs: &[(&'static str, &'static str)]| is_cross_site(&headers(pairs), here);
        assert!(!cross(&[]));
        assert!(!cross(&[("origin", "http://10.0.0.7:8080")]));
        assert!(!cross(&[
            ("origin", "https://10.0.0.7:8080"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(cross(&[("origin", "http://evil.example")]));
        assert!(cross(&[("origin", "http://10.0.0.7:8081")]));
        assert!(cross(&[("origin", "null")]));
        assert!(cross(&[("sec-fetch-site", "cross-site")]));
        assert!(cross(&[("sec-fetch-site", "same-site")]));
    }
}
