//! How well the page is connected to the server.

use super::UnixMillis;

/// Silence after which the page says that it may be out of date, in milliseconds.
pub const STALE_MILLIS: u64 = 6_000;

/// The state of the live feed, as people see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// The page as the server wrote it; no feed yet (and never one without scripts).
    #[default]
    Still,
    /// Each change arrives as it happens.
    Live,
    /// Nothing is heard; the feed is being opened again.
    Lost,
}

/// How old the page is when it must say so; `None` while it may be trusted.
pub fn stale_for(link: Link, heard_at: UnixMillis, now: UnixMillis) -> Option<u64> {
    let silence = now.saturating_sub(heard_at);
    (link == Link::Lost && silence >= STALE_MILLIS).then_some(silence)
}
