//! What the network says of datagrams that did not arrive: ICMP errors, read from the socket's error queue.
//!
//! RFC 3261 18.4 has the transaction told, so that a click on a phone whose program was closed says so at once, and not
//! after 32 seconds. Linux looks the quoted datagram up before it believes an error.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};
use std::rc::Rc;

use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, RecvMsg, SockaddrStorage, recvmsg, setsockopt, sockopt,
};
use sip::name::{ConnectionId, Flow, Transport};
use tokio::io::Interest;
use tokio::sync::mpsc;

use super::stream::Arrival;
use super::udp::{UdpPort, destination, peer};

/// Room for the error with the address of who reports it, and for our own address.
const CONTROL: usize = 256;

/// Asks for errors to be queued.
pub(super) fn prepare(socket: &impl AsFd, addr: SocketAddr) -> io::Result<()> {
    match addr {
        SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &true)?,
        SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &true)?,
    }
    Ok(())
}

/// Tells the shard of every error, for as long as it lives.
pub(crate) async fn watch(port: Rc<UdpPort>, arrivals: mpsc::Sender<Arrival>) {
    loop {
        let Ok(mut ready) = port.socket.ready(Interest::ERROR).await else {
            return;
        };
        match port
            .socket
            .try_io(Interest::ERROR, |socket| next(&port, socket))
        {
            Ok(Some(flow)) => {
                if arrivals.send(Arrival::Unreachable(flow)).await.is_err() {
                    return;
                }
            }
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => ready.clear_ready(),
        }
    }
}

/// The flow of one datagram that did not arrive; `None` for an error that says nothing of the sort.
fn next(port: &UdpPort, socket: &impl AsRawFd) -> io::Result<Option<Flow>> {
    let mut control = [0; CONTROL];
    // What is left of the datagram is of no interest.
    let mut into = [IoSliceMut::new(&mut [])];
    let received: RecvMsg<'_, '_, SockaddrStorage> = recvmsg(
        socket.as_raw_fd(),
        &mut into,
        Some(&mut control),
        MsgFlags::MSG_ERRQUEUE,
    )?;
    let is_icmp = received.cmsgs()?.any(|control| match control {
        ControlMessageOwned::Ipv4RecvErr(error, _) | ControlMessageOwned::Ipv6RecvErr(error, _) => {
            // A datagram too large for a link is cut by routers or sent again in pieces; it is not lost for good.
            error.ee_errno != Errno::EMSGSIZE as u32
        }
        _ => false,
    });
    let local = match port.bound.ip() {
        any if any.is_unspecified() => destination(&received),
        one => Some(one),
    };
    Ok(match (is_icmp, local, received.address.and_then(peer)) {
        (true, Some(local), Some(peer)) => Some(flow(local, port.bound.port(), peer)),
        _ => None,
    })
}

fn flow(local: IpAddr, port: u16, peer: SocketAddr) -> Flow {
    Flow {
        transport: Transport::Udp,
        local: SocketAddr::new(local, port),
        peer,
        connection: ConnectionId::NONE,
    }
}
