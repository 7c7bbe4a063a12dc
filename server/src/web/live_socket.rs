//! `/live`: one page's end of the feed. The page says what it has, is told what it lacks, and then each change.
//!
//! Each text was encoded once for all pages; a socket that falls behind joins again and gets a snapshot.

#![expect(
    clippy::disallowed_methods,
    reason = "a socket has time limits of its own"
)]

use std::time::Duration;

use app::model::{ClientHello, Frame};
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
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
pub(super) async fn open(State(web): State<Web>, upgrade: WebSocketUpgrade) -> Response {
    if web.feed.pages() >= limits::PAGES {
        return Problem::from(app::model::AppError::Busy).into_response();
    }
    upgrade
        .max_message_size(limits::HELLO_BYTES)
        .max_frame_size(limits::HELLO_BYTES)
        .on_upgrade(async move |mut socket| {
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
    loop {
        let joined = web.feed.join(&hello, web.handle.now());
        let mut next = joined.next;
        let mut sent = joined.seq;
        for text in joined.first {
            if send(socket, text).await.is_err() {
                return End::Gone;
            }
        }
        loop {
            let text = tokio::select! {
                change = next.recv() => match change {
                    Ok(text) => {
                        sent = sent.next();
                        text
                    }
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return End::Restart,
                },
                _ = beat.tick() => {
                    let now = web.handle.now().unix_millis();
                    Frame::Beat { seq: sent, now }.encode().into()
                }
                message = socket.recv() => match message {
                    // The line is proved by what we send; a pong says no more than that.
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Gone,
                    Some(Ok(Message::Text(_) | Message::Binary(_))) => return End::Misspoke,
                },
                _ = stop.wait_for(|stop| *stop) => return End::Restart,
            };
            if send(socket, text).await.is_err() {
                return End::Gone;
            }
            beat.reset();
        }
        // It fell behind: from here on nothing it has can be continued.
        hello = ClientHello { since: None };
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

async fn send(socket: &mut WebSocket, text: Utf8Bytes) -> Result<(), ()> {
    match timeout(SEND_LIMIT, socket.send(Message::Text(text))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(()),
    }
}
