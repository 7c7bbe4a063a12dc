//! Opens a connection to a peer (RFC 3261 18.1.1), within a time limit.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use rustls::pki_types::ServerName;
use sip::name::{Flow, Transport};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::admission::Permit;
use super::connection::{self, Opener};
use super::line::Outgoing;
use super::{Arrival, Context, listener};
use crate::limits;

/// Opens the connection of `flow` and runs it. What waits in `outgoing` leaves when it stands.
pub(super) async fn run(flow: Flow, outgoing: Outgoing, permit: Permit, context: Rc<Context>) {
    if flow.transport == Transport::Tls {
        // Boxed, so that a connection without TLS does not carry the room for it.
        let time = limits::CONNECT_TIME + limits::HANDSHAKE_TIME;
        let opened = timeout(time, connect_secure(flow, &context)).await;
        match opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(stream) => {
                context.traffic.opened.add(1);
                Box::pin(connection::run(
                    stream,
                    flow,
                    Opener::Us,
                    outgoing,
                    permit,
                    context,
                ))
                .await;
            }
            Err(error) => failed(flow, error, &context).await,
        }
        return;
    }
    let opened = timeout(limits::CONNECT_TIME, connect(flow)).await;
    match opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(stream) => {
            context.traffic.opened.add(1);
            connection::run(stream, flow, Opener::Us, outgoing, permit, context).await;
        }
        Err(error) => failed(flow, error, &context).await,
    }
}

async fn failed(flow: Flow, error: io::Error, context: &Context) {
    tracing::debug!(peer = %flow.peer, %error, "cannot connect");
    let news = if is_nobody_there(&error) {
        Arrival::Untaken(flow)
    } else {
        Arrival::Closed(flow)
    };
    // The shard is gone if this fails, and with it whoever waits.
    let _ = context.arrivals.send(news).await;
}

/// Whether it says something of the peer, not of this machine or its way to the network.
fn is_nobody_there(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::TimedOut
            | io::ErrorKind::HostUnreachable
    )
}

/// From the address that the flow names, so that what the message says of us is true.
async fn connect(flow: Flow) -> io::Result<TcpStream> {
    let socket = if flow.peer.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    if !flow.local.ip().is_unspecified() {
        socket.bind(SocketAddr::new(flow.local.ip(), 0))?;
    }
    let stream = socket.connect(flow.peer).await?;
    listener::prepare(&stream);
    Ok(stream)
}

async fn connect_secure(flow: Flow, context: &Context) -> io::Result<Box<TlsStream<TcpStream>>> {
    let connector = context.connector().ok_or(io::ErrorKind::Unsupported)?;
    let stream = connect(flow).await?;
    let name = ServerName::from(flow.peer.ip());
    connector.connect(name, stream).await.map(Box::new)
}
