//! The address of the Mobicents example, in any letter case: bookmarks and manuals keep working.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

/// Leads `/Click2CallAsync/` and all below it to the board.
pub(super) async fn redirect(request: Request, next: Next) -> Response {
    let first = request.uri().path().split('/').nth(1).unwrap_or_default();
    if first.eq_ignore_ascii_case("Click2CallAsync") {
        return Redirect::permanent("/").into_response();
    }
    next.run(request).await
}
