//! The configuration as the rest of the server sees it: plain typed values, each with a default.
//!
//! One file (`Leptos.toml`), over it the environment (`CROSSPOINT__SIP__UDP=...`), over it flags. Knows
//! nothing of sockets or of who uses a value.

mod auth;
mod domains;
mod error;
mod file;
mod load;
mod network;
mod peers;
mod rules;
mod settings;
#[cfg(test)]
mod tests;
mod value;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use auth::{Auth, AuthMode, MethodRule, Realm};
pub use domains::{Dns, Domains};
pub use error::{ConfigError, ConfigErrors, Origin};
pub use load::{Loaded, Sources, load};
pub use network::{LocalNetworks, Network};
pub use peers::Peer;
pub use rules::{Blocked, Forwarding, Otherwise, SpeedDial, When};
use sip::name::Transport;

use crate::limits;

/// Everything an operator can set. [`Config::default`] runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many shards (threads) share the SIP work; 0 means one per core. [`Config::shard_count`] resolves it.
    pub shards: u8,
    /// Other servers that calls come from and go to.
    pub peers: Vec<Peer>,
    /// SIP: addresses and registration times.
    pub sip: Sip,
    /// Where requests of our users may go.
    pub proxy: Proxy,
    /// Certificates for `sip.tls` and `sip.wss`.
    pub tls: Tls,
    /// Which applications a request meets.
    pub router: Router,
    /// The page and the API.
    pub web: Web,
    /// Who may register.
    pub auth: Auth,
    /// Times of a call.
    pub calls: Calls,
    /// Bounds an operator may want to move.
    pub limits: Limits,
    /// What is kept beyond the process, and where.
    pub store: Store,
    /// What is logged, and how.
    pub log: Log,
    /// The file that was read, if there was one. It also holds Leptos' own section.
    pub file: Option<PathBuf>,
}

/// Section `[sip]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sip {
    /// Addresses that receive SIP datagrams; may be empty.
    pub udp: Vec<SocketAddr>,
    /// Addresses that accept SIP connections; may be empty.
    pub tcp: Vec<SocketAddr>,
    /// Addresses that accept SIP connections under TLS; may be empty.
    pub tls: Vec<SocketAddr>,
    /// Addresses that accept WebSockets (RFC 7118); may be empty.
    pub ws: Vec<SocketAddr>,
    /// Addresses that accept WebSockets under TLS; may be empty.
    pub wss: Vec<SocketAddr>,
    /// Sites whose pages may open a WebSocket to us, besides our own.
    pub origins: Origins,
    /// Hosts (lower case) whose AORs are ours; empty: whatever host a phone uses to reach us.
    pub domains: Vec<String>,
    /// Other domains that requests of our users may go on to, and where each is reached: comes before the DNS.
    pub hosts: Vec<NextHop>,
    /// Who is asked where the servers of other domains are.
    pub dns: Dns,
    /// Host written into Contact, Via and Record-Route in place of the address a peer reached us at, for every peer that
    /// is not of `local_networks`.
    pub advertised: Option<String>,
    /// Whose peers see the address of ours that they reach.
    pub local_networks: LocalNetworks,
    /// A shorter registration is answered 423 (RFC 3261 10.3 step 7).
    pub min_expires: Duration,
    /// For a registration that names no time (RFC 3261 10.3 step 7).
    pub default_expires: Duration,
    /// A longer registration is shortened to this.
    pub max_expires: Duration,
    /// Whether phones are told at registration to send everything through us (RFC 3608).
    pub service_route: bool,
    /// How often a phone that was promised a flow has to keep it alive (RFC 5626 section 4.4); zero: as it likes.
    pub flow_timer: Duration,
    /// How often phones on UDP are asked whether they are there; zero: never.
    pub qualify: Duration,
}

/// Sites as browsers name them, `https://phone.example.org`; `*` stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(pub Vec<String>);

/// Section `[proxy]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxy {
    /// Other domains that our users may send requests to.
    pub domains: Domains,
}

/// Section `[tls]`. All are files in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The certificate of this server, those that lead to its authority behind it; without one it signs its own.
    pub cert: Option<PathBuf>,
    /// The private key to it.
    pub key: Option<PathBuf>,
    /// Authorities one of which must have signed the certificate of whoever connects; none: nobody needs one.
    pub client_ca: Option<PathBuf>,
    /// Authorities one of which must have signed the certificate of whoever we connect to; none: we connect to nobody.
    pub peer_ca: Option<PathBuf>,
}

/// Section `[router]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Router {
    /// A file of the Default Application Router; the built-in chains without one.
    pub dar: Option<PathBuf>,
    /// Whom digits mean.
    pub speed_dial: Vec<SpeedDial>,
    /// Whose calls are refused.
    pub blocked: Vec<Blocked>,
    /// Whose calls go elsewhere.
    pub forwarded: Vec<Forwarding>,
}

/// A row of `sip.hosts`: another domain, and the server that takes its requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextHop {
    /// The domain, lower case.
    pub host: String,
    /// Its server.
    pub address: SocketAddr,
    /// Whether it is spoken to over TCP; else over UDP.
    pub tcp: bool,
}

/// Section `[web]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Address of the page, the API and the metrics.
    pub listen: SocketAddr,
    /// Names by which browsers may call the server, besides addresses and `localhost`.
    pub names: Vec<String>,
}

/// Section `[calls]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calls {
    /// How long the first phone may ring.
    pub ring_a: Duration,
    /// How long the second phone may ring. Meanwhile the first one's 200 waits for its ACK, and a phone
    /// gives up after 64 * T1 = 32 s (RFC 3261 13.3.1.4), so this stays below.
    pub ring_b: Duration,
    /// How long calls may go on after a request to stop, before they are released.
    pub drain: Duration,
    /// Whether the first phone is asked to answer by itself.
    pub auto_answer: bool,
    /// What happens when a party is in another call.
    pub when_busy: WhenBusy,
}

/// What a click does when one of the two is in another call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenBusy {
    /// Nothing: it is refused.
    Refuse,
    /// The phone rings, or says that it is busy: it knows whether its owner wants a second call.
    #[default]
    Allow,
    /// It is refused unless whoever asks insists.
    Ask,
}

/// Section `[limits]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// AORs with at least one binding.
    pub aors: u32,
    /// Bindings of one AOR.
    pub bindings_per_aor: u32,
    /// Calls at the same time.
    pub calls: u32,
    /// SIP transactions of one shard at the same time.
    pub transactions: u32,
    /// Requests that one shard is sending on at the same time.
    pub proxied: u32,
    /// Calls between phones that one shard follows at the same time.
    pub followed: u32,
    /// SIP connections at the same time.
    pub connections: u32,
    /// SIP connections from one address at the same time.
    pub connections_per_source: u32,
    /// HTTP connections at the same time, pages that follow the live feed not counted.
    pub http_connections: u32,
    /// HTTP connections from one address at the same time.
    pub http_connections_per_source: u32,
    /// Requests of one address by datagrams, to one shard in a second; 0 for any number.
    pub requests_per_source: u32,
    /// A connection on which nothing arrived for so long is closed.
    pub connection_idle: Duration,
}

/// Section `[store]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// The data directory; `None`: where the system keeps the state of programs.
    pub dir: Option<PathBuf>,
    /// Keep nothing beyond the process.
    pub ephemeral: bool,
    /// How long a change may wait for others, to be written together with them.
    pub commit_window: Duration,
}

/// Section `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// A level, or levels by module: `info,server::transport=trace`.
    pub level: String,
    /// Lines for people or for machines.
    pub format: LogFormat,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

impl Sip {
    /// Where that transport is listened for.
    pub fn addresses(&self, transport: Transport) -> &[SocketAddr] {
        match transport {
            Transport::Udp => &self.udp,
            Transport::Tcp => &self.tcp,
            Transport::Tls => &self.tls,
            Transport::Ws => &self.ws,
            Transport::Wss => &self.wss,
        }
    }
}

impl Config {
    /// Shards that really run: one per core where `shards` is 0, never more than [`limits::SHARDS`].
    pub fn shard_count(&self) -> u8 {
        let wanted = match self.shards {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            n => usize::from(n),
        };
        u8::try_from(wanted).unwrap_or(u8::MAX).min(limits::SHARDS)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            shards: 0,
            peers: Vec::new(),
            sip: Sip {
                udp: vec![SocketAddr::from(([0, 0, 0, 0], 5080))],
                tcp: vec![SocketAddr::from(([0, 0, 0, 0], 5080))],
                tls: vec![SocketAddr::from(([0, 0, 0, 0], 5081))],
                ws: vec![SocketAddr::from(([0, 0, 0, 0], 5082))],
                wss: vec![SocketAddr::from(([0, 0, 0, 0], 5083))],
                origins: Origins::default(),
                domains: Vec::new(),
                hosts: Vec::new(),
                dns: Dns::System,
                advertised: None,
                local_networks: LocalNetworks::Interfaces,
                min_expires: Duration::from_secs(60),
                default_expires: Duration::from_secs(3600),
                max_expires: Duration::from_secs(7200),
                service_route: false,
                flow_timer: Duration::from_secs(120),
                qualify: Duration::ZERO,
            },
            proxy: Proxy::default(),
            tls: Tls::default(),
            router: Router::default(),
            web: Web {
                listen: SocketAddr::from(([0, 0, 0, 0], 8080)),
                names: Vec::new(),
            },
            auth: Auth::default(),
            calls: Calls {
                ring_a: Duration::from_secs(60),
                ring_b: Duration::from_secs(25),
                drain: Duration::from_secs(10),
                auto_answer: false,
                when_busy: WhenBusy::default(),
            },
            limits: Limits {
                aors: limits::AORS,
                bindings_per_aor: limits::BINDINGS_PER_AOR,
                calls: limits::CALLS,
                transactions: limits::TRANSACTIONS,
                proxied: limits::PROXIED,
                followed: limits::FOLLOWED,
                connections: limits::CONNECTIONS,
                connections_per_source: limits::CONNECTIONS_PER_SOURCE,
                http_connections: limits::HTTP_CONNECTIONS,
                http_connections_per_source: limits::HTTP_CONNECTIONS_PER_SOURCE,
                requests_per_source: limits::REQUESTS_PER_SOURCE,
                connection_idle: limits::CONNECTION_IDLE,
            },
            store: Store {
                dir: None,
                ephemeral: false,
                commit_window: limits::COMMIT_WINDOW,
            },
            log: Log {
                level: "info".to_owned(),
                format: LogFormat::Text,
            },
            file: None,
        }
    }
}
