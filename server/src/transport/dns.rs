//! The DNS: one question, the records of its answer. Keeps answers for as long as they say, nothings too (RFC 2308).
//! Knows no SIP.

use std::cell::OnceCell;
use std::io;
use std::net::SocketAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use crate::config;
use crate::limits;
use crate::locate::{Naptr, Question, Records, Srv};

/// The system's list of name servers.
const SYSTEM: &str = "/etc/resolv.conf";

/// Asks name servers.
pub(crate) struct Dns {
    setting: config::Dns,
    /// Made when it is first needed, which it never is where no other domain may be called.
    resolver: OnceCell<Option<TokioResolver>>,
}

/// No answer came, or none that says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoAnswer;

impl Dns {
    /// One that asks whom the settings name. Without anybody to ask it says that there is nothing.
    pub(crate) const fn new(setting: config::Dns) -> Self {
        Self {
            setting,
            resolver: OnceCell::new(),
        }
    }

    fn resolver(&self) -> Option<TokioResolver> {
        let servers = match &self.setting {
            config::Dns::Off => return None,
            config::Dns::Servers(servers) => servers.clone(),
            config::Dns::System => of_system().unwrap_or_else(|error| {
                tracing::warn!(%error, "no name servers found in {SYSTEM}: other domains are not; set `sip.dns`");
                Vec::new()
            }),
        };
        if servers.is_empty() {
            return None;
        }
        let servers = servers.into_iter().map(name_server).collect();
        let mut builder = TokioResolver::builder_with_config(
            ResolverConfig::from_name_servers(servers),
            TokioRuntimeProvider::default(),
        );
        let options = builder.options_mut();
        options.timeout = limits::DNS_TIME;
        options.attempts = 2;
        options.cache_size = limits::DNS_CACHE;
        options.positive_max_ttl = Some(limits::DNS_KEPT);
        options.negative_max_ttl = Some(limits::DNS_NOTHING_KEPT);
        options.use_hosts_file = ResolveHosts::Always;
        let resolver = builder.build();
        if let Err(error) = &resolver {
            tracing::error!(%error, "no resolver: other domains are not found");
        }
        resolver.ok()
    }

    /// The records; empty where it is known that there are none.
    pub(crate) async fn ask(&self, question: &Question) -> Result<Records, NoAnswer> {
        let (name, kind) = match question {
            Question::Naptr(name) => (name, RecordType::NAPTR),
            Question::Srv(name) => (name, RecordType::SRV),
            Question::V4(name) => (name, RecordType::A),
            Question::V6(name) => (name, RecordType::AAAA),
        };
        let resolver = self.resolver.get_or_init(|| self.resolver());
        let found = match (resolver, fully_qualified(name)) {
            (Some(resolver), Some(name)) => match resolver.lookup(name, kind).await {
                Ok(found) => found.answers().to_vec(),
                Err(error) if is_nothing(&error, question) => Vec::new(),
                Err(error) => {
                    tracing::debug!(?question, %error, "no answer of the DNS");
                    return Err(NoAnswer);
                }
            },
            (None, _) | (_, None) => Vec::new(),
        };
        let data = found.iter().map(|record| &record.data);
        Ok(match question {
            Question::Naptr(_) => Records::Naptr(data.filter_map(naptr).collect()),
            Question::Srv(_) => Records::Srv(data.filter_map(srv).collect()),
            Question::V4(_) | Question::V6(_) => {
                Records::Addresses(data.filter_map(RData::ip_addr).collect())
            }
        })
    }
}

fn of_system() -> io::Result<Vec<SocketAddr>> {
    let text = std::fs::read(SYSTEM)?;
    let parsed = resolv_conf::Config::parse(text).map_err(io::Error::other)?;
    let addresses = parsed.nameservers.iter();
    Ok(addresses
        .map(|address| SocketAddr::new(address.into(), 53))
        .collect())
}

fn name_server(address: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    let connections = connections.into_iter().map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.collect())
}

/// No domain of this machine is tried behind it: what a caller dials must not depend on where we stand.
fn fully_qualified(name: &str) -> Option<Name> {
    let mut name = Name::from_ascii(name).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// Name servers that do not know NAPTR say so in many ways; what follows without it is as good (RFC 3263 section 4.1).
fn is_nothing(error: &NetError, question: &Question) -> bool {
    let is_refused = matches!(
        error,
        NetError::Dns(DnsError::ResponseCode(
            ResponseCode::NotImp
                | ResponseCode::FormErr
                | ResponseCode::ServFail
                | ResponseCode::Refused
        ))
    );
    error.is_no_records_found() || is_refused && matches!(question, Question::Naptr(_))
}

fn naptr(data: &RData) -> Option<Naptr> {
    let RData::NAPTR(record) = data else {
        return None;
    };
    let text = |octets: &[u8]| {
        String::from_utf8_lossy(octets)
            .into_owned()
            .into_boxed_str()
    };
    Some(Naptr {
        order: record.order,
        preference: record.preference,
        flags: text(&record.flags),
        service: text(&record.services),
        replacement: plain(&record.replacement),
    })
}

fn srv(data: &RData) -> Option<Srv> {
    let RData::SRV(record) = data else {
        return None;
    };
    Some(Srv {
        priority: record.priority,
        weight: record.weight,
        port: record.port,
        target: plain(&record.target),
    })
}

/// Lower case, without a dot at the end.
fn plain(name: &Name) -> Box<str> {
    let text = name.to_lowercase().to_ascii();
    text.trim_end_matches('.').into()
}
