//! The web host: the page, its actions and its feed, the API for programs, health and metrics.
//!
//! Speaks to the shards through [`crate::runtime::Handle`] and to the board through [`crate::live::Feed`]; knows
//! nothing of SIP.

mod calls;
mod form;
mod guard;
mod health;
mod heritage;
mod listener;
mod live_socket;
mod metrics;
mod openapi;
mod options;
mod problem;
mod process;
mod resource;
mod security_headers;
mod sip_socket;
mod site;
mod switchboard;
mod timestamp;

use std::sync::Arc;

use app::model::Snapshot;
use app::ports::Host;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::limits;
use crate::live::Feed;
use crate::runtime::Handle;
use crate::store::Health;
pub use listener::{Connections, serve};
pub(crate) use options::options;
use problem::Problem;
use switchboard::Board;

/// What every handler may use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Web {
    /// The way to the shards.
    pub handle: Handle,
    /// The board and its pages.
    pub feed: Arc<Feed>,
    /// Where the site's files are and how the page was built.
    pub options: LeptosOptions,
    /// The HTTP connections that there are.
    pub connections: Arc<Connections>,
    /// Names, besides addresses and `localhost`, by which this server may be called.
    pub names: Arc<[String]>,
    /// How the store is; `None` where nothing is kept.
    pub store: Option<Arc<Health>>,
    /// Turns true when pages are to be told that the server restarts.
    pub stopping: watch::Receiver<bool>,
}

impl Web {
    fn board(&self, by: &'static str) -> Board {
        Board {
            handle: self.handle.clone(),
            feed: Arc::clone(&self.feed),
            by,
        }
    }

    /// What a page finds in its context while it is rendered.
    fn page_context(&self) -> impl Fn() + Clone + Send + Sync + 'static {
        let host = Host(Arc::new(self.board("page")));
        // As Leptos asks it, who then writes a script that listens there.
        let watched = std::env::var_os("LEPTOS_WATCH").is_some();
        let reload_port = watched.then(|| {
            let options = &self.options;
            options.reload_external_port.unwrap_or(options.reload_port)
        });
        move || {
            provide_context(host.clone());
            security_headers::allow_page(reload_port);
        }
    }

    fn snapshot(&self) -> Snapshot {
        self.feed.snapshot(self.handle.now())
    }
}

impl FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.options.clone()
    }
}

/// Every route there is.
pub fn router(web: Web) -> Router {
    let shell = {
        let options = web.options.clone();
        move || app::shell(options.clone())
    };
    let (api, document) = openapi::api();
    Router::new()
        .nest("/api/v1", api)
        // What is nested there does not hear of this one.
        .route("/api/v1/", any(openapi::no_such_resource))
        .merge(openapi::documents(&document))
        .route("/live", get(live_socket::open))
        .leptos_routes_with_context(
            &web,
            generate_route_list(app::App),
            web.page_context(),
            shell,
        )
        .fallback(site::file)
        .layer(from_fn(form::read))
        .layer(from_fn(heritage::redirect))
        .layer(from_fn_with_state(web.clone(), guard::check))
        // Browser phones, whose pages may be of other sites: see there.
        .route("/sip", get(sip_socket::open))
        // Whoever supervises may come by any name, and changes nothing.
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .layer(from_fn(in_time))
        .layer(from_fn(security_headers::add))
        .with_state(web)
}

/// Nobody may hold a request, and what it holds, by sending its body drop by drop.
async fn in_time(request: Request, next: Next) -> Response {
    let answer = timeout(limits::REQUEST_TIME, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        let problem = Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "The request took too long to arrive. Send it again, all at once.",
        );
        problem.into_response()
    })
}
