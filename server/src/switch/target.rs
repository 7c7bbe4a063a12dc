//! Who a request is for (RFC 3261 sections 8.2.2.1 and 16.4).

use std::net::SocketAddr;
use std::sync::Arc;

use sip::msg::Message;
use sip::name::{Aor, Flow, Host, UriRef};

use crate::config::Sip;

/// The hosts and addresses that are ours.
#[derive(Debug)]
pub(super) struct Identity {
    domains: Vec<String>,
    advertised: Option<String>,
    addresses: Arc<[SocketAddr]>,
}

/// Who a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// This server.
    Server,
    /// Somebody who may be registered here.
    Phone(Aor),
    /// Somebody we only stand on the way to.
    Elsewhere,
}

impl Identity {
    pub(super) fn new(sip: &Sip, addresses: Arc<[SocketAddr]>) -> Self {
        Self {
            domains: sip.domains.clone(),
            advertised: sip.advertised.clone(),
            addresses,
        }
    }

    /// Who the request, which came by `flow`, is for once the Route values that name us are taken away.
    ///
    /// A phone whose outbound proxy we are puts us there itself (section 8.1.2).
    pub(super) fn target(&self, request: &Message, flow: &Flow) -> Target {
        let mut routes = request
            .routes()
            .map(|route| route.and_then(|route| route.uri()));
        if routes.any(|uri| !uri.is_ok_and(|uri| self.is_us(uri, flow))) {
            return Target::Elsewhere;
        }
        match request.uri() {
            Ok(uri) if uri.user().is_some() => match Aor::from_uri(uri) {
                Ok(aor) if self.is_domain(aor.host()) || self.is_us(uri, flow) => {
                    Target::Phone(aor)
                }
                Ok(_) | Err(_) => Target::Elsewhere,
            },
            Ok(uri) if self.is_us(uri, flow) || self.is_domain(&uri.host().to_string()) => {
                Target::Server
            }
            Ok(_) | Err(_) => Target::Elsewhere,
        }
    }

    /// Whether a URI points at this server itself.
    fn is_us(&self, uri: UriRef<'_>, flow: &Flow) -> bool {
        match (uri.host(), uri.socket_addr()) {
            (Host::Name(name), _) => {
                self.is_named(name)
                    || name.eq_ignore_ascii_case("localhost") && flow.local.ip().is_loopback()
            }
            (Host::V4(_) | Host::V6(_), Some(address)) => {
                address == flow.local
                    || self.addresses.contains(&address)
                    // A wildcard stands for every address of the machine; we know the one the request came to.
                    || self.addresses.iter().any(|ours| {
                        ours.ip().is_unspecified() && ours.port() == address.port() && address.ip() == flow.local.ip()
                    })
            }
            (Host::V4(_) | Host::V6(_), None) => false,
        }
    }

    fn is_named(&self, name: &str) -> bool {
        let is = |ours: &String| ours.eq_ignore_ascii_case(name);
        self.advertised.as_ref().is_some_and(is) || self.domains.iter().any(is)
    }

    /// Whether AORs at this host are registered here; at any, where no domains are set.
    fn is_domain(&self, host: &str) -> bool {
        self.domains.is_empty()
            || self
                .domains
                .iter()
                .any(|domain| domain.eq_ignore_ascii_case(host))
    }
}
