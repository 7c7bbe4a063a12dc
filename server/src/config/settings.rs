//! The table of all settings: key, meaning, type, range. Everything else about a key follows from its row.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::value::{Found, Value};
use super::{Config, ConfigError, Origin};
use crate::limits;

/// One row.
pub(super) struct Setting {
    /// Section and name, as in `sip.udp`.
    pub(super) key: &'static str,
    /// What it is for, in one line.
    pub(super) about: &'static str,
    /// What a right value looks like.
    pub(super) right: fn() -> String,
    /// Puts a value in its place; `None` when it is none.
    pub(super) assign: fn(&mut Config, &Found) -> Option<()>,
    /// The value in force.
    pub(super) show: fn(&Config) -> Found,
}

macro_rules! setting {
    ($key:literal, $($field:ident).+, $about:literal) => {
        Setting {
            key: $key,
            about: $about,
            right: || right(|config: &Config| &config.$($field).+).to_owned(),
            assign: |config, found| {
                config.$($field).+ = Value::read(found)?;
                Some(())
            },
            show: |config| config.$($field).+.show(),
        }
    };
    ($key:literal, $($field:ident).+ in $range:expr, $about:literal) => {
        Setting {
            key: $key,
            about: $about,
            right: || format!("{}, {}", right(|config: &Config| &config.$($field).+), span(&$range)),
            assign: |config, found| {
                let value = Value::read(found)?;
                $range.contains(&value).then(|| config.$($field).+ = value)
            },
            show: |config| config.$($field).+.show(),
        }
    };
}

/// [`Value::RIGHT`] of the type of a field.
fn right<T: Value>(_field: fn(&Config) -> &T) -> &'static str {
    T::RIGHT
}

fn span<T: Value>(range: &RangeInclusive<T>) -> impl Display {
    format!("from {} to {}", range.start().show(), range.end().show())
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Every key there is, in the order in which `crosspoint check` prints them.
#[rustfmt::skip]
pub(super) const SETTINGS: &[Setting] = &[
    setting!("shards", shards in 0..=limits::SHARDS, "threads that share the SIP work; 0 means one per core"),
    setting!("peers", peers, "other servers that calls come from and go to, one [[peers]] for each"),

    setting!("sip.udp", sip.udp, "addresses that receive SIP datagrams"),
    setting!("sip.tcp", sip.tcp, "addresses that accept SIP connections"),
    setting!("sip.tls", sip.tls, "addresses that accept SIP connections under TLS"),
    setting!("sip.ws", sip.ws, "addresses that accept WebSockets of browser phones"),
    setting!("sip.wss", sip.wss, "addresses that accept WebSockets of browser phones under TLS"),
    setting!("sip.origins", sip.origins, "other sites whose pages may open a WebSocket for SIP; \"*\" means any"),
    setting!("sip.domains", sip.domains, "hosts whose addresses of record are ours; empty means any"),
    setting!("sip.hosts", sip.hosts, "other domains that our users may call, with the address of the server of each"),
    setting!("sip.dns", sip.dns, "name servers that are asked where other domains are"),
    setting!("sip.advertised", sip.advertised, "host that phones are told to send to, where the own address is not reachable"),
    setting!("sip.local_networks", sip.local_networks, "networks whose phones see the own address all the same; \"interfaces\" means those this machine stands in"),
    setting!("sip.min_expires", sip.min_expires in secs(1)..=secs(86_400), "shortest registration; a shorter one is answered 423"),
    setting!("sip.default_expires", sip.default_expires in secs(1)..=secs(604_800), "registration that names no time"),
    setting!("sip.max_expires", sip.max_expires in secs(1)..=secs(604_800), "longest registration; a longer one is shortened"),
    setting!("sip.service_route", sip.service_route, "tell phones at registration to send everything through this server (RFC 3608)"),
    setting!("sip.flow_timer", sip.flow_timer in secs(0)..=secs(3_600), "how often a phone that keeps a flow (RFC 5626) has to say so, or its registration goes; 0s lets it be silent"),
    setting!("sip.qualify", sip.qualify in secs(0)..=secs(3_600), "how often phones on UDP are asked by OPTIONS whether they are there; 0s means never"),

    setting!("proxy.domains", proxy.domains, "other domains that our users may call, found by DNS; \"*\" means any"),

    setting!("tls.cert", tls.cert, "certificate of this server in PEM, its chain behind it; without one it signs its own"),
    setting!("tls.key", tls.key, "private key to it, in PEM"),
    setting!("tls.client_ca", tls.client_ca, "authorities in PEM that must have signed the certificate of whoever connects; without any nobody needs one"),
    setting!("tls.peer_ca", tls.peer_ca, "authorities in PEM that must have signed the certificate of whoever we connect to by TLS; without any we connect to nobody"),

    setting!("router.dar", router.dar, "application router file (JSR 289); checked by `crosspoint dar check`"),
    setting!("router.speed_dial", router.speed_dial, "digits that phones may dial for an address"),
    setting!("router.blocked", router.blocked, "callers whose calls between phones are refused"),
    setting!("router.forwarded", router.forwarded, "parties whose calls go to another one: always, or when busy, unreachable or not answering"),

    setting!("web.listen", web.listen, "address of the page, the API and the metrics"),
    setting!("web.names", web.names, "names by which browsers may call the server, besides its addresses and localhost"),

    setting!("auth.mode", auth.mode, "how a phone proves who it is"),
    setting!("auth.realm", auth.realm, "realm of users and passwords; after a change each password has to be set again"),
    setting!("auth.algorithms", auth.algorithms, "how phones may prove a password, in the order in which it is offered"),
    setting!("auth.methods", auth.methods, "requests that need a password; METHOD:role those that need a role too"),
    setting!("auth.nonce_lifetime", auth.nonce_lifetime in secs(10)..=secs(86_400), "how long a phone may use one challenge"),
    setting!("auth.slow_after", auth.slow_after in 1_u32..=1_000, "wrong passwords after which one address or user has to wait"),
    setting!("auth.ban_after", auth.ban_after in 0_u32..=10_000, "wrong passwords after which one address or user is banned; 0 means never, nor slowness"),
    setting!("auth.ban_time", auth.ban_time in secs(1)..=secs(604_800), "how long a ban lasts"),

    setting!("calls.ring_a", calls.ring_a in secs(1)..=secs(180), "how long the first phone may ring"),
    setting!("calls.ring_b", calls.ring_b in secs(1)..=secs(30), "how long the second phone may ring"),
    setting!("calls.drain", calls.drain in secs(0)..=secs(86_400), "how long calls may go on after a request to stop"),
    setting!("calls.auto_answer", calls.auto_answer, "ask the phone that rings first to answer by itself"),
    setting!("calls.when_busy", calls.when_busy, "what a click does when a party is in another call; \"ask\" refuses unless the request insists"),

    setting!("limits.aors", limits.aors in 1_u32..=10_000_000, "addresses of record with a phone"),
    setting!("limits.bindings_per_aor", limits.bindings_per_aor in 1_u32..=100, "phones of one address of record"),
    setting!("limits.calls", limits.calls in 1_u32..=1_000_000, "calls at the same time"),
    setting!("limits.transactions", limits.transactions in 1_u32..=10_000_000, "SIP transactions of one shard at the same time"),
    setting!("limits.proxied", limits.proxied in 1_u32..=10_000_000, "requests that one shard is sending on at the same time"),
    setting!("limits.followed", limits.followed in 0_u32..=1_000_000, "calls between phones that one shard shows on the board at the same time"),
    setting!("limits.connections", limits.connections in 1_u32..=1_000_000, "SIP connections at the same time"),
    setting!("limits.connections_per_source", limits.connections_per_source in 1_u32..=1_000_000, "SIP connections from one address at the same time"),
    setting!("limits.http_connections", limits.http_connections in 1_u32..=1_000_000, "HTTP connections at the same time, pages that follow the board not counted"),
    setting!("limits.http_connections_per_source", limits.http_connections_per_source in 1_u32..=1_000_000, "HTTP connections from one address at the same time"),
    setting!("limits.requests_per_source", limits.requests_per_source in 0_u32..=10_000_000, "requests of one address by UDP, to one shard in a second; 0 means any number"),
    setting!("limits.connection_idle", limits.connection_idle in secs(1)..=secs(1_209_600), "a SIP connection on which nothing arrived for so long is closed"),

    setting!("store.dir", store.dir, "data directory; empty means the one that the system has for it"),
    setting!("store.ephemeral", store.ephemeral, "keep registrations in memory only; users and bans too"),
    setting!("store.commit_window", store.commit_window in millis(1)..=millis(10_000), "how long a change may wait to be written together with others"),

    setting!("log.level", log.level, "what is logged; levels by module are possible"),
    setting!("log.format", log.format, "lines for people or for machines"),
];

/// The row of `key`, by its number in [`SETTINGS`].
pub(super) fn find(key: &str) -> Option<usize> {
    SETTINGS.iter().position(|setting| setting.key == key)
}

/// The known key that looks most like `key`. A name in the wrong section counts as near.
pub(super) fn nearest(key: &str) -> &'static str {
    let name = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
    let distance = |known: &str| {
        let whole = strsim::damerau_levenshtein(known, key);
        let alone = strsim::damerau_levenshtein(&name(known), &name(key)) + 1;
        whole.min(alone)
    };
    SETTINGS
        .iter()
        .map(|setting| setting.key)
        .min_by_key(|known| distance(known))
        .unwrap_or_default()
}

/// What no single row can say: values that exclude each other.
pub(super) fn contradictions(
    config: &Config,
    origin_of: impl Fn(&str) -> Origin,
) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    let mut must = |holds: bool, key: &'static str, right: String| {
        if let (false, Some(row)) = (holds, find(key)) {
            let found = (SETTINGS[row].show)(config).to_string();
            errors.push(ConfigError::Wrong {
                origin: origin_of(key),
                key,
                found,
                right,
            });
        }
    };
    let sip = &config.sip;
    must(
        [&sip.udp, &sip.tcp, &sip.tls, &sip.ws, &sip.wss]
            .iter()
            .any(|addresses| !addresses.is_empty()),
        "sip.udp",
        "at least one address while no other transport has one, such as [\"0.0.0.0:5080\"]"
            .to_owned(),
    );
    must(
        !config.proxy.domains.is_any() || !sip.domains.is_empty(),
        "proxy.domains",
        "a list of domains while `sip.domains` is empty: without it nobody knows which domains are other ones"
            .to_owned(),
    );
    must(
        config.tls.cert.is_none() || config.tls.key.is_some(),
        "tls.key",
        "the file with the private key while `tls.cert` names a certificate".to_owned(),
    );
    must(
        config.tls.key.is_none() || config.tls.cert.is_some(),
        "tls.cert",
        "the file with the certificate while `tls.key` names a private key".to_owned(),
    );
    must(
        sip.min_expires <= sip.default_expires,
        "sip.min_expires",
        format!(
            "no longer than `sip.default_expires`, which is {}",
            sip.default_expires.show()
        ),
    );
    must(
        sip.default_expires <= sip.max_expires,
        "sip.default_expires",
        format!(
            "no longer than `sip.max_expires`, which is {}",
            sip.max_expires.show()
        ),
    );
    must(
        config.limits.connection_idle > sip.max_expires,
        "limits.connection_idle",
        format!(
            "longer than `sip.max_expires`, which is {}: a phone may be silent until it registers again",
            sip.max_expires.show()
        ),
    );
    errors
}
