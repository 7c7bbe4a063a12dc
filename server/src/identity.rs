//! The hosts and addresses that are ours (RFC 3261 sections 8.2.2.1 and 16.4), and by which of them each peer knows us.
//!
//! Knows no message and nobody who is registered.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use sip::name::{Flow, Host, SentBy, UriRef};

use crate::config::{Config, Domains, LocalNetworks, Network, NextHop};
use crate::peers::Peers;

/// By what this server is known.
#[derive(Clone, Debug)]
pub struct Identity {
    domains: Vec<String>,
    advertised: Option<Arc<str>>,
    /// Whose peers reach us without a translator between.
    local: Arc<[Network]>,
    addresses: Arc<[SocketAddr]>,
    hosts: Arc<[NextHop]>,
    others: Domains,
    peers: Peers,
}

impl Identity {
    /// From the settings and the addresses at which phones reach us. Who stands in a network of the machine's interfaces
    /// is said by [`Identity::standing_in`].
    pub fn new(config: &Config, addresses: Arc<[SocketAddr]>) -> Self {
        let sip = &config.sip;
        Self {
            domains: sip.domains.clone(),
            advertised: sip.advertised.as_deref().map(Arc::from),
            local: match &sip.local_networks {
                LocalNetworks::Interfaces => Arc::default(),
                LocalNetworks::Listed(networks) => networks.as_slice().into(),
            },
            addresses,
            hosts: sip.hosts.clone().into(),
            others: config.proxy.domains.clone(),
            peers: Peers::new(&config.peers),
        }
    }

    /// The same for a machine whose interfaces are in these networks.
    #[must_use]
    pub fn standing_in(self, networks: Arc<[Network]>) -> Self {
        Self {
            local: networks,
            ..self
        }
    }

    /// What we call ourselves to the peer of a flow, wherever we name ourselves: the host that the settings advertise, but
    /// to a peer of a local network the address of ours that it reaches.
    pub fn sent_by(&self, flow: &Flow) -> SentBy<'_> {
        let peer = flow.peer.ip();
        let is_local =
            || peer.is_loopback() || self.local.iter().any(|network| network.holds(peer));
        SentBy {
            host: self.advertised.as_deref().filter(|_| !is_local()),
            local: flow.local,
        }
    }

    /// Whether a URI points at this server itself, for a peer that reaches it at `local`.
    pub fn is_us(&self, uri: UriRef<'_>, local: SocketAddr) -> bool {
        match (uri.host(), uri.socket_addr()) {
            (Host::Name(name), _) => {
                self.is_named(name)
                    || name.eq_ignore_ascii_case("localhost") && local.ip().is_loopback()
            }
            (Host::V4(_) | Host::V6(_), Some(address)) => {
                address == local
                    || self.is_advertised(address)
                    || self.addresses.contains(&address)
                    // A wildcard stands for every address of the machine; we know the one the request came to.
                    || self.addresses.iter().any(|ours| {
                        ours.ip().is_unspecified() && ours.port() == address.port() && address.ip() == local.ip()
                    })
            }
            (Host::V4(_) | Host::V6(_), None) => false,
        }
    }

    /// Whether a host by itself, as in `maddr`, is this server, for a peer that reaches it at `local`.
    pub fn is_host(&self, host: &str, local: IpAddr) -> bool {
        match Host::parse(host) {
            Some(Host::Name(name)) => self.is_named(name),
            Some(literal @ (Host::V4(_) | Host::V6(_))) => literal
                .ip()
                .is_some_and(|ip| ip == local || self.addresses.iter().any(|ours| ours.ip() == ip)),
            None => false,
        }
    }

    /// Where requests to another domain go, where the settings have its server.
    pub fn next_hop(&self, host: &str) -> Option<&NextHop> {
        let mut hosts = self.hosts.iter();
        hosts.find(|hop| bare(&hop.host).eq_ignore_ascii_case(bare(host)))
    }

    /// Whether it is another domain that our users may call.
    pub fn is_other(&self, host: &str) -> bool {
        self.next_hop(host).is_some()
            || self.others.has(host)
            || self.peers.of_domain(host).is_some()
    }

    /// Other servers that the operator knows.
    pub const fn peers(&self) -> &Peers {
        &self.peers
    }

    /// Whether AORs at this host are registered here; at any but those of others, where no domains are set.
    pub fn is_domain(&self, host: &str) -> bool {
        self.domains.is_empty() && !self.is_other(host)
            || self
                .domains
                .iter()
                .any(|domain| domain.eq_ignore_ascii_case(host))
    }

    /// The address that a translator before us has, at a port that it passes on to one of ours.
    fn is_advertised(&self, address: SocketAddr) -> bool {
        let host = self.advertised.as_deref().unwrap_or_default();
        bare(host)
            .parse()
            .is_ok_and(|ip: IpAddr| ip == address.ip())
            && self
                .addresses
                .iter()
                .any(|ours| ours.port() == address.port())
    }

    fn is_named(&self, name: &str) -> bool {
        let is = |ours: &str| ours.eq_ignore_ascii_case(name);
        self.advertised.as_deref().is_some_and(is) || self.domains.iter().any(|domain| is(domain))
    }
}

/// An address of IPv6 without the brackets that it has in a URI.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use sip::name::{ConnectionId, Transport};

    use super::*;

    fn identity(config: &Config) -> Identity {
        Identity::new(config, Arc::from([SocketAddr::from(([0, 0, 0, 0], 5080))]))
    }

    fn seen_from(identity: &Identity, peer: &str) -> String {
        let flow = Flow {
            transport: Transport::Udp,
            local: SocketAddr::from(([192, 168, 1, 10], 5080)),
            peer: peer.parse().unwrap(),
            connection: ConnectionId::NONE,
        };
        identity.sent_by(&flow).to_string()
    }

    fn sip(advertised: &str, local_networks: LocalNetworks) -> Config {
        let mut config = Config::default();
        config.sip.advertised = Some(advertised.to_owned());
        config.sip.local_networks = local_networks;
        config
    }

    #[test]
    fn who_stands_beside_us_sees_our_address_and_everybody_else_the_advertised_one() {
        let lan: Network = "192.168.1.10/24".parse().unwrap();
        let by_interface =
            identity(&sip("203.0.113.7", LocalNetworks::Interfaces)).standing_in(Arc::from([lan]));
        let listed = identity(&sip("203.0.113.7", LocalNetworks::Listed(vec![lan])));
        for identity in [by_interface, listed] {
            for (peer, host) in [
                ("192.168.1.20:5060", "192.168.1.10:5080"),
                ("127.0.0.1:5060", "192.168.1.10:5080"),
                ("192.168.2.20:5060", "203.0.113.7:5080"),
                ("198.51.100.9:5060", "203.0.113.7:5080"),
            ] {
                assert_eq!(seen_from(&identity, peer), host, "{peer}");
            }
        }
        let nobody = identity(&sip("pbx.example", LocalNetworks::Listed(Vec::new())));
        assert_eq!(seen_from(&nobody, "192.168.1.20:5060"), "pbx.example:5080");
        let plain = identity(&Config::default());
        assert_eq!(seen_from(&plain, "198.51.100.9:5060"), "192.168.1.10:5080");
    }

    #[test]
    fn what_we_call_ourselves_is_ours_in_a_route() {
        let local = SocketAddr::from(([192, 168, 1, 10], 5080));
        for (advertised, uri, ours) in [
            ("203.0.113.7", "sip:token@203.0.113.7:5080;lr", true),
            ("203.0.113.7", "sip:token@203.0.113.7:5090;lr", false),
            ("203.0.113.7", "sip:token@203.0.113.8:5080;lr", false),
            ("[2001:db8::7]", "sip:token@[2001:db8::7]:5080;lr", true),
            ("pbx.example", "sip:token@PBX.example:5080;lr", true),
        ] {
            let identity = identity(&sip(advertised, LocalNetworks::Interfaces));
            let parsed = UriRef::parse(uri).unwrap();
            assert_eq!(identity.is_us(parsed, local), ours, "{uri}");
        }
    }
}
