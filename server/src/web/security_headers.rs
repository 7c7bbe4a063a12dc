//! What browsers are told not to do with our answers (CSP level 3, Fetch, HTML).
//!
//! The page runs its own program and nothing else: inline scripts only with the nonce of this very answer, no other
//! origin for anything, no frame around it. Whatever is no page may do nothing at all when it is opened as one.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use leptos::nonce::use_nonce;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// For answers that are no page.
const NO_PAGE: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // A plain form is sent back to where it came from, and only the Referer says where that is.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Puts the headers on an answer; a policy that the page has set for itself stays.
pub(super) async fn add(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(NO_PAGE));
    // What a cache kept would show an old board under an old nonce. Files have rules of their own.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache"));
    response
}

/// Within the rendering of a page: lets the scripts run that carry its nonce. `reload_port` is where a development
/// server tells of new builds.
pub(super) fn allow_page(reload_port: Option<u32>) {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    if let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce, reload_port)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn page_policy(nonce: &str, reload_port: Option<u32>) -> String {
    // 'self' covers the live feed: ws and wss of our own host and port match it (CSP3 section 6.7.2.9).
    let reload = reload_port.map_or_else(String::new, |port| format!(" ws://*:{port}"));
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; connect-src 'self'{reload}; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::page_policy;

    #[test]
    fn a_development_server_may_be_listened_to_and_no_other() {
        assert!(page_policy("n", None).contains("connect-src 'self';"));
        assert!(page_policy("n", Some(3001)).contains("connect-src 'self' ws://*:3001;"));
    }
}
