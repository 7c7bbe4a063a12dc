//! How often each nonce was used (`nc`, RFC 7616 section 3.4 and 5.4): each number counts once.
//!
//! Only nonces that were answered rightly come here, so strangers cannot fill it; it is bounded all the same. When it is
//! full the oldest nonce is given up, and with it all that are older: they are as good as expired, which costs their
//! phones one round trip more. So nothing can be replayed by making us forget.

use std::collections::BTreeMap;
use std::time::Duration;

use super::nonce::Nonce;
use crate::time::Instant;

/// How far behind the highest number one may still come: requests of one phone overtake each other by a few.
const WIDTH: u32 = 64;

/// The nonces in use.
#[derive(Debug)]
pub struct Counts {
    /// In the order in which they were given.
    used: BTreeMap<Nonce, Window>,
    capacity: usize,
    lifetime: Duration,
    /// Nonces given at this time or before are not accepted.
    floor: Instant,
}

/// The numbers that one nonce was used with.
#[derive(Clone, Copy, Debug)]
struct Window {
    highest: u32,
    /// Bit i: `highest - i` was used.
    seen: u64,
    /// Which request the highest came with.
    request: u64,
}

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Not used before.
    First,
    /// Used by this very request, which came again.
    Repeated,
    /// Used before, or too long behind.
    Replayed,
    /// The nonce is too old.
    Stale,
}

impl Counts {
    /// Keeps at most `capacity` nonces, which are good for `lifetime`.
    pub fn new(capacity: usize, lifetime: Duration) -> Self {
        Self {
            used: BTreeMap::new(),
            capacity: capacity.max(1),
            lifetime,
            floor: Instant::default(),
        }
    }

    /// Whether a nonce is good at `now`, as far as its age goes. One given later than `now` is: it is ours, so another
    /// shard's turn only began a little later than this one's.
    fn is_fresh(&self, now: Instant, nonce: Nonce) -> bool {
        nonce.given > self.floor && now.since(nonce.given) < self.lifetime
    }

    /// Takes one more use of a nonce of ours into account. `request` tells a repeated request from another one with the
    /// same number: a keyed hash of all that it says.
    pub fn take(&mut self, now: Instant, nonce: Nonce, count: u32, request: u64) -> Use {
        if !self.is_fresh(now, nonce) {
            return Use::Stale;
        }
        if count == 0 {
            return Use::Replayed;
        }
        if let Some(window) = self.used.get_mut(&nonce) {
            return window.take(count, request);
        }
        self.make_room(now);
        if nonce.given <= self.floor {
            return Use::Stale;
        }
        let window = Window {
            highest: count,
            seen: 1,
            request,
        };
        self.used.insert(nonce, window);
        Use::First
    }

    /// How many nonces are kept.
    pub fn len(&self) -> usize {
        self.used.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.used.is_empty()
    }

    /// Two for one, so that what has expired goes without a sweep.
    fn make_room(&mut self, now: Instant) {
        for _ in 0..2 {
            let Some(oldest) = self.used.first_entry() else {
                return;
            };
            if now.since(oldest.key().given) < self.lifetime {
                break;
            }
            oldest.remove();
        }
        if self.used.len() >= self.capacity
            && let Some((oldest, _)) = self.used.pop_first()
        {
            self.floor = self.floor.max(oldest.given);
        }
    }
}

impl Window {
    fn take(&mut self, count: u32, request: u64) -> Use {
        if let Some(ahead) = count.checked_sub(self.highest).filter(|ahead| *ahead > 0) {
            self.seen = self.seen.checked_shl(ahead).unwrap_or(0) | 1;
            self.highest = count;
            self.request = request;
            return Use::First;
        }
        let behind = self.highest - count;
        if behind == 0 && request == self.request {
            return Use::Repeated;
        }
        if behind >= WIDTH || self.seen & (1 << behind) != 0 {
            return Use::Replayed;
        }
        self.seen |= 1 << behind;
        Use::First
    }
}
