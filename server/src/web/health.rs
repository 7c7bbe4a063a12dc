//! `/healthz`: the process answers. `/readyz`: it takes new work.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Web;
use crate::limits;

/// The process is up. Never depends on anything else, so that a supervisor restarts only what hangs.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Sockets are bound (this answers only then), new work is welcome, and what comes of it is kept. Where it is not, calls
/// go on all the same: the answer says why, for whoever decides what to do about it.
pub(super) async fn readyz(State(web): State<Web>) -> Response {
    if web.handle.is_draining() {
        let retry = [(header::RETRY_AFTER, limits::RETRY_AFTER.to_string())];
        return (StatusCode::SERVICE_UNAVAILABLE, retry, "draining\n").into_response();
    }
    let trouble = web.store.as_ref().and_then(|store| store.trouble());
    if let Some(trouble) = trouble {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("store: {trouble}\n"),
        )
            .into_response();
    }
    "ready\n".into_response()
}
