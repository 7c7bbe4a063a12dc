//! What an accepted connection goes through before it speaks SIP: its handshake, within a time limit.
//!
//! The shard hears of it when it has got through. Until then it only counts against the limits.

use std::rc::Rc;
use std::time::Duration;

use sip::name::{Flow, Transport};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use super::admission::Permit;
use super::connection::{self, Opener};
use super::line::line;
use super::{Arrival, Context};
use crate::limits;

/// Runs an accepted connection to its end.
pub(super) async fn run(stream: TcpStream, flow: Flow, permit: Permit, context: Rc<Context>) {
    match flow.transport {
        // Datagrams are not accepted; the other two come in by their own listeners.
        Transport::Udp | Transport::Ws | Transport::Wss => {}
        Transport::Tcp => speak(stream, flow, permit, context).await,
        // Boxed, so that a connection without TLS does not carry the room for it.
        Transport::Tls => {
            Box::pin(async {
                match shake_hands(stream, &context, limits::HANDSHAKE_TIME).await {
                    Ok(stream) => speak(stream, flow, permit, context).await,
                    Err(why) => {
                        context.traffic.unshaken.add(1);
                        tracing::debug!(peer = %flow.peer, %why, "TLS handshake failed");
                    }
                }
            })
            .await
        }
    }
}

/// SIP from the first octet on.
async fn speak(
    stream: impl AsyncRead + AsyncWrite,
    flow: Flow,
    permit: Permit,
    context: Rc<Context>,
) {
    let (line, outgoing) = line();
    // The shard is gone if this fails.
    if context
        .arrivals
        .send(Arrival::Opened(flow, line))
        .await
        .is_ok()
    {
        connection::run(stream, flow, Opener::Peer, outgoing, permit, context).await;
    }
}

/// Why a handshake failed.
#[derive(Debug, thiserror::Error)]
enum Unshaken {
    #[error("there is no certificate")]
    NoCertificate,
    #[error("{0}")]
    Failed(#[from] std::io::Error),
    #[error("not within its time")]
    TimedOut,
}

async fn shake_hands(
    stream: TcpStream,
    context: &Context,
    time: Duration,
) -> Result<TlsStream<TcpStream>, Unshaken> {
    let tls = context.tls.as_ref().ok_or(Unshaken::NoCertificate)?;
    timeout(time, tls.acceptor().accept(stream))
        .await
        .map_err(|_| Unshaken::TimedOut)?
        .map_err(Unshaken::Failed)
}
