//! Takes all addresses before anything runs, so that a port which is not free stops the start with a clear word.
//!
//! Each shard has a socket of its own for each address (`SO_REUSEPORT`): the kernel spreads senders over them.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;

use sip::name::Transport;
use socket2::{Domain, Protocol, Socket, Type};

use super::{Bound, Tls};
use crate::config::Config;
use crate::limits;

/// The sockets of one shard. They do not block.
#[derive(Debug, Default)]
pub struct ShardSockets {
    pub(crate) udp: Vec<UdpSocket>,
    /// With what is spoken on each.
    pub(crate) streams: Vec<(Transport, TcpListener)>,
    /// Set where something needs it.
    pub(crate) tls: Option<Arc<Tls>>,
}

/// An address could not be taken.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot listen on {protocol} {addr} (`{key}`): {cause}; {}",
    remedy(cause)
)]
pub struct BindError {
    /// The setting that names the address.
    pub key: &'static str,
    /// `udp`, `tcp`, `tls`, `ws`, `wss` or `http`.
    pub protocol: &'static str,
    /// The address as it is set.
    pub addr: SocketAddr,
    /// What the system said.
    pub cause: io::Error,
}

fn remedy(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::AddrInUse => "stop the program that has this port, or set another port",
        io::ErrorKind::AddrNotAvailable => {
            "set an address that this machine has, or 0.0.0.0 for all of them"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a privilege: set a higher one, or grant it"
        }
        _ => "set another address",
    }
}

/// Takes every SIP address once for each of `shards`. `tls` is what [`Tls::load`] gave for the same settings.
pub fn bind(
    config: &Config,
    shards: u8,
    tls: Option<&Arc<Tls>>,
) -> Result<(Vec<ShardSockets>, Vec<Bound>), BindError> {
    let mut of_shard: Vec<ShardSockets> = (0..shards)
        .map(|_| ShardSockets {
            tls: tls.map(Arc::clone),
            ..ShardSockets::default()
        })
        .collect();
    let mut bound = Vec::new();
    for transport in Transport::ALL {
        let (key, protocol) = words(transport);
        let open = if transport.is_reliable() { tcp } else { udp };
        for &addr in config.sip.addresses(transport) {
            let failed = |cause| BindError {
                key,
                protocol,
                addr,
                cause,
            };
            let (sockets, addr) = group(addr, shards, open).map_err(failed)?;
            for (shard, socket) in of_shard.iter_mut().zip(sockets) {
                if transport.is_reliable() {
                    shard.streams.push((transport, socket.into()));
                } else {
                    shard.udp.push(socket.into());
                }
            }
            bound.push(Bound { transport, addr });
        }
    }
    Ok((of_shard, bound))
}

/// The setting that names the addresses of a transport, and the name of what is spoken there.
const fn words(transport: Transport) -> (&'static str, &'static str) {
    match transport {
        Transport::Udp => ("sip.udp", "udp"),
        Transport::Tcp => ("sip.tcp", "tcp"),
        Transport::Tls => ("sip.tls", "tls"),
        Transport::Ws => ("sip.ws", "ws"),
        Transport::Wss => ("sip.wss", "wss"),
    }
}

/// Takes the address of the page.
pub fn bind_web(config: &Config) -> Result<TcpListener, BindError> {
    let addr = config.web.listen;
    let failed = |cause| BindError {
        key: "web.listen",
        protocol: "http",
        addr,
        cause,
    };
    let socket = tcp(addr, false).map_err(failed)?;
    Ok(socket.into())
}

/// One socket for each shard on the same address. The first takes it alone, so that an address which another
/// process has is an error even when that process would share it; only then is it opened to the others.
fn group(
    addr: SocketAddr,
    shards: u8,
    open: fn(SocketAddr, bool) -> io::Result<Socket>,
) -> io::Result<(Vec<Socket>, SocketAddr)> {
    let first = open(addr, false)?;
    let addr = first.local_addr()?.as_socket().unwrap_or(addr);
    if shards > 1 {
        first.set_reuse_port(true)?;
    }
    let mut sockets = vec![first];
    for _ in 1..shards {
        sockets.push(open(addr, true)?);
    }
    Ok((sockets, addr))
}

fn udp(addr: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = socket(addr, Type::DGRAM, Protocol::UDP, shared)?;
    // The kernel caps the wish at net.core.rmem_max without an error.
    socket.set_recv_buffer_size(limits::UDP_RECEIVE_BUFFER)?;
    super::udp::prepare(&socket, addr)?;
    super::unreachable::prepare(&socket, addr)?;
    socket.bind(&addr.into())?;
    Ok(socket)
}

fn tcp(addr: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = socket(addr, Type::STREAM, Protocol::TCP, shared)?;
    // A restart must not wait for the TIME_WAIT of the last run; two listeners are still refused.
    socket.set_reuse_address(true)?;
    socket.bind(&addr.into())?;
    socket.listen(limits::ACCEPT_BACKLOG)?;
    Ok(socket)
}

fn socket(addr: SocketAddr, kind: Type, protocol: Protocol, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(addr), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    if addr.is_ipv6() {
        // [::] beside 0.0.0.0: each address family has its own socket, so that no flow mixes them.
        socket.set_only_v6(true)?;
    }
    if shared {
        socket.set_reuse_port(true)?;
    }
    Ok(socket)
}
