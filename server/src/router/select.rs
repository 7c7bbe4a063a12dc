//! From a request to the entries of its chain that it meets.

use sip::msg::Message;

use super::dar::Dar;
use super::entry::{Direction, Entry};

/// One entry of a chain, and whether the request meets it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selection<'a> {
    /// The entry.
    pub(super) entry: &'a Entry,
    /// Why it does not; `None` when it does.
    pub(super) skipped: Option<Skipped>,
}

/// Why a request does not meet an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Skipped {
    /// The entry takes requests from elsewhere.
    Direction,
    /// The pattern is not found in the request.
    Pattern,
}

impl Dar {
    /// The whole chain of a request, those entries included that it does not meet.
    pub(super) fn select<'a>(
        &'a self,
        request: &'a Message,
    ) -> impl Iterator<Item = Selection<'a>> {
        let method = request.method().map_or("", |method| method.as_str());
        self.chain(method).iter().map(move |entry| Selection {
            entry,
            skipped: skipped(entry, request),
        })
    }
}

/// What this server begins itself meets no application, so entries for that are never asked.
fn skipped(entry: &Entry, request: &Message) -> Option<Skipped> {
    match entry.direction {
        None | Some(Direction::Inbound) => {}
        Some(Direction::Outbound | Direction::UacRouteBack) => return Some(Skipped::Direction),
    }
    let pattern = entry.pattern.as_ref()?;
    let text = String::from_utf8_lossy(request.bytes());
    (!pattern.is_match(&text)).then_some(Skipped::Pattern)
}
