//! A server with a web host, and how tests ask it.

#![expect(
    clippy::disallowed_methods,
    reason = "the board and the listener are tasks, as in the server itself"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::model::{CallView, ClientHello, ServerInfo, Snapshot};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header, request};
use leptos::prelude::LeptosOptions;
use serde_json::Value;
use server::config::Config;
use server::live::{self, Feed};
use server::runtime::{Handle, Runtime};
use server::transport;
use server::web::{self, Connections, Web};
use sip::name::Transport;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::peer::UdpPeer;

/// Longer than anything here takes on a busy machine; only a failure waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// By what name requests call the server, unless they say otherwise.
pub(crate) const HOST: &str = "127.0.0.1:8080";

pub(crate) struct Desk {
    pub(crate) handle: Handle,
    pub(crate) feed: Arc<Feed>,
    pub(crate) web: Web,
    router: Router,
    runtime: Runtime,
    stop: watch::Sender<bool>,
}

impl Desk {
    pub(crate) fn open() -> Self {
        Self::open_with(Path::new("no/such/folder"), |_| {})
    }

    /// With the site's files, and settings changed.
    pub(crate) fn open_with(site: &Path, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            shards: 2,
            ..Config::default()
        };
        config.sip.udp = vec!["127.0.0.1:0".parse().unwrap()];
        config.sip.tcp = vec!["127.0.0.1:0".parse().unwrap()];
        config.sip.tls = Vec::new();
        config.sip.ws = Vec::new();
        config.sip.wss = Vec::new();
        change(&mut config);
        let connections = Connections::new(&config.limits);
        let names = config.web.names.as_slice().into();
        let (sockets, bound) = transport::bind(&config, config.shards, None).unwrap();
        let (runtime, events) = Runtime::start(Arc::new(config), sockets, bound).unwrap();
        let handle = runtime.handle.clone();
        let feed = Arc::new(Feed::new(handle.now(), ServerInfo::default()));
        let clock = handle.clone();
        tokio::spawn(live::run(Arc::clone(&feed), events, move || clock.now()));
        let (stop, stopping) = watch::channel(false);
        let web = Web {
            connections,
            handle: handle.clone(),
            feed: Arc::clone(&feed),
            options: LeptosOptions::builder()
                .output_name("crosspoint")
                .site_root(site.to_str().unwrap())
                .build(),
            names,
            store: None,
            stopping,
        };
        let router = web::router(web.clone());
        Self {
            handle,
            feed,
            web,
            router,
            runtime,
            stop,
        }
    }

    /// Answers one request of a program on this machine.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        self.ask_from("127.0.0.1:50000", request).await
    }

    pub(crate) async fn ask_from(&self, peer: &str, mut request: Request<Body>) -> Answer {
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        request
            .headers_mut()
            .entry(header::HOST)
            .or_insert(HOST.parse().unwrap());
        let answer = async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            Answer {
                status: parts.status,
                headers: parts.headers,
                body: String::from_utf8(body.to_vec()).unwrap(),
            }
        };
        timeout(PATIENCE, answer).await.expect("an answer in time")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: impl Into<Body>) -> Answer {
        let request = post(path).header(header::CONTENT_TYPE, "application/json");
        self.ask(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        let request = Request::delete(path).body(Body::empty()).unwrap();
        self.ask(request).await
    }

    /// Listens on a free port as well.
    pub(crate) async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let mut stop = self.stop.subscribe();
        let told = async move {
            let _ = stop.wait_for(|stop| *stop).await;
        };
        tokio::spawn(web::serve(listener, self.web.clone(), told));
        addr
    }

    /// Tells the pages that the server is about to stop.
    pub(crate) fn say_farewell(&self) {
        self.stop.send(true).unwrap();
    }

    /// A phone that the board shows.
    pub(crate) async fn phone(&self, user: &str) -> UdpPeer {
        let udp = self
            .handle
            .bound()
            .iter()
            .find(|bound| bound.transport == Transport::Udp);
        let peer = UdpPeer::new(udp.unwrap().addr).await;
        peer.register(user).await;
        let aor = format!("sip:{user}@127.0.0.1");
        self.until(|board| board.phones.iter().any(|phone| phone.aor.as_str() == aor))
            .await;
        peer
    }

    pub(crate) fn board(&self) -> Snapshot {
        self.feed.snapshot(self.handle.now())
    }

    /// Until the board is as wanted.
    pub(crate) async fn until(&self, wanted: impl Fn(&Snapshot) -> bool) {
        let wait = async {
            let mut joined = self.feed.join(&ClientHello::default(), self.handle.now());
            while !wanted(&self.board()) {
                // Having missed some only means to look again.
                let _ = joined.next.recv().await;
            }
        };
        if timeout(PATIENCE, wait).await.is_err() {
            panic!(
                "the board does not come to be as wanted: {:#?}",
                self.board()
            );
        }
    }

    /// The only call there is.
    pub(crate) fn call(&self) -> CallView {
        let calls = self.board().calls;
        assert_eq!(calls.len(), 1, "{calls:#?}");
        calls.iter().next().unwrap().clone()
    }

    pub(crate) async fn close(self) {
        timeout(PATIENCE, self.runtime.stop())
            .await
            .expect("shards stop when told to");
    }
}

pub(crate) fn get(path: &str) -> request::Builder {
    Request::get(path)
}

pub(crate) fn post(path: &str) -> request::Builder {
    Request::post(path)
}

/// A whole response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        match self.headers.get(name) {
            Some(value) => value.to_str().unwrap(),
            None => panic!("no {name} in {self:?}"),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks that it is a whole RFC 9457 problem of that status and code.
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], "about:blank", "{problem}");
        assert!(
            problem["title"]
                .as_str()
                .is_some_and(|title| !title.is_empty())
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.len() > 10, "{detail}");
    }
}
