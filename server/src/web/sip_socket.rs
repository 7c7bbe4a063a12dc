//! `/sip`: a browser phone's WebSocket on the address of the page (RFC 7118). With the handshake done, it is the
//! shards'.
//!
//! It stands outside of the guard: a phone's page may be of another site, where `sip.origins` says so, and who may
//! register is the registrar's to say.

#![expect(
    clippy::disallowed_methods,
    reason = "what follows the answer is a task of its own"
)]

use std::io;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Web;
use super::problem::Problem;
use crate::transport::stream::{Upgraded, answer};

/// Opens the WebSocket, or says why not.
pub(super) async fn open(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
) -> Response {
    let accepted: axum::http::Response<Body> = match answer(&request, web.handle.origins()) {
        Ok(accepted) => accepted,
        Err(refusal) => {
            tracing::debug!(%peer, "WebSocket refused: {refusal}");
            let problem = Problem::new(refusal.status(), "no_sip_socket", refusal.to_string());
            return problem.into_response();
        }
    };
    if let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() {
        tokio::spawn(async move {
            match take(upgrade, peer).await {
                Ok(socket) => web.handle.adopt(socket),
                Err(error) => tracing::debug!(%peer, %error, "WebSocket not opened"),
            }
        });
    }
    accepted
}

/// The bare connection, to be watched by the shard that gets it.
async fn take(upgrade: OnUpgrade, peer: SocketAddr) -> io::Result<Upgraded> {
    let upgraded = upgrade.await.map_err(io::Error::other)?;
    let parts = upgraded
        .downcast::<TokioIo<TcpStream>>()
        .map_err(|_| io::ErrorKind::Unsupported)?;
    let stream = parts.io.into_inner();
    Ok(Upgraded {
        local: stream.local_addr()?,
        peer,
        stream: stream.into_std()?,
        read: parts.read_buf,
    })
}
