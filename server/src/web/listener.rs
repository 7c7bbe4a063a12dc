//! Connections of browsers and programs: accepted within their limits and served by HTTP/1.1 (RFC 9112).
//!
//! A connection counts until it is closed or becomes a WebSocket; those are pages, counted by [`crate::live::Feed`], and here
//! by source.
//! Knows no routes.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tower::ServiceExt;

use super::{Web, router};
use crate::config::Limits;
use crate::limits;
use crate::transport::Counter;
use crate::transport::stream::{Admission, Permit, is_of_the_peer};

/// How many HTTP connections there are, and may be.
#[derive(Debug)]
pub struct Connections {
    admission: Arc<Admission>,
    pages: Arc<Admission>,
    refused: Counter,
}

impl Connections {
    /// None yet; as many as `limits` allow.
    pub fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            admission: Admission::new(limits.http_connections, limits.http_connections_per_source),
            pages: Admission::new(u32::MAX, limits.http_connections_per_source),
            refused: Counter::default(),
        })
    }

    /// Leave for a page of `source` to follow the feed, as long as it is kept; `None` where as many follow it from there as
    /// there may be connections from there. How many there may be in all is known to the feed.
    pub(super) fn page(&self, source: IpAddr) -> Option<Permit> {
        let permit = self.pages.accept(source).ok();
        if permit.is_none() {
            self.refused.add(1);
        }
        permit
    }

    /// Those that are open now, without the ones that became WebSockets.
    pub fn open(&self) -> u32 {
        self.admission.open_now()
    }

    /// Those that were refused because a limit was reached.
    pub fn refused(&self) -> u64 {
        self.refused.get()
    }
}

/// What a connection too many is told, whatever it came for; `Retry-After` as in [`limits::RETRY_AFTER`].
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nConnection: close\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 71\r\n\r\n\
    There are too many connections to this server. Try again in 10 seconds.";

/// Serves `listener` until `stop` is done, then lets requests under way finish.
#[expect(
    clippy::disallowed_methods,
    reason = "the web host waits for descriptors by itself"
)]
pub async fn serve(
    listener: TcpListener,
    web: Web,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let connections = Arc::clone(&web.connections);
    let router = router(web);
    let (end, ending) = watch::channel(false);
    let mut serving = JoinSet::new();
    let mut quiet_until = None;
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            // So that those that have ended are forgotten.
            Some(_) = serving.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match connections.admission.accept(peer.ip()) {
                Ok(permit) => {
                    let conversation = converse(stream, peer, router.clone(), ending.clone());
                    serving.spawn(async move {
                        let _permit = permit;
                        conversation.await;
                    });
                }
                Err(_) => {
                    connections.refused.add(1);
                    // A new connection takes so much at once; whoever does not listen is not waited for.
                    let _ = stream.try_write(FULL);
                    let now = Instant::now();
                    if quiet_until.is_none_or(|until| until <= now) {
                        quiet_until = Some(now + limits::REPEATED_WARNING);
                        tracing::warn!(
                            %peer,
                            open = connections.open(),
                            "HTTP connection refused: limits.http_connections or limits.http_connections_per_source is reached"
                        );
                    }
                }
            },
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                // Out of descriptors or memory: asking again at once fails again.
                tracing::warn!(%error, "cannot accept HTTP connections");
                sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    let _ = end.send(true);
    while serving.join_next().await.is_some() {}
    Ok(())
}

/// One connection to its end, or until it is a WebSocket.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut ending: watch::Receiver<bool>,
) {
    // Both only improve a connection that works without them.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(limits::HTTP_UNREAD_TIME));
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_TIME)
        .max_buf_size(limits::HTTP_BUFFER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let told = async {
        let _ = ending.wait_for(|ending| *ending).await;
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "HTTP connection broken off");
    }
}
