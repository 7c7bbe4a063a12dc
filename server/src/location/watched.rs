//! Ways that their phones have to keep alive (RFC 5626 section 5.4): when each was heard of last, and which has been silent
//! for too long. Pure; knows no bindings.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sip::time::Instant;

use super::reach::Way;

/// No more than there are ways in its partition.
#[derive(Debug, Default)]
pub(super) struct Watched {
    ways: BTreeMap<Way, Watch>,
    /// Each way once, with a moment at which it is looked at: what is heard since then costs nothing here.
    due: BTreeSet<(Instant, Way)>,
}

#[derive(Clone, Copy, Debug)]
struct Watch {
    silence: Duration,
    heard: Instant,
    looked_at: Instant,
}

impl Watched {
    /// From now on this way may be silent for so long.
    pub(super) fn begin(&mut self, now: Instant, way: Way, silence: Duration) {
        self.forget(way);
        let watch = Watch {
            silence,
            heard: now,
            looked_at: now + silence,
        };
        self.ways.insert(way, watch);
        self.due.insert((watch.looked_at, way));
    }

    /// Something came by it. Nothing, where it is not watched.
    pub(super) fn heard(&mut self, now: Instant, way: Way) {
        if let Some(watch) = self.ways.get_mut(&way) {
            watch.heard = now;
        }
    }

    pub(super) fn forget(&mut self, way: Way) {
        if let Some(watch) = self.ways.remove(&way) {
            self.due.remove(&(watch.looked_at, way));
        }
    }

    /// When [`Watched::silent`] is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// One that has been silent for too long, which is forgotten by that.
    pub(super) fn silent(&mut self, now: Instant) -> Option<Way> {
        loop {
            let (at, way) = *self.due.first().filter(|(at, _)| *at <= now)?;
            self.due.remove(&(at, way));
            let Some(watch) = self.ways.get_mut(&way) else {
                continue;
            };
            let end = watch.heard + watch.silence;
            if end <= now {
                self.ways.remove(&way);
                return Some(way);
            }
            watch.looked_at = end;
            self.due.insert((end, way));
        }
    }
}
