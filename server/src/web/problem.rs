//! What the API says when it says no: RFC 9457 problem details with a stable `code`.

use std::fmt;

use app::model::AppError;
use app::words;
use axum::Json;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::limits;

/// One kind of refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    headers: Vec<(HeaderName, String)>,
}

/// The members of RFC 9457 section 3.1; `code` is ours and never changes its meaning.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
}

impl Problem {
    /// A refusal with its stable code and a sentence that names the remedy.
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            headers: Vec::new(),
        }
    }

    /// The same with one more header.
    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// No such call.
    pub(super) fn no_such_call() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_call",
            "There is no call of this id; it may have ended.",
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.code)
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let (status, code) = match &error {
            AppError::BadAor(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_address"),
            AppError::SameParty => (StatusCode::UNPROCESSABLE_ENTITY, "same_party"),
            AppError::NotRegistered(_) => (StatusCode::CONFLICT, "not_registered"),
            AppError::AlreadyInCall => (StatusCode::CONFLICT, "already_in_call"),
            AppError::PartyBusy { .. } => (StatusCode::CONFLICT, "party_busy"),
            AppError::CallGone => (StatusCode::NOT_FOUND, "no_such_call"),
            AppError::TooManyCalls => (StatusCode::SERVICE_UNAVAILABLE, "too_many_calls"),
            AppError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            AppError::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
            AppError::Unreachable => (StatusCode::SERVICE_UNAVAILABLE, "unreachable"),
            AppError::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            AppError::ByRule(_) => (StatusCode::FORBIDDEN, "by_rule"),
            AppError::Garbled => (StatusCode::BAD_REQUEST, "bad_request"),
        };
        let problem = Self::new(status, code, words::refusal::refusal(&error));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            problem.with(header::RETRY_AFTER, limits::RETRY_AFTER.to_string())
        } else {
            problem
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/problem+json"),
        );
        for (name, value) in self.headers {
            if let Ok(value) = value.parse() {
                headers.insert(name, value);
            }
        }
        response
    }
}
