//! `/live`: one page's end of the feed. The page says what it has, is told what it lacks, and then each change.
//!
//! Each text was encoded once for all pages; a socket that falls behind joins again, as a page does that was away.

#![expect(
    clippy::disallowed_methods,
    reason = "a socket has time limits of its own"
)]

use std::net::SocketAddr;
use std::time::Duration;

use app::model::{ClientHello, Frame};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};

use super::Web;
use super::problem::Problem;
use crate::limits;

/// Why a socket ends; all of these are ordinary.
enum End {
    /// The page went, or its network did.
    Gone,
    /// The page sent what this feed does not understand.
    Misspoke,
    /// The server is about to stop.
    Restart,
}

/// Opens the feed for one page.
pub(super) async fn open(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Of one source first: its flood takes no place from others.
    let tickets = web
        .connections
        .page(peer.ip())
        .and_then(|permit| Some((permit, web.feed.admit()?)));
    let Some(tickets) = tickets else {
        return Problem::from(app::model::AppError::Busy).into_response();
    };
    upgrade
        .max_message_size(limits::HELLO_BYTES)
        .max_frame_size(limits::HELLO_BYTES)
        .on_upgrade(async move |mut socket| {
            let _tickets = tickets;
            let farewell = match serve(&web, &mut socket).await {
                End::Gone => return,
                End::Misspoke => (close_code::POLICY, "not a hello"),
                End::Restart => (close_code::RESTART, "the server restarts"),
            };
            let (code, reason) = farewell;
            let close = CloseFrame {
                code,
                reason: Utf8Bytes::from_static(reason),
            };
            // Whoever cannot hear it is gone already.
            let _ = timeout(SEND_LIMIT, socket.send(Message::Close(Some(close)))).await;
        })
}

/// How long a page may take to accept what it is sent.
const SEND_LIMIT: Duration = Duration::from_secs(10);

async fn serve(web: &Web, socket: &mut WebSocket) -> End {
    let mut hello = match hello(socket).await {
        Ok(hello) => hello,
        Err(end) => return end,
    };
    let mut stop = web.stopping.clone();
    let mut beat = interval(Duration::from_millis(Frame::BEAT_MILLIS));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Several in the time of silence, so that one lost packet ends nothing.
    let mut ping = interval(limits::PAGE_SILENCE / 3);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        let joined = web.feed.join(&hello, web.handle.now());
        let mut next = joined.next;
        let mut sent = joined.seq;
        for text in joined.first {
            if send(socket, Message::Text(text)).await.is_err() {
                return End::Gone;
            }
        }
        loop {
            let message = tokio::select! {
                change = next.recv() => match change {
                    Ok(text) => {
                        sent = sent.next();
                        beat.reset();
                        Message::Text(text)
                    }
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return End::Restart,
                },
                _ = beat.tick() => {
                    let now = web.handle.now().unix_millis();
                    Message::Text(Frame::Beat { seq: sent, now }.encode().into())
                }
                _ = ping.tick() => {
                    if heard.elapsed() >= limits::PAGE_SILENCE {
                        return End::Gone;
                    }
                    Message::Ping(Bytes::new())
                }
                message = socket.recv() => match message {
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                        heard = Instant::now();
                        continue;
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Gone,
                    Some(Ok(Message::Text(_) | Message::Binary(_))) => return End::Misspoke,
                },
                _ = stop.wait_for(|stop| *stop) => return End::Restart,
            };
            if send(socket, message).await.is_err() {
                return End::Gone;
            }
        }
        // It fell behind: it is told what it lacks, or everything.
        hello.since = Some((web.feed.epoch(), sent));
    }
}

async fn hello(socket: &mut WebSocket) -> Result<ClientHello, End> {
    let limit = Instant::now() + limits::HELLO_WAIT;
    loop {
        match timeout_at(limit, socket.recv()).await {
            Ok(Some(Ok(Message::Text(text)))) => {
                return ClientHello::decode(&text).map_err(|_| End::Misspoke);
            }
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(Some(Ok(Message::Binary(_)))) | Err(_) => return Err(End::Misspoke),
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Err(End::Gone),
        }
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), ()> {
    match timeout(SEND_LIMIT, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(()),
    }
}
