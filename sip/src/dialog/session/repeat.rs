//! A 2xx of ours to an INVITE, repeated until its ACK comes (RFC 3261 section 13.3.1.4).
//!
//! Over streams too: the ACK may be lost behind a proxy. Knows nothing of what the 2xx says.

use std::time::Duration;

use bytes::Bytes;

use crate::dialog::{Effect, Outbox};
use crate::time::Instant;
use crate::transaction::{ServerId, Timers};

/// A 2xx that is not acknowledged.
#[derive(Debug)]
pub(super) struct Repeat {
    id: ServerId,
    cseq: u32,
    bytes: Bytes,
    pause: Duration,
    next: Instant,
    until: Instant,
}

impl Repeat {
    /// Sends it for the first time.
    pub(super) fn start(
        now: Instant,
        timers: Timers,
        id: ServerId,
        cseq: u32,
        bytes: Bytes,
        out: &mut Outbox,
    ) -> Self {
        let repeat = Self {
            id,
            cseq,
            bytes,
            pause: timers.t1,
            next: now + timers.t1,
            until: now + timers.t1 * 64,
        };
        repeat.send(out);
        repeat
    }

    /// Whether an ACK with this CSeq number is the one that is awaited.
    pub(super) const fn is_acknowledged_by(&self, cseq: u32) -> bool {
        self.cseq == cseq
    }

    /// When [`Repeat::tick`] is due.
    pub(super) fn deadline(&self) -> Instant {
        self.next.min(self.until)
    }

    /// Repeats it if that is due: after T1, then after twice the pause before, up to T2. `false` if 64*T1 are over.
    #[must_use]
    pub(super) fn tick(&mut self, now: Instant, timers: Timers, out: &mut Outbox) -> bool {
        if now >= self.until {
            return false;
        }
        if now >= self.next {
            self.pause = (self.pause * 2).min(timers.t2);
            self.next = now + self.pause;
            self.send(out);
        }
        true
    }

    fn send(&self, out: &mut Outbox) {
        out.push(Effect::Respond {
            id: self.id,
            bytes: self.bytes.clone(),
        });
    }
}
