//! From a URI to its servers (RFC 3263 sections 4.1 and 4.2).
//!
//! ```text
//! address                         that address
//! name, port                      A and AAAA of the name
//! name, transport                 SRV of that transport; none: A and AAAA, the default port
//! name                            NAPTR, then SRV of the one it prefers; none: SRV of each transport;
//!                                 none: A and AAAA, the default transport and port
//! ```

use std::net::{IpAddr, SocketAddr};

use sip::name::Transport;

use super::answers::{Answers, Naptr, Question};
use super::srv::ordered;
use super::{Means, Server, Sought};
use crate::limits;

/// What has to be asked before the servers can be told. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(pub Vec<Question>);

impl From<Question> for Missing {
    fn from(question: Question) -> Self {
        Self(vec![question])
    }
}

/// The order in which the transports of a domain are tried that prefers none itself: encrypted where the peer can prove
/// who it is, else datagrams, which every server takes (RFC 3261 section 18).
const PREFERENCE: [Transport; 3] = [Transport::Tls, Transport::Udp, Transport::Tcp];

/// The servers of what is sought, best first, at most [`limits::SERVERS`]; none if there is none that we can speak to.
/// `random(n)` is any of `0..=n`.
pub fn locate(
    sought: &Sought,
    means: Means,
    answers: &Answers,
    random: &mut dyn FnMut(u32) -> u32,
) -> Result<Vec<Server>, Missing> {
    let mut found = Search {
        sought,
        means,
        answers,
        random,
    }
    .servers()?;
    found.truncate(limits::SERVERS);
    Ok(found)
}

struct Search<'a> {
    sought: &'a Sought,
    means: Means,
    answers: &'a Answers,
    random: &'a mut dyn FnMut(u32) -> u32,
}

impl Search<'_> {
    fn servers(&mut self) -> Result<Vec<Server>, Missing> {
        let sought = self.sought;
        let host = &*sought.host;
        if sought.transport.is_some_and(|it| !self.is_usable(it)) {
            return Ok(Vec::new());
        }
        let transport = sought.transport.or_else(|| self.default_transport());
        let Some(transport) = transport else {
            return Ok(Vec::new());
        };
        let port = sought.port.unwrap_or_else(|| default_port(transport));
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(self.reachable(&[ip], transport, port));
        }
        if sought.port.is_none() {
            let found = match sought.transport {
                Some(_) => self.by_service(&service(transport, host), transport)?,
                None => self.by_preference(host)?,
            };
            if let Some(servers) = found {
                return Ok(servers);
            }
        }
        self.by_name(host, transport, port)
    }

    /// `None` where no service is announced, in whatever way.
    fn by_preference(&mut self, host: &str) -> Result<Option<Vec<Server>>, Missing> {
        let mut offers: Vec<&Naptr> = self.answers.naptr(host)?.iter().collect();
        offers.sort_by_key(|offer| (offer.order, offer.preference));
        offers.truncate(limits::DNS_ANSWERS);
        for offer in offers {
            if let Some(transport) = self.offered(offer) {
                let found = self.by_service(&offer.replacement, transport)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        let usable = PREFERENCE.into_iter().filter(|it| self.is_usable(*it));
        let usable: Vec<_> = usable.collect();
        let asked = usable.iter().map(|transport| service(*transport, host));
        let missing = asked.filter_map(|name| self.answers.srv(&name).err());
        let missing: Vec<_> = missing.collect();
        if !missing.is_empty() {
            return Err(Missing(missing));
        }
        for transport in usable {
            let found = self.by_service(&service(transport, host), transport)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The transport of a NAPTR record, if it is one for us (section 4.1).
    fn offered(&self, offer: &Naptr) -> Option<Transport> {
        let is = |service: &str| offer.service.eq_ignore_ascii_case(service);
        let transport = match () {
            () if !offer.flags.eq_ignore_ascii_case("s") => return None,
            () if is("SIPS+D2T") => Transport::Tls,
            () if is("SIP+D2T") => Transport::Tcp,
            () if is("SIP+D2U") => Transport::Udp,
            () => return None,
        };
        self.is_usable(transport).then_some(transport)
    }

    /// By SRV records (section 4.2); `None` where there are none.
    fn by_service(
        &mut self,
        name: &str,
        transport: Transport,
    ) -> Result<Option<Vec<Server>>, Missing> {
        let records = self.answers.srv(name)?;
        if records.is_empty() {
            return Ok(None);
        }
        let most = records.len().min(limits::DNS_ANSWERS);
        let order = ordered(&records[..most], self.random);
        let (mut servers, mut missing) = (Vec::new(), Vec::new());
        for record in order.iter().filter(|record| !record.target.is_empty()) {
            match self.by_name(&record.target, transport, record.port) {
                Ok(found) => servers.extend(found),
                Err(Missing(questions)) => missing.extend(questions),
            }
        }
        missing.sort();
        missing.dedup();
        if missing.is_empty() {
            Ok(Some(servers))
        } else {
            Err(Missing(missing))
        }
    }

    /// By A and AAAA records: of the families that are spoken here, IPv6 first (RFC 6724 section 2.1).
    fn by_name(&self, host: &str, transport: Transport, port: u16) -> Result<Vec<Server>, Missing> {
        let (mut servers, mut missing) = (Vec::new(), Vec::new());
        let families = [
            (self.means.v6, Question::V6(host.into())),
            (self.means.v4, Question::V4(host.into())),
        ];
        for (_, question) in families.into_iter().filter(|(is_spoken, _)| *is_spoken) {
            match self.answers.addresses(question) {
                Ok(addresses) => servers.extend(self.reachable(addresses, transport, port)),
                Err(question) => missing.push(question),
            }
        }
        if missing.is_empty() {
            Ok(servers)
        } else {
            Err(Missing(missing))
        }
    }

    fn reachable(&self, addresses: &[IpAddr], transport: Transport, port: u16) -> Vec<Server> {
        let family = |ip: &&IpAddr| match ip {
            IpAddr::V4(_) => self.means.v4,
            IpAddr::V6(_) => self.means.v6,
        };
        let usable = addresses.iter().filter(family).take(limits::DNS_ANSWERS);
        let server = |ip: &IpAddr| Server {
            transport,
            address: SocketAddr::new(*ip, port),
        };
        usable.map(server).collect()
    }

    /// Section 4.1: UDP for `sip:`, TLS for `sips:`; TCP where no datagrams are spoken here.
    fn default_transport(&self) -> Option<Transport> {
        let preferred = match self.sought.is_secure {
            true => [Transport::Tls, Transport::Tls],
            false => [Transport::Udp, Transport::Tcp],
        };
        preferred.into_iter().find(|it| self.means.speaks(*it))
    }

    fn is_usable(&self, transport: Transport) -> bool {
        self.means.speaks(transport) && (transport == Transport::Tls || !self.sought.is_secure)
    }
}

fn service(transport: Transport, host: &str) -> String {
    match transport {
        Transport::Udp => format!("_sip._udp.{host}"),
        Transport::Tls | Transport::Wss => format!("_sips._tcp.{host}"),
        Transport::Tcp | Transport::Ws => format!("_sip._tcp.{host}"),
    }
}

const fn default_port(transport: Transport) -> u16 {
    match transport {
        Transport::Tls | Transport::Wss => 5061,
        Transport::Udp | Transport::Tcp | Transport::Ws => 5060,
    }
}
