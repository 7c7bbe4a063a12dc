//! The hosts and addresses that are ours (RFC 3261 sections 8.2.2.1 and 16.4).
//!
//! Knows no message and nobody who is registered.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use sip::name::{Host, UriRef};

use crate::config::{Config, Domains, NextHop};
use crate::peers::Peers;

/// By what this server is known.
#[derive(Clone, Debug)]
pub struct Identity {
    domains: Vec<String>,
    advertised: Option<Arc<str>>,
    addresses: Arc<[SocketAddr]>,
    hosts: Arc<[NextHop]>,
    others: Domains,
    peers: Peers,
}

impl Identity {
    /// From the settings and the addresses at which phones reach us.
    pub fn new(config: &Config, addresses: Arc<[SocketAddr]>) -> Self {
        let sip = &config.sip;
        Self {
            domains: sip.domains.clone(),
            advertised: sip.advertised.as_deref().map(Arc::from),
            addresses,
            hosts: sip.hosts.clone().into(),
            others: config.proxy.domains.clone(),
            peers: Peers::new(&config.peers),
        }
    }

    /// The host that peers are told to send to, where it is not the address they reach us at.
    pub fn advertised(&self) -> Option<&str> {
        self.advertised.as_deref()
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

    fn is_named(&self, name: &str) -> bool {
        let is = |ours: &str| ours.eq_ignore_ascii_case(name);
        self.advertised().is_some_and(is) || self.domains.iter().any(|domain| is(domain))
    }
}

/// An address of IPv6 without the brackets that it has in a URI.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}
