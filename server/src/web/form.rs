//! What comes to `/actions`: read whole and within its bound, before the server functions see it.
//!
//! They would blame the page for a form that is too long or no text. A browser without scripts is shown a page that says
//! what was wrong and leads back, a program is told by a problem. Knows no fields.

use std::future::poll_fn;
use std::pin::Pin;

use app::{server_fns, words};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use hyper::body::Body as _;

use super::problem::Problem;
use crate::limits;

/// Passes on what is not for `/actions`, and forms that can be read.
pub(super) async fn read(request: Request, next: Next) -> Response {
    let inside = request.uri().path().strip_prefix(server_fns::PREFIX);
    if !inside.is_some_and(|rest| rest.starts_with('/')) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let (status, code, sentence) = match whole(body).await {
        Ok(form) => return next.run(Request::from_parts(parts, form.into())).await,
        Err(Unread::TooLong) => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            words::FORM_TOO_LARGE,
        ),
        Err(Unread::NoText) => (
            StatusCode::BAD_REQUEST,
            "bad_request",
            words::FORM_UNREADABLE,
        ),
    };
    refusal(&parts.headers, status, code, sentence)
}

enum Unread {
    TooLong,
    /// Or less than was announced: half a form must not act.
    NoText,
}

/// The body, if it has no more than [`limits::BODY_BYTES`]; no more than those are ever kept.
async fn whole(mut body: Body) -> Result<String, Unread> {
    let (mut whole, mut len) = (Vec::new(), 0);
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| Unread::NoText)?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        len += data.len();
        if len <= limits::BODY_BYTES {
            whole.extend_from_slice(&data);
        } else if len > limits::IGNORED_BODY_BYTES {
            break;
        }
    }
    if len > limits::BODY_BYTES {
        return Err(Unread::TooLong);
    }
    String::from_utf8(whole).map_err(|_| Unread::NoText)
}

fn refusal(
    headers: &HeaderMap,
    status: StatusCode,
    code: &'static str,
    sentence: &'static str,
) -> Response {
    let accepts = headers.get(header::ACCEPT).map(|value| value.as_bytes());
    let wants_page = accepts.is_some_and(|value| {
        let html: &[u8] = b"text/html";
        value.windows(html.len()).any(|part| part == html)
    });
    if !wants_page {
        return Problem::new(status, code, sentence).into_response();
    }
    // Nothing in it comes from outside.
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title>\
         <main><h1>{}</h1><p>{sentence}</p><p><a href=\"/\">{}</a></p></main></html>\n",
        words::PRODUCT,
        words::PRODUCT,
        words::BACK_TO_BOARD
    );
    let policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy)];
    (status, headers, Html(page)).into_response()
}
