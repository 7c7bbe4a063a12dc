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
        ControlMessageOwned::Ipv4RecvErr(error, _) => {
            is_final(error.ee_errno, &V4_PASSING, error.ee_type)
        }
        ControlMessageOwned::Ipv6RecvErr(error, _) => {
            is_final(error.ee_errno, &V6_PASSING, error.ee_type)
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

/// RFC 3261 18.4 has these ignored: source quench and time exceeded (RFC 792, RFC 4443).
const V4_PASSING: [u8; 2] = [4, 11];
const V6_PASSING: [u8; 1] = [3];

/// Whether an error says that the peer is not reached. A datagram too large for a link is cut by routers or sent again
/// in pieces; it is not lost for good.
fn is_final(errno: u32, passing: &[u8], kind: u8) -> bool {
    errno != Errno::EMSGSIZE as u32 && !passing.contains(&kind)
}

fn flow(local: IpAddr, port: u16, peer: SocketAddr) -> Flow {
    Flow {
        transport: Transport::Udp,
        local: SocketAddr::new(local, port),
        peer,
        connection: ConnectionId::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_18_4_only_what_cannot_be_reached_is_told() {
        let refused = Errno::ECONNREFUSED as u32;
        let no_route = Errno::EHOSTUNREACH as u32;
        let too_large = Errno::EMSGSIZE as u32;
        // Destination unreachable and parameter problem.
        assert!(is_final(refused, &V4_PASSING, 3) && is_final(no_route, &V4_PASSING, 12));
        assert!(is_final(refused, &V6_PASSING, 1) && is_final(no_route, &V6_PASSING, 4));
        // Source quench, time exceeded, too large.
        assert!(!is_final(no_route, &V4_PASSING, 4) && !is_final(no_route, &V4_PASSING, 11));
        assert!(!is_final(no_route, &V6_PASSING, 3));
        assert!(!is_final(too_large, &V4_PASSING, 3) && !is_final(too_large, &V6_PASSING, 2));
    }
}
