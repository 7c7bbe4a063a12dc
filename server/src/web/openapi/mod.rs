//! `/api/v1` as router and as OpenAPI 3.1 document: both come from the same list, so neither can name what the other lacks.
//!
//! A route is a handler with `#[utoipa::path]` above it and its name in [`api`]; its problems stand in
//! [`super::openapi::problems`]. What a key must be good for is the `security` of that attribute: the guard of
//! the API asks the document.

mod page;
pub(super) mod problems;
pub(super) mod words;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::{Web, calls};

/// What stands above all routes of the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Crosspoint",
        description = "Calls, phones and what happens to them, for programs. Every error is an `application/problem+json` \
                       (RFC 9457) whose `code` never changes its meaning. More members and more values may come in later \
                       versions: ignore what you do not know.",
    ),
    components(schemas(problems::ProblemShape)),
    tags(
        (name = "calls", description = "Place calls, look at them, end them"),
        (name = "registrations", description = "Who is there, by which devices"),
    )
)]
struct Document;

/// Every route of `/api/v1`, with its description.
pub(super) fn api() -> (Router<Web>, utoipa::openapi::OpenApi) {
    let routes = OpenApiRouter::new()
        .routes(routes!(calls::place, calls::list))
        .routes(routes!(calls::show, calls::release))
        .routes(routes!(calls::registrations));
    let (router, paths) = routes.split_for_parts();
    let router = router
        .method_not_allowed_fallback(wrong_method)
        .fallback(no_such_resource);
    (router, Document::openapi().nest("/api/v1", paths))
}

/// The document at `/api/openapi.json` and, for people, at `/api`.
pub(super) fn documents(document: &utoipa::openapi::OpenApi) -> Router<Web> {
    // Nothing in these types can refuse to be written.
    let json = Bytes::from(document.to_pretty_json().unwrap_or_default());
    let html = Bytes::from(page::render(document));
    let at = |bytes: Bytes, kind: &'static str| {
        axum::routing::get(async move || ([(header::CONTENT_TYPE, kind)], bytes).into_response())
    };
    Router::new()
        .route("/api/openapi.json", at(json, "application/json"))
        .route("/api", at(html, "text/html; charset=utf-8"))
}

pub(super) async fn no_such_resource() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "no_such_resource",
        "There is no such path below /api/v1; /api lists all.",
    )
}

async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This resource does not know that method; see the Allow header.",
    )
}
