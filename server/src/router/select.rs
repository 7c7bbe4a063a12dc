//! From a request to the entries of its chain that it meets.

use sip::msg::Message;

use super::application::Origin;
use super::dar::Dar;
use super::entry::{Direction, Entry};

/// One entry of a chain, and whether the request meets it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selection<'a> {
    /// The entry.
    pub(super) entry: &'a Entry,
    /// The place of the one behind it.
    pub(super) next: u16,
    /// Why it does not; `None` when it does.
    pub(super) skipped: Option<Skipped>,
}

/// Why a request does not meet an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Skipped {
    /// The entry takes requests from outside only.
    Inbound,
    /// The entry takes requests of this server only.
    Outbound,
    /// The pattern is not found in the request.
    Pattern,
}

impl Dar {
    /// The chain of a request from place `from` on, those entries included that it does not meet.
    pub(super) fn select<'a>(
        &'a self,
        request: &'a Message,
        origin: Origin,
        from: u16,
    ) -> impl Iterator<Item = Selection<'a>> {
        let method = request.method().map_or("", |method| method.as_str());
        let chain = self.chain(method).iter().zip(1..=u16::MAX);
        chain
            .skip(usize::from(from))
            .map(move |(entry, next)| Selection {
                entry,
                next,
                skipped: skipped(entry, request, origin),
            })
    }
}

fn skipped(entry: &Entry, request: &Message, origin: Origin) -> Option<Skipped> {
    match (entry.direction, origin) {
        (None, _)
        | (Some(Direction::Inbound), Origin::Outside)
        | (Some(Direction::Outbound | Direction::UacRouteBack), Origin::Page) => {}
        (Some(Direction::Inbound), Origin::Page) => return Some(Skipped::Inbound),
        (Some(Direction::Outbound | Direction::UacRouteBack), Origin::Outside) => {
            return Some(Skipped::Outbound);
        }
    }
    let pattern = entry.pattern.as_ref()?;
    let text = String::from_utf8_lossy(request.bytes());
    (!pattern.is_match(&text)).then_some(Skipped::Pattern)
}
