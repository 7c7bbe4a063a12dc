//! Opens a connection to a peer (RFC 3261 18.1.1), within a time limit.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use sip::name::Flow;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::admission::Permit;
use super::connection::{self, Opener};
use super::line::Outgoing;
use super::{Arrival, Context, listener};
use crate::limits;

/// Opens the connection of `flow` and runs it. What waits in `outgoing` leaves when it stands.
pub(super) async fn run(flow: Flow, outgoing: Outgoing, permit: Permit, context: Rc<Context>) {
    let opened = timeout(limits::CONNECT_TIME, connect(flow)).await;
    match opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(stream) => {
            listener::prepare(&stream);
            context.traffic.opened.add(1);
            connection::run(stream, flow, Opener::Us, outgoing, permit, context).await;
        }
        Err(error) => {
            tracing::debug!(peer = %flow.peer, %error, "cannot connect");
            // The shard is gone if this fails, and with it whoever waits.
            let _ = context.arrivals.send(Arrival::Closed(flow)).await;
        }
    }
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
    socket.connect(flow.peer).await
}
