//! One UDP socket of a shard (RFC 3261 18.1, 18.2).
//!
//! On a wildcard address each datagram tells the address it came to (`IP_PKTINFO`), and each answer leaves from
//! that address: a flow never names a wildcard. Knows nothing of SIP.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::task::{Context, Poll};

use nix::libc;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, RecvMsg, SockaddrIn, SockaddrIn6,
    SockaddrStorage, recvmsg, sendmsg, setsockopt, sockopt,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::bound::serves;

/// Room for one control message with the local address, IPv6 being the longer: header, address, interface, padding.
const CONTROL: usize = 64;

/// Asks for the local address of each datagram, where the bound one does not tell it.
pub(super) fn prepare(socket: &impl AsFd, addr: SocketAddr) -> io::Result<()> {
    if addr.ip().is_unspecified() {
        match addr {
            SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4PacketInfo, &true)?,
            SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)?,
        }
    }
    Ok(())
}

/// A bound socket.
#[derive(Debug)]
pub(crate) struct UdpPort {
    /// Watched for what comes only: what leaves would wake the shard each time the network has taken it.
    pub(super) socket: AsyncFd<UdpSocket>,
    pub(super) bound: SocketAddr,
}

/// A datagram in the caller's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Datagram {
    /// How many bytes of the buffer it fills.
    pub(crate) len: usize,
    /// Who sent it.
    pub(crate) peer: SocketAddr,
    /// The address of ours it was sent to.
    pub(crate) local: SocketAddr,
}

impl UdpPort {
    /// Takes over a bound socket. Within a tokio runtime only.
    pub(crate) fn new(socket: UdpSocket) -> io::Result<Self> {
        let bound = socket.local_addr()?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe for types that change their descriptor; this one never does"
        )]
        let socket = AsyncFd::with_interest(socket, Interest::READABLE | Interest::ERROR)?;
        Ok(Self { socket, bound })
    }

    /// Ready when [`UdpPort::receive`] may give something.
    pub(crate) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        // An error of readiness shows again, with its cause, at the next receive.
        self.socket.poll_read_ready(cx).map(drop)
    }

    /// The next datagram; [`io::ErrorKind::WouldBlock`] when there is none.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> io::Result<Datagram> {
        let mut control = [0; CONTROL];
        self.socket.try_io(Interest::READABLE, |socket| {
            let mut into = [IoSliceMut::new(buffer)];
            let received: RecvMsg<'_, '_, SockaddrStorage> = recvmsg(
                socket.as_raw_fd(),
                &mut into,
                Some(&mut control),
                MsgFlags::empty(),
            )?;
            let peer = received
                .address
                .and_then(peer)
                .ok_or(io::ErrorKind::InvalidData)?;
            let ip = match self.bound.ip() {
                any if any.is_unspecified() => destination(&received).unwrap_or(any),
                one => one,
            };
            Ok(Datagram {
                len: received.bytes,
                peer,
                local: SocketAddr::new(ip, self.bound.port()),
            })
        })
    }

    /// Whether datagrams from `local` leave by this socket.
    pub(crate) fn serves(&self, local: SocketAddr) -> bool {
        serves(self.bound, local)
    }

    /// Sends from `local`. [`io::ErrorKind::WouldBlock`] means the buffer is full and the datagram is lost,
    /// as the network might have lost it.
    pub(crate) fn send(&self, local: SocketAddr, peer: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        match self.send_once(local, peer, bytes) {
            // The system reports what became of an earlier datagram, to anybody, by refusing the next one once.
            Err(error) if is_of_an_earlier_one(&error) => self.send_once(local, peer, bytes),
            sent => sent,
        }
    }

    fn send_once(&self, local: SocketAddr, peer: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        let socket = self.socket.get_ref();
        if !self.bound.ip().is_unspecified() || local.ip().is_unspecified() {
            return socket.send_to(bytes, peer).map(drop);
        }
        let (fd, bytes) = (socket.as_raw_fd(), [IoSlice::new(bytes)]);
        match (local.ip(), peer) {
            (IpAddr::V4(from), SocketAddr::V4(to)) => {
                let from = libc::in_pktinfo {
                    ipi_ifindex: 0,
                    ipi_spec_dst: libc::in_addr {
                        s_addr: u32::from_ne_bytes(from.octets()),
                    },
                    ipi_addr: libc::in_addr { s_addr: 0 },
                };
                let from = [ControlMessage::Ipv4PacketInfo(&from)];
                sendmsg(
                    fd,
                    &bytes,
                    &from,
                    MsgFlags::empty(),
                    Some(&SockaddrIn::from(to)),
                )?;
            }
            (IpAddr::V6(from), SocketAddr::V6(to)) => {
                let from = libc::in6_pktinfo {
                    ipi6_addr: libc::in6_addr {
                        s6_addr: from.octets(),
                    },
                    ipi6_ifindex: to.scope_id(),
                };
                let from = [ControlMessage::Ipv6PacketInfo(&from)];
                sendmsg(
                    fd,
                    &bytes,
                    &from,
                    MsgFlags::empty(),
                    Some(&SockaddrIn6::from(to)),
                )?;
            }
            (IpAddr::V4(_), SocketAddr::V6(_)) | (IpAddr::V6(_), SocketAddr::V4(_)) => {
                return Err(io::ErrorKind::AddrNotAvailable.into());
            }
        }
        Ok(())
    }
}

fn is_of_an_earlier_one(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
    )
}

pub(super) fn peer(address: SockaddrStorage) -> Option<SocketAddr> {
    let v4 = || {
        address
            .as_sockaddr_in()
            .map(|v4| SocketAddrV4::from(*v4).into())
    };
    let v6 = || {
        address
            .as_sockaddr_in6()
            .map(|v6| SocketAddrV6::from(*v6).into())
    };
    v4().or_else(v6)
}

/// The address of ours that a datagram was sent to; for a broadcast, the one that may answer it.
pub(super) fn destination(received: &RecvMsg<'_, '_, SockaddrStorage>) -> Option<IpAddr> {
    received.cmsgs().ok()?.find_map(|control| match control {
        ControlMessageOwned::Ipv4PacketInfo(info) => {
            // An error has only the second, a broadcast only the first that can be used.
            let addresses = [info.ipi_spec_dst, info.ipi_addr];
            let addresses = addresses.map(|addr| IpAddr::from(addr.s_addr.to_ne_bytes()));
            addresses.into_iter().find(|addr| !addr.is_unspecified())
        }
        ControlMessageOwned::Ipv6PacketInfo(info) => Some(IpAddr::from(info.ipi6_addr.s6_addr)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn port(addr: SocketAddr) -> UdpPort {
        let socket = std::net::UdpSocket::bind(addr).unwrap();
        socket.set_nonblocking(true).unwrap();
        prepare(&socket, addr).unwrap();
        UdpPort::new(socket).unwrap()
    }

    /// A datagram to each loopback address comes with that address, and the answer leaves from it.
    async fn answers_from_where_it_was_asked(any: IpAddr, asked: IpAddr) {
        let port = port(SocketAddr::new(any, 0));
        let local = SocketAddr::new(asked, port.bound.port());
        let peer = tokio::net::UdpSocket::bind(SocketAddr::new(asked, 0))
            .await
            .unwrap();
        peer.send_to(b"ping", local).await.unwrap();

        let mut buffer = [0; 100];
        poll_fn(|cx| port.poll_readable(cx)).await;
        let datagram = port.receive(&mut buffer).unwrap();
        assert_eq!(
            datagram,
            Datagram {
                len: 4,
                peer: peer.local_addr().unwrap(),
                local
            }
        );
        assert_eq!(
            port.receive(&mut buffer).unwrap_err().kind(),
            io::ErrorKind::WouldBlock
        );

        assert!(port.serves(local));
        assert!(!port.serves(SocketAddr::new(asked, 1)));
        port.send(local, datagram.peer, b"pong").unwrap();
        let (len, from) = peer.recv_from(&mut buffer).await.unwrap();
        assert_eq!((&buffer[..len], from), (&b"pong"[..], local));
    }

    #[tokio::test]
    async fn a_wildcard_socket_knows_its_address_v4() {
        answers_from_where_it_was_asked(
            Ipv4Addr::UNSPECIFIED.into(),
            Ipv4Addr::new(127, 0, 0, 7).into(),
        )
        .await;
    }

    #[tokio::test]
    async fn a_wildcard_socket_knows_its_address_v6() {
        answers_from_where_it_was_asked(Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::LOCALHOST.into())
            .await;
    }

    #[tokio::test]
    async fn a_socket_with_one_address_uses_it() {
        let one = Ipv4Addr::new(127, 0, 0, 9).into();
        answers_from_where_it_was_asked(one, one).await;
        let port = port(SocketAddr::new(one, 0));
        assert!(!port.serves(SocketAddr::new(
            Ipv4Addr::LOCALHOST.into(),
            port.bound.port()
        )));
    }
}
