//! The addresses of this machine, for people who have to type one, and the networks it stands in. Sends nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;

use crate::config::Network;

/// The addresses by which others can reach what is bound to `addr`, the most useful one first. Loopback only where
/// there is nothing else.
pub fn reachable(addr: SocketAddr) -> Vec<SocketAddr> {
    if !addr.ip().is_unspecified() {
        return vec![addr];
    }
    let routed = routed();
    let mut addresses = own(addr.is_ipv4());
    addresses.sort_by_key(|&ip| (Some(ip) != routed, !is_private(ip), ip));
    if addresses.is_empty() {
        addresses.push(if addr.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    addresses
        .into_iter()
        .map(|ip| SocketAddr::new(ip, addr.port()))
        .collect()
}

/// The networks of all interfaces that are up, loopback included.
pub(crate) fn networks() -> Vec<Network> {
    let Ok(interfaces) = getifaddrs() else {
        return Vec::new();
    };
    interfaces
        .filter(|interface| interface.flags.contains(InterfaceFlags::IFF_UP))
        .filter_map(|interface| {
            let address = ip(&interface.address?)?;
            let bits = match ip(&interface.netmask?)? {
                IpAddr::V4(mask) => mask.to_bits().leading_ones(),
                IpAddr::V6(mask) => mask.to_bits().leading_ones(),
            };
            Network::new(address, u8::try_from(bits).ok()?)
        })
        .collect()
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = || address.as_sockaddr_in().map(|v4| IpAddr::from(v4.ip()));
    let v6 = || address.as_sockaddr_in6().map(|v6| IpAddr::from(v6.ip()));
    v4().or_else(v6)
}

/// Addresses of all interfaces that are up.
fn own(v4: bool) -> Vec<IpAddr> {
    let Ok(interfaces) = getifaddrs() else {
        return Vec::new();
    };
    let mut addresses: Vec<IpAddr> = interfaces
        .filter(|interface| interface.flags.contains(InterfaceFlags::IFF_UP))
        .filter_map(|interface| ip(&interface.address?))
        .filter(|ip| ip.is_ipv4() == v4 && !ip.is_loopback() && !is_link_local(*ip))
        .collect();
    addresses.dedup();
    addresses
}

/// The address from which the default route starts: where most phones look for us.
fn routed() -> Option<IpAddr> {
    // TEST-NET-1 (RFC 5737): an address that is nobody's.
    route_to(SocketAddr::from(([192, 0, 2, 1], 9)))
}

/// The address of ours from which the way to `peer` starts; `None` where there is no way. Connecting a datagram socket
/// only asks the routing table.
pub(crate) fn route_to(peer: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = match peer {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(peer).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

/// Useless without the name of an interface, which no phone asks for.
fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_becomes_addresses_that_can_be_typed() {
        for wildcard in ["0.0.0.0:5080", "[::]:5080"] {
            let addresses = reachable(wildcard.parse().unwrap());
            assert!(!addresses.is_empty());
            assert!(
                addresses
                    .iter()
                    .all(|addr| !addr.ip().is_unspecified() && addr.port() == 5080),
                "{addresses:?}"
            );
        }
    }

    #[test]
    fn this_machine_stands_in_the_network_of_its_loopback() {
        let loopback = Ipv4Addr::LOCALHOST.into();
        assert!(networks().iter().any(|network| network.holds(loopback)));
    }

    #[test]
    fn an_address_stands_for_itself() {
        let one = "127.0.0.1:5080".parse().unwrap();
        assert_eq!(reachable(one), [one]);
    }
}
