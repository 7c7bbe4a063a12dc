//! Accepts connections within their limits.

#![expect(
    clippy::disallowed_methods,
    reason = "connections are tasks of their own, with time limits"
)]

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use sip::name::{Flow, Transport};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep};

use super::{Context, enter};
use crate::limits;

/// Accepts for as long as the shard lives.
pub(crate) async fn listen(transport: Transport, listener: TcpListener, context: Rc<Context>) {
    let mut quiet_until = None;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(refusal) = accept(transport, stream, peer, &context) {
                    let now = Instant::now();
                    if quiet_until.is_none_or(|until| until <= now) {
                        quiet_until = Some(now + limits::REPEATED_WARNING);
                        tracing::warn!(%peer, limit = %refusal, "connection refused");
                    }
                }
            }
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                // Out of descriptors or memory: the connection stays in the backlog, and asking again at once fails again.
                tracing::warn!(%error, "cannot accept connections");
                sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
}

fn accept(
    transport: Transport,
    stream: TcpStream,
    peer: SocketAddr,
    context: &Rc<Context>,
) -> Result<(), super::admission::Refused> {
    let permit = context
        .admission
        .accept(peer.ip())
        .inspect_err(|_| context.traffic.refused.add(1))?;
    // A connection already reset by its peer has no address left, and nothing to say.
    let Ok(local) = stream.local_addr() else {
        return Ok(());
    };
    let flow = Flow {
        transport,
        local,
        peer,
        connection: context.next_id(),
    };
    prepare(&stream);
    context.traffic.accepted.add(1);
    spawn_local(enter::run(stream, flow, permit, Rc::clone(context)));
    Ok(())
}

/// What `accept` reports of the connection rather than of the listener.
pub(crate) fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}

/// Small messages leave at once; a peer that vanished without a word is found out.
pub(super) fn prepare(stream: &TcpStream) {
    let keepalive = TcpKeepalive::new()
        .with_time(limits::TCP_KEEPALIVE)
        .with_interval(limits::TCP_KEEPALIVE / 4)
        .with_retries(4);
    // Both only improve a connection that works without them.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(stream).set_tcp_keepalive(&keepalive);
}
