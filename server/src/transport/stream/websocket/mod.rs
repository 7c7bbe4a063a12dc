//! A WebSocket for as long as it lives (RFC 7118): one SIP message in each message of it, text or binary.
//!
//! Pings find out whether a browser is still there: it never says so by itself, and its network seldom does.

#![expect(
    clippy::disallowed_methods,
    reason = "connections are tasks of their own, with time limits"
)]

mod door;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use sip::msg::lex;
use sip::name::Flow;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message};
use tokio_tungstenite::tungstenite::{Error, Utf8Bytes};

use super::admission::Permit;
use super::connection::{End, conclude};
use super::line::{Backlog, Outgoing};
use super::{Arrival, Context};
use crate::limits;
pub(crate) use door::{Upgraded, answer};
pub(super) use door::{config, shake_hands};

/// Runs a WebSocket to its end, which is told by [`Arrival::Closed`].
pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    socket: WebSocketStream<S>,
    flow: Flow,
    mut outgoing: Outgoing,
    permit: Permit,
    context: Rc<Context>,
) {
    let (mut sink, stream) = socket.split();
    let backlog = outgoing.backlog();
    let heard = Cell::new(Instant::now());
    let end = tokio::select! {
        end = read(stream, flow, &backlog, &heard, &context) => end,
        end = write(&mut sink, &mut outgoing, &heard) => end,
    };
    if let Some(code) = close_code(&end) {
        let frame = CloseFrame {
            code,
            reason: Utf8Bytes::default(),
        };
        // Whoever cannot hear it is gone already.
        let _ = timeout(limits::LAST_WORDS, sink.send(Message::Close(Some(frame)))).await;
    }
    conclude(end, flow, permit, &context).await;
}

async fn read(
    mut stream: impl Stream<Item = Result<Message, Error>> + Unpin,
    flow: Flow,
    backlog: &Backlog,
    heard: &Cell<Instant>,
    context: &Context,
) -> End {
    loop {
        backlog.small().await;
        let message = match stream.next().await {
            Some(Ok(message)) => message,
            Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) | None => return End::Closed,
            Some(Err(Error::Io(error))) => return End::Failed(error),
            Some(Err(error)) => return End::Misspoke(Box::new(error)),
        };
        heard.set(Instant::now());
        let bytes = match message {
            Message::Text(text) => Bytes::from(text),
            Message::Binary(bytes) => bytes,
            // The library answers a ping by itself.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            Message::Close(_) => return End::Closed,
        };
        let arrival = match &bytes[..] {
            // Some phones keep alive as on a stream (RFC 5626 section 3.5.1).
            b"\r\n\r\n" => Arrival::Ping(flow),
            b"\r\n" | b"" => continue,
            // A copy, since a slice would keep the whole buffer as long as the message is kept.
            octets => match lex(Bytes::copy_from_slice(octets)) {
                Ok(message) => {
                    context.traffic.stream_received.add(1);
                    Arrival::Message(message, flow)
                }
                Err(bad) => {
                    context.traffic.unframeable.add(1);
                    return End::Unframeable(bad);
                }
            },
        };
        if context.arrivals.send(arrival).await.is_err() {
            return End::Dropped;
        }
    }
}

async fn write(
    mut sink: impl Sink<Message, Error = Error> + Unpin,
    outgoing: &mut Outgoing,
    heard: &Cell<Instant>,
) -> End {
    let first = Instant::now() + limits::WEBSOCKET_PING;
    let mut ping = interval_at(first, limits::WEBSOCKET_PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (message, len) = tokio::select! {
            bytes = outgoing.one() => match bytes {
                Some(bytes) => {
                    let len = bytes.len();
                    (frame(bytes), len)
                }
                None => return End::Dropped,
            },
            _ = ping.tick() => {
                if heard.get().elapsed() >= limits::WEBSOCKET_SILENCE {
                    return End::Silent;
                }
                (Message::Ping(Bytes::new()), 0)
            }
        };
        match timeout(limits::WRITE_TIME, sink.send(message)).await {
            Ok(Ok(())) => outgoing.written(len),
            Ok(Err(Error::Io(error))) => return End::Failed(error),
            Ok(Err(Error::ConnectionClosed | Error::AlreadyClosed)) => return End::Closed,
            Ok(Err(error)) => return End::Misspoke(Box::new(error)),
            Err(_) => return End::Stalled,
        }
    }
}

/// Text where it is text: there are clients that read nothing else (RFC 7118 section 5.2 lets us choose).
fn frame(bytes: Bytes) -> Message {
    match Utf8Bytes::try_from(bytes.clone()) {
        Ok(text) => Message::Text(text),
        Err(_) => Message::Binary(bytes),
    }
}

/// What the peer is told at the end (RFC 6455 section 7.4.1); nothing where it is gone.
fn close_code(end: &End) -> Option<CloseCode> {
    match end {
        End::Unframeable(_) => Some(CloseCode::Unsupported),
        End::Misspoke(error) => Some(match **error {
            Error::Capacity(_) => CloseCode::Size,
            _ => CloseCode::Protocol,
        }),
        End::Dropped => Some(CloseCode::Away),
        End::Closed | End::Failed(_) | End::Silent | End::Unfinished | End::Stalled => None,
    }
}
