//! The site's files: program, style sheet, icons. What is not a file is the page that says so.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::Web;

/// Answers with the file of that path, precompressed where the browser takes it.
pub(super) async fn file(State(web): State<Web>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let page = Request::from_parts(parts.clone(), axum::body::Body::empty());
    let request = Request::from_parts(parts, axum::body::Body::empty());
    let files = ServeDir::new(&*web.options.site_root)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let Ok(response) = files.oneshot(request).await;
    if matches!(
        response.status(),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    ) {
        let options = web.options.clone();
        let render =
            leptos_axum::render_app_to_stream_with_context(web.page_context(), move || {
                app::shell(options.clone())
            });
        let mut response = render(page).await;
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    }
    let mut response = response.into_response();
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(cache_rule(&path, web.options.hash_files)),
    );
    response
}

/// A file whose name changes with its content may be kept for ever.
fn cache_rule(path: &str, hashed: bool) -> &'static str {
    if hashed && path.starts_with("/pkg/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}
