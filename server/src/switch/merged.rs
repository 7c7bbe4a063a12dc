//! Requests that come more than once: by two ways, because a proxy has forked them (RFC 3261 section 8.2.2.2), or by one,
//! because their sender heard no answer.
//!
//! The first kind is answered 482. The second the transaction layer keeps to itself; only REGISTER, which is answered
//! without a transaction, is known as repeated here.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::time::Duration;

use sip::msg::{Message, Name};
use sip::name::Flow;
use sip::time::Instant;

use super::fingerprint::fingerprint;

/// Remembers the requests of the last seconds.
#[derive(Debug)]
pub(super) struct Merged {
    keep: Duration,
    capacity: usize,
    hasher: RandomState,
    /// By what is the same in all copies of a request.
    seen: HashMap<u64, Seen, BuildHasherDefault<AsItIs>>,
    /// Which of `seen` may be forgotten when, soonest first.
    until: VecDeque<(Instant, u64)>,
}

#[derive(Debug)]
struct Seen {
    /// What is not the same in all copies.
    way: u64,
    /// The source for which it was carried out, once it was.
    carried_out: Option<u64>,
}

/// What is known of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// It has not come before, or was not carried out then, or that is forgotten.
    New(Mark),
    /// The same has been carried out for the same source.
    Repeated,
    /// The same has come by another way.
    Merged,
}

/// Of a request that may come again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark(Option<u64>);

impl Merged {
    /// Remembers for `keep` (as long as a transaction lasts), and no more than `capacity`: beyond that the oldest is
    /// forgotten early.
    pub(super) fn new(keep: Duration, capacity: usize) -> Self {
        Self {
            keep,
            capacity,
            hasher: RandomState::new(),
            seen: HashMap::default(),
            until: VecDeque::new(),
        }
    }

    /// Looks at a request whose To has no tag. Over a reliable transport its transaction is over as soon as it is
    /// answered, and nothing is ever repeated: so nothing is remembered then.
    pub(super) fn look(&mut self, now: Instant, request: &Message, flow: &Flow) -> Sight {
        while self
            .until
            .front()
            .is_some_and(|(at, _)| *at <= now || self.until.len() >= self.capacity)
        {
            if let Some((_, same)) = self.until.pop_front() {
                self.seen.remove(&same);
            }
        }
        let from = request.from().ok();
        let same = self.fingerprint([
            request.raw(Name::CallId),
            request.raw(Name::Cseq),
            from.and_then(|from| from.tag()).map(str::as_bytes),
            // To somebody else it may have gone round a corner: only a circle is a fault (section 16.3 step 4).
            request.request_uri().map(str::as_bytes),
            request.raw(Name::Route),
        ]);
        let via = request.via().ok();
        let way = self.fingerprint([
            via.and_then(|via| via.branch()).map(str::as_bytes),
            // Parameters that we have put there ourselves say where this copy came from.
            via.map(|via| via.before_params()),
        ]);
        if let Some(first) = self.seen.get(&same) {
            return if first.way != way {
                Sight::Merged
            } else if first.carried_out == Some(self.source(flow)) {
                Sight::Repeated
            } else {
                Sight::New(Mark(Some(same)))
            };
        }
        if flow.transport.is_reliable() {
            return Sight::New(Mark::default());
        }
        let carried_out = None;
        self.seen.insert(same, Seen { way, carried_out });
        self.until.push_back((now + self.keep, same));
        Sight::New(Mark(Some(same)))
    }

    /// How many are remembered.
    pub(super) fn len(&self) -> usize {
        self.until.len()
    }

    /// The request that came by `flow` has been carried out: if it is repeated, it is not to be again.
    pub(super) fn carried_out(&mut self, mark: Mark, flow: &Flow) {
        let source = self.source(flow);
        if let Some(seen) = mark.0.and_then(|same| self.seen.get_mut(&same)) {
            seen.carried_out = Some(source);
        }
    }

    fn source(&self, flow: &Flow) -> u64 {
        self.hasher.hash_one(flow.peer)
    }

    fn fingerprint<const N: usize>(&self, texts: [Option<&[u8]>; N]) -> u64 {
        fingerprint(self.hasher.build_hasher(), texts)
    }
}

/// Of a fingerprint, which is a hash that nobody can foresee already.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
