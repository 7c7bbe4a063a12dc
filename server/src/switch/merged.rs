//! Merged requests (RFC 3261 section 8.2.2.2): one request that a proxy has forked arrives here on two ways. The
//! second is not processed but answered 482.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::time::Duration;

use sip::msg::{Message, Name};
use sip::name::Flow;
use sip::time::Instant;

/// Remembers the requests of the last seconds.
#[derive(Debug)]
pub(super) struct Merged {
    keep: Duration,
    capacity: usize,
    hasher: RandomState,
    /// What is the same in all copies of a request, and what is not.
    seen: HashMap<u64, u64>,
    /// Which of `seen` may be forgotten when, soonest first.
    until: VecDeque<(Instant, u64)>,
}

impl Merged {
    /// Remembers for `keep` (as long as a transaction lasts), and no more than `capacity`: beyond that the oldest is
    /// forgotten early.
    pub(super) fn new(keep: Duration, capacity: usize) -> Self {
        Self {
            keep,
            capacity,
            hasher: RandomState::new(),
            seen: HashMap::new(),
            until: VecDeque::new(),
        }
    }

    /// Whether a copy of this request, whose To has no tag, came another way before and its transaction still
    /// stands. Over a reliable transport that is over as soon as it is answered, so nothing is remembered then.
    pub(super) fn is_copy(&mut self, now: Instant, request: &Message, flow: &Flow) -> bool {
        while self
            .until
            .front()
            .is_some_and(|(at, _)| *at <= now || self.until.len() >= self.capacity)
        {
            if let Some((_, same)) = self.until.pop_front() {
                self.seen.remove(&same);
            }
        }
        let same = self.hash(|hasher| {
            for name in [Name::CallId, Name::Cseq] {
                request.raw(name).hash(hasher);
            }
            request.from().ok().and_then(|from| from.tag()).hash(hasher);
            // To somebody else it may have gone round a corner: only a circle is a fault (section 16.3 step 4).
            request.request_uri().hash(hasher);
        });
        let way = self.hash(|hasher| {
            if let Ok(via) = request.via() {
                (via.branch(), via.host().to_string(), via.port()).hash(hasher);
            }
        });
        if let Some(first) = self.seen.get(&same) {
            return *first != way;
        }
        if !flow.transport.is_reliable() {
            self.seen.insert(same, way);
            self.until.push_back((now + self.keep, same));
        }
        false
    }

    fn hash(&self, feed: impl FnOnce(&mut std::hash::DefaultHasher)) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        feed(&mut hasher);
        hasher.finish()
    }
}
