//! `/metrics`: what is counted, in the Prometheus text format 0.0.4.

use std::fmt::{self, Write};

use app::model::{EndedBy, Outcome};
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::{Web, process};
use crate::live::{Census, SETUP_BUCKETS};
use crate::runtime::Counters;
use crate::store::Health;
use crate::transport::Counter;

/// One family of samples: name, kind, help, and the label and counter of each sample.
type Family = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, fn(&Counters) -> &Counter)],
);

/// What each shard counts. Names are part of the contract with dashboards.
const FAMILIES: &[Family] = &[
    (
        "crosspoint_messages_received_total",
        "counter",
        "SIP messages received",
        &[
            ("transport=\"udp\"", |c| &c.traffic.udp_received),
            ("transport=\"stream\"", |c| &c.traffic.stream_received),
        ],
    ),
    (
        "crosspoint_messages_sent_total",
        "counter",
        "SIP messages sent",
        &[
            ("transport=\"udp\"", |c| &c.traffic.udp_sent),
            ("transport=\"stream\"", |c| &c.traffic.stream_sent),
        ],
    ),
    (
        "crosspoint_messages_unsent_total",
        "counter",
        "SIP messages that could not be sent",
        &[
            ("transport=\"udp\"", |c| &c.traffic.udp_unsent),
            ("transport=\"stream\"", |c| &c.traffic.stream_unsent),
        ],
    ),
    (
        "crosspoint_unframeable_total",
        "counter",
        "Datagrams and connections given up because their bytes are no SIP",
        &[("", |c| &c.traffic.unframeable)],
    ),
    (
        "crosspoint_connections",
        "gauge",
        "SIP connections open now",
        &[("", |c| &c.traffic.connections)],
    ),
    (
        "crosspoint_connections_refused_total",
        "counter",
        "SIP connections refused because a limit was reached",
        &[("", |c| &c.traffic.refused)],
    ),
    (
        "crosspoint_overload_total",
        "counter",
        "Messages a shard that was behind did not take",
        &[
            ("action=\"refused\"", |c| &c.overload_refused),
            ("action=\"dropped\"", |c| &c.overload_dropped),
        ],
    ),
    (
        "crosspoint_over_rate_total",
        "counter",
        "SIP requests dropped because their source sent too many by UDP",
        &[("", |c| &c.traffic.udp_over_rate)],
    ),
    (
        "crosspoint_stun_answered_total",
        "counter",
        "STUN binding requests answered",
        &[("", |c| &c.traffic.stun)],
    ),
    (
        "crosspoint_handshakes_failed_total",
        "counter",
        "SIP connections that did not get through their handshake (TLS, WebSocket)",
        &[("", |c| &c.traffic.unshaken)],
    ),
    (
        "crosspoint_events_waited_total",
        "counter",
        "Events that had to wait for the board, and their shard with them",
        &[("", |c| &c.events_waited)],
    ),
    (
        "crosspoint_transactions",
        "gauge",
        "SIP transactions held now",
        &[("", |c| &c.transactions)],
    ),
    (
        "crosspoint_calls",
        "gauge",
        "Calls held now, ringing ones included, by where they were placed",
        &[
            ("placed=\"board\"", |c| &c.calls),
            ("placed=\"phone\"", |c| &c.followed),
        ],
    ),
    (
        "crosspoint_proxied",
        "gauge",
        "SIP requests being sent on now",
        &[("", |c| &c.proxied)],
    ),
];

/// Everything that is counted, now.
pub(super) async fn metrics(State(web): State<Web>) -> impl IntoResponse {
    let mut text = Exposition(String::with_capacity(16 << 10));
    of_shards(&web, &mut text);
    of_calls(&web.feed.census(), &mut text);
    of_server(&web, &mut text);
    if let Some(store) = &web.store {
        of_store(store, &mut text);
    }
    of_process(&web, &mut text);
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        text.0,
    )
}

fn of_shards(web: &Web, text: &mut Exposition) {
    for (name, kind, help, samples) in FAMILIES {
        text.family(name, kind, help);
        for (shard, counters) in web.handle.counters().iter().enumerate() {
            for (label, counter) in *samples {
                let comma = if label.is_empty() { "" } else { "," };
                let labels = format_args!("{{shard=\"{shard}\"{comma}{label}}}");
                text.sample(name, labels, counter(counters).get());
            }
        }
    }
    let name = "crosspoint_mailbox_letters";
    text.family(name, "gauge", "Messages and wishes that wait for a shard");
    for (shard, waiting) in web.handle.mailboxes().enumerate() {
        text.sample(name, format_args!("{{shard=\"{shard}\"}}"), waiting);
    }
    let name = "crosspoint_auth_total";
    let help = "Requests that needed a password, by what became of them";
    text.family(name, "counter", help);
    for (result, value) in web.handle.auth().tally().counts() {
        text.sample(name, format_args!("{{result=\"{result}\"}}"), value);
    }
}

fn of_calls(census: &Census, text: &mut Exposition) {
    let name = "crosspoint_calls_total";
    text.family(
        name,
        "counter",
        "Calls that are over, by what became of them and who or what ended them",
    );
    for outcome in Outcome::ALL {
        for by in EndedBy::ALL {
            let (what, who) = (outcome.word(), by.word());
            let labels = format_args!("{{outcome=\"{what}\",ended_by=\"{who}\"}}");
            text.sample(name, labels, census.ended(outcome, by));
        }
    }
    let name = "crosspoint_call_setup_seconds";
    text.family(
        name,
        "histogram",
        "Time from the wish for a call until its phones talked",
    );
    for (bound, count) in SETUP_BUCKETS.iter().zip(census.connected_within()) {
        text.sample(name, format_args!("_bucket{{le=\"{bound}\"}}"), count);
    }
    let count = census.connected();
    text.sample(name, format_args!("_bucket{{le=\"+Inf\"}}"), count);
    text.sample(
        name,
        format_args!("_sum"),
        census.setup_millis() as f64 / 1e3,
    );
    text.sample(name, format_args!("_count"), count);
}

fn of_server(web: &Web, text: &mut Exposition) {
    let name = "crosspoint_limit";
    text.family(
        name,
        "gauge",
        "The most that one shard holds at the same time",
    );
    let limits = &web.handle.config().limits;
    for (of, most) in [
        ("transactions", limits.transactions),
        ("proxied", limits.proxied),
        ("followed", limits.followed),
    ] {
        text.sample(name, format_args!("{{of=\"{of}\"}}"), most);
    }
    text.single(
        "crosspoint_registrations",
        "gauge",
        "Addresses of record with a phone",
        web.handle.location().len(),
    );
    text.single(
        "crosspoint_pages",
        "gauge",
        "Pages that follow the live feed",
        web.feed.pages(),
    );
    text.single(
        "crosspoint_http_connections",
        "gauge",
        "HTTP connections open now, pages that follow the live feed not counted",
        web.connections.open(),
    );
    text.single(
        "crosspoint_http_connections_refused_total",
        "counter",
        "HTTP connections refused because a limit was reached",
        web.connections.refused(),
    );
    text.single(
        "crosspoint_draining",
        "gauge",
        "1 while new work is refused because the server is about to stop",
        u8::from(web.handle.is_draining()),
    );
    let name = "crosspoint_build_info";
    text.family(name, "gauge", "1, with the version as a label");
    let version = env!("CARGO_PKG_VERSION");
    text.sample(name, format_args!("{{version=\"{version}\"}}"), 1);
}

fn of_store(store: &Health, text: &mut Exposition) {
    text.single(
        "crosspoint_store_up",
        "gauge",
        "1 while what changes is written to the store",
        u8::from(store.trouble().is_none()),
    );
    text.single(
        "crosspoint_store_waiting",
        "gauge",
        "Addresses of record that wait to be written because the store failed",
        store.waiting(),
    );
    text.single(
        "crosspoint_store_commits_total",
        "counter",
        "Commits to the store",
        store.commits(),
    );
    text.single(
        "crosspoint_store_phones_total",
        "counter",
        "Addresses of record written to the store",
        store.phones(),
    );
    text.single(
        "crosspoint_store_calls_total",
        "counter",
        "States of calls written to the store",
        store.calls(),
    );
    text.single(
        "crosspoint_store_calls_waiting",
        "gauge",
        "Calls that wait to be written because the store failed",
        store.calls_waiting(),
    );
    text.single(
        "crosspoint_store_failures_total",
        "counter",
        "Commits to the store that failed",
        store.failures(),
    );
}

/// By the names that all Prometheus clients use. What the system does not tell is left out.
fn of_process(web: &Web, text: &mut Exposition) {
    if let Some(seconds) = process::cpu_seconds() {
        let help = "CPU time in user and system mode";
        text.single("process_cpu_seconds_total", "counter", help, seconds);
    }
    if let Some((resident, virt)) = process::memory() {
        let (name, help) = ("process_resident_memory_bytes", "Resident memory");
        text.single(name, "gauge", help, resident);
        let (name, help) = ("process_virtual_memory_bytes", "Virtual memory");
        text.single(name, "gauge", help, virt);
    }
    if let Some(open) = process::open_files() {
        text.single("process_open_fds", "gauge", "Open file descriptors", open);
    }
    if let Some(most) = process::most_open_files() {
        let help = "The most file descriptors that may be open";
        text.single("process_max_fds", "gauge", help, most);
    }
    let (name, help) = (
        "process_start_time_seconds",
        "When the server started, in Unix time",
    );
    text.single(name, "gauge", help, web.feed.epoch().0 as f64 / 1e3);
}

/// The text under way. Writing to a String cannot fail.
struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// `rest` is what follows the name: a suffix, labels.
    fn sample(&mut self, name: &str, rest: fmt::Arguments<'_>, value: impl fmt::Display) {
        let _ = writeln!(self.0, "{name}{rest} {value}");
    }

    /// A family of one sample without labels.
    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl fmt::Display) {
        self.family(name, kind, help);
        self.sample(name, format_args!(""), value);
    }
}
