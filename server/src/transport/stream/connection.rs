//! One connection for as long as it lives: frames what comes (RFC 3261 18.3), writes what waits, ends in time.

#![expect(
    clippy::disallowed_methods,
    reason = "connections are tasks of their own, with time limits"
)]

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::ready;

use bytes::Bytes;
use sip::msg::{Frame, Framer};
use sip::name::Flow;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, split};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite;

use super::admission::Permit;
use super::line::{Backlog, Outgoing};
use super::{Arrival, Context};
use crate::limits;

/// Who opened a connection. A peer that did has to say something soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opener {
    Peer,
    Us,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    #[error("the peer closed it")]
    Closed,
    #[error("{0}")]
    Failed(#[from] io::Error),
    #[error("no SIP: {0}")]
    Unframeable(sip::msg::Unframeable),
    #[error("silence")]
    Silent,
    #[error("a message that never ended")]
    Unfinished,
    #[error("the peer does not read")]
    Stalled,
    #[error("no WebSocket: {0}")]
    Misspoke(Box<tungstenite::Error>),
    #[error("dropped")]
    Dropped,
}

/// Runs a connection to its end, which is told by [`Arrival::Closed`].
pub(super) async fn run<S: AsyncRead + AsyncWrite>(
    stream: S,
    flow: Flow,
    opener: Opener,
    outgoing: Outgoing,
    permit: Permit,
    context: Rc<Context>,
) {
    let (reader, writer) = split(stream);
    let backlog = outgoing.backlog();
    let mut writing = pin!(write(writer, outgoing));
    let end = tokio::select! {
        end = read(reader, flow, opener, &backlog, &context) => end,
        end = &mut writing => end,
    };
    if let End::Unframeable(_) = end {
        // The answer to the message after which the stream was lost.
        let _ = timeout(limits::LAST_WORDS, writing).await;
    }
    conclude(end, flow, permit, &context).await;
}

/// The last that is done for a connection.
pub(super) async fn conclude(end: End, flow: Flow, permit: Permit, context: &Context) {
    tracing::debug!(peer = %flow.peer, connection = flow.connection.0, %end, "connection closed");
    drop(permit);
    // The shard is gone if this fails, and with it whoever waits.
    let _ = context.arrivals.send(Arrival::Closed(flow)).await;
}

async fn read(
    mut reader: impl AsyncRead + Unpin,
    flow: Flow,
    opener: Opener,
    backlog: &Backlog,
    context: &Context,
) -> End {
    let mut framer = Framer::new(sip::limits::MAX_MESSAGE);
    let (mut patience, mut lateness) = match opener {
        Opener::Peer => (limits::MESSAGE_TIME, End::Silent),
        Opener::Us => (context.idle, End::Silent),
    };
    let mut heard = Instant::now();
    let mut deadline = heard + patience;
    loop {
        backlog.small().await;
        let nothing_begun = is_between(&framer);
        let fill = poll_fn(|cx| {
            let mut scratch = context.scratch.borrow_mut();
            let mut into = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut reader).poll_read(cx, &mut into))?;
            framer.push(into.filled());
            io::Result::Ok(into.filled().len()).into()
        });
        let filled = tokio::select! {
            filled = timeout_at(deadline, fill) => filled,
            () = backlog.promised() => {
                if let (End::Silent, Some(silence)) = (&lateness, backlog.silence()) {
                    deadline = heard + silence.min(context.idle);
                }
                continue;
            }
        };
        match filled {
            Err(_) => return lateness,
            Ok(Err(error)) => return End::Failed(error),
            Ok(Ok(0)) => return End::Closed,
            Ok(Ok(_)) => {}
        }
        heard = Instant::now();
        let mut came = false;
        while let Some(frame) = framer.next() {
            let arrival = match frame {
                Ok(Frame::Message(message)) => {
                    context.traffic.stream_received.add(1);
                    Arrival::Message(message, flow)
                }
                Ok(Frame::Ping) => Arrival::Ping(flow),
                Ok(Frame::Pong) => continue,
                Err(bad) => {
                    context.traffic.unframeable.add(1);
                    return End::Unframeable(bad);
                }
            };
            came = true;
            if context.arrivals.send(arrival).await.is_err() {
                return End::Dropped;
            }
        }
        // What has begun must end in time, however slowly it trickles in; silence between messages may last.
        (patience, lateness) = match (is_between(&framer), came || nothing_begun) {
            (true, _) => {
                let silence = backlog.silence().unwrap_or(context.idle);
                (silence.min(context.idle), End::Silent)
            }
            (false, true) => (limits::MESSAGE_TIME, End::Unfinished),
            (false, false) => continue,
        };
        deadline = heard + patience;
    }
}

/// Line ends alone begin no message, and may be all that a phone says for hours.
fn is_between(framer: &Framer) -> bool {
    framer.pending() < b"\r\n\r\n".len()
}

async fn write(mut writer: impl AsyncWrite + Unpin, mut outgoing: Outgoing) -> End {
    let (mut one, mut batch) = (Bytes::new(), Vec::new());
    while let Some(bytes) = outgoing.next(&mut one, &mut batch).await {
        let len = bytes.len();
        let written = timeout(limits::WRITE_TIME, writer.write_all(bytes)).await;
        match written {
            Ok(Ok(())) => outgoing.written(len),
            Ok(Err(error)) => return End::Failed(error),
            Err(_) => return End::Stalled,
        }
        if outgoing.is_empty()
            && let Err(error) = writer.flush().await
        {
            return End::Failed(error);
        }
    }
    End::Dropped
}
