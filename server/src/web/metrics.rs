//! `/metrics`: the shards' counters in the Prometheus text format 0.0.4.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::Web;
use crate::runtime::Counters;
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
        "crosspoint_events_lost_total",
        "counter",
        "Events that the board could not take in time",
        &[("", |c| &c.events_lost)],
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
        "Calls held now, ringing ones included",
        &[("", |c| &c.calls)],
    ),
];

/// Everything that is counted, now.
pub(super) async fn metrics(State(web): State<Web>) -> impl IntoResponse {
    let mut text = String::with_capacity(4096);
    for (name, kind, help, samples) in FAMILIES {
        begin(&mut text, name, kind, help);
        for (shard, counters) in web.handle.counters().iter().enumerate() {
            for (label, counter) in *samples {
                let comma = if label.is_empty() { "" } else { "," };
                let value = counter(counters).get();
                let _ = writeln!(text, "{name}{{shard=\"{shard}\"{comma}{label}}} {value}");
            }
        }
    }
    let mut single = |name, help, value: u64| {
        begin(&mut text, name, "gauge", help);
        let _ = writeln!(text, "{name} {value}");
    };
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    single(
        "crosspoint_registrations",
        "Addresses of record with a phone",
        u64::from(web.handle.location().len()),
    );
    single(
        "crosspoint_pages",
        "Pages that follow the live feed",
        count(web.feed.pages()),
    );
    single(
        "crosspoint_draining",
        "1 while new work is refused because the server is about to stop",
        u64::from(web.handle.is_draining()),
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

fn begin(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
