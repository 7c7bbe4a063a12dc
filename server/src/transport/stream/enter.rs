//! What an accepted connection goes through before it speaks SIP: its handshakes, within a time limit.
//!
//! The shard hears of it when it has got through. Until then it only counts against the limits.

use std::io;
use std::rc::Rc;

use sip::name::{Flow, Transport};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::{WebSocketStream, tungstenite};

use super::admission::Permit;
use super::connection::{self, Opener};
use super::line::{Outgoing, line};
use super::websocket::{self, Upgraded};
use super::{Arrival, Context};
use crate::limits;

/// Runs an accepted connection to its end.
pub(super) async fn run(stream: TcpStream, flow: Flow, permit: Permit, context: Rc<Context>) {
    match flow.transport {
        // Datagrams are not accepted.
        Transport::Udp => {}
        Transport::Tcp => speak(stream, flow, permit, context).await,
        // Boxed, so that a connection without it does not carry the room for it.
        Transport::Tls => {
            Box::pin(async {
                if let Some(stream) = shaken(flow, &context, secure(stream, &context)).await {
                    speak(stream, flow, permit, context).await;
                }
            })
            .await
        }
        Transport::Ws => {
            Box::pin(async {
                if let Some(socket) = shaken(flow, &context, upgrade(stream, &context)).await {
                    converse(socket, flow, permit, context).await;
                }
            })
            .await
        }
        Transport::Wss => {
            Box::pin(async {
                let both = async { upgrade(secure(stream, &context).await?, &context).await };
                if let Some(socket) = shaken(flow, &context, both).await {
                    converse(socket, flow, permit, context).await;
                }
            })
            .await
        }
    }
}

/// Runs a WebSocket that somebody else has shaken hands with.
pub(super) async fn adopted(socket: Upgraded, flow: Flow, permit: Permit, context: Rc<Context>) {
    match TcpStream::from_std(socket.stream) {
        Ok(stream) => {
            let (read, config) = (socket.read.to_vec(), Some(websocket::config()));
            let socket =
                WebSocketStream::from_partially_read(stream, read, Role::Server, config).await;
            converse(socket, flow, permit, context).await;
        }
        Err(error) => tracing::warn!(%error, "cannot take over a connection"),
    }
}

/// SIP from the first octet on.
async fn speak(
    stream: impl AsyncRead + AsyncWrite,
    flow: Flow,
    permit: Permit,
    context: Rc<Context>,
) {
    if let Some(outgoing) = open(flow, &context).await {
        connection::run(stream, flow, Opener::Peer, outgoing, permit, context).await;
    }
}

/// SIP in messages of a WebSocket.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    socket: WebSocketStream<S>,
    flow: Flow,
    permit: Permit,
    context: Rc<Context>,
) {
    if let Some(outgoing) = open(flow, &context).await {
        websocket::run(socket, flow, outgoing, permit, context).await;
    }
}

/// Tells the shard; `None` if it is gone.
async fn open(flow: Flow, context: &Context) -> Option<Outgoing> {
    let (line, outgoing) = line();
    let told = context.arrivals.send(Arrival::Opened(flow, line)).await;
    told.is_ok().then_some(outgoing)
}

/// Why a handshake failed.
#[derive(Debug, thiserror::Error)]
enum Unshaken {
    #[error("there is no certificate")]
    NoCertificate,
    #[error("{0}")]
    Tls(#[from] io::Error),
    #[error("{0}")]
    WebSocket(#[from] Box<tungstenite::Error>),
    #[error("not within its time")]
    TimedOut,
}

/// What a handshake gives, if it ends well and in time.
async fn shaken<T>(
    flow: Flow,
    context: &Context,
    handshake: impl Future<Output = Result<T, Unshaken>>,
) -> Option<T> {
    let shaken = timeout(limits::HANDSHAKE_TIME, handshake).await;
    match shaken.unwrap_or(Err(Unshaken::TimedOut)) {
        Ok(done) => Some(done),
        Err(why) => {
            context.traffic.unshaken.add(1);
            tracing::debug!(peer = %flow.peer, transport = %flow.transport, %why, "handshake failed");
            None
        }
    }
}

async fn secure(stream: TcpStream, context: &Context) -> Result<TlsStream<TcpStream>, Unshaken> {
    let tls = context.tls.as_ref().ok_or(Unshaken::NoCertificate)?;
    Ok(tls.acceptor().accept(stream).await?)
}

async fn upgrade<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    context: &Context,
) -> Result<WebSocketStream<S>, Unshaken> {
    Ok(websocket::shake_hands(stream, &context.origins).await?)
}
