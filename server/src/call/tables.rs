//! The calls of one shard by every key they are asked for: reference, pair, Call-ID, deadline.
//!
//! A call that is done leaves the pairs at once. Its legs are kept for a while, because a phone may still repeat
//! a 2xx whose ACK was lost (RFC 6026 section 7.2).

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use sip::name::{Aor, CallId};
use sip::time::Instant;

use super::call::Call;
use super::tally::Tally;
use super::{DeviceId, Mark};
use crate::event::{CallRef, Side};

/// Which device of which leg a Call-ID is.
pub(super) type Dialogs = HashMap<CallId, Line>;

/// One device of a leg.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) call: CallRef,
    pub(super) side: Side,
    pub(super) device: DeviceId,
}

impl From<Mark> for Line {
    fn from(mark: Mark) -> Self {
        Self {
            call: mark.call,
            side: mark.side,
            device: mark.device,
        }
    }
}

/// All calls, and the ways to find one.
#[derive(Debug)]
pub(super) struct Tables {
    calls: HashMap<CallRef, Entry>,
    /// Who is in a call with whom; only calls that are not done.
    pairs: HashMap<[Aor; 2], CallRef>,
    dialogs: Dialogs,
    due: BTreeSet<(Instant, CallRef)>,
    /// Calls that are done and whose legs still listen, the oldest first.
    lingering: VecDeque<CallRef>,
    /// How long they do.
    linger: Duration,
    /// Counts the calls that are not done; there may be as many that linger.
    tally: Arc<Tally>,
}

#[derive(Debug)]
struct Entry {
    call: Call,
    /// As it stands in [`Tables::due`].
    due: Option<Instant>,
    /// Until when a call that is done is kept.
    lingers: Option<Instant>,
}

impl Tables {
    pub(super) fn new(linger: Duration, tally: Arc<Tally>) -> Self {
        Self {
            calls: HashMap::new(),
            pairs: HashMap::new(),
            dialogs: HashMap::new(),
            due: BTreeSet::new(),
            lingering: VecDeque::new(),
            linger,
            tally,
        }
    }

    /// How many calls are not done.
    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// How many devices can be found by their Call-ID.
    pub(super) fn legs(&self) -> usize {
        self.dialogs.len()
    }

    /// The calls that are not done, the oldest first.
    pub(super) fn open(&self) -> Vec<CallRef> {
        let mut calls: Vec<CallRef> = self.pairs.values().copied().collect();
        calls.sort_unstable();
        calls
    }

    /// Whether there is such a call and it is not done.
    pub(super) fn is_open(&self, call: CallRef) -> bool {
        self.calls
            .get(&call)
            .is_some_and(|entry| !entry.call.is_done())
    }

    /// The call that these two are in, in whatever order they are named.
    pub(super) fn between(&self, one: &Aor, other: &Aor) -> Option<CallRef> {
        self.pairs.get(&pair(one, other)).copied()
    }

    /// The device with this Call-ID.
    pub(super) fn line(&self, call_id: &str) -> Option<Line> {
        self.dialogs.get(call_id).copied()
    }

    /// The calls that have something to do at `now`.
    pub(super) fn due(&self, now: Instant) -> Vec<CallRef> {
        let due = self.due.iter().take_while(|(at, _)| *at <= now);
        due.map(|(_, call)| *call).collect()
    }

    /// When the first call has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// A call to be changed, with the table in which its legs are found. [`Tables::settle`] must follow.
    pub(super) fn change(&mut self, call: CallRef) -> Option<(&mut Call, &mut Dialogs)> {
        let entry = self.calls.get_mut(&call)?;
        Some((&mut entry.call, &mut self.dialogs))
    }

    /// Takes in a new call, which the tally has admitted. [`Tables::settle`] must follow once it has begun.
    pub(super) fn insert(&mut self, reference: CallRef, call: Call) {
        let [one, other] = call.parties();
        self.pairs.insert(pair(one, other), reference);
        let entry = Entry {
            call,
            due: None,
            lingers: None,
        };
        self.calls.insert(reference, entry);
    }

    /// Brings all tables in step with what a call has become.
    pub(super) fn settle(&mut self, now: Instant, call: CallRef) {
        let Some(entry) = self.calls.get_mut(&call) else {
            return;
        };
        if entry.call.is_done() && entry.lingers.is_none() {
            entry.lingers = Some(now + self.linger);
            let [one, other] = entry.call.parties();
            self.pairs.remove(&pair(one, other));
            self.tally.release();
            self.lingering.push_back(call);
        }
        let due = [entry.call.deadline(), entry.lingers]
            .into_iter()
            .flatten()
            .min();
        if due != entry.due {
            if let Some(before) = entry.due {
                self.due.remove(&(before, call));
            }
            if let Some(due) = due {
                self.due.insert((due, call));
            }
            entry.due = due;
        }
        self.forget(now);
    }

    /// Lets go of what has lingered long enough; of the oldest also when there are too many.
    fn forget(&mut self, now: Instant) {
        let limit = usize::try_from(self.tally.limit()).unwrap_or(usize::MAX);
        while let Some(oldest) = self.lingering.front().copied() {
            let until = self.calls.get(&oldest).and_then(|entry| entry.lingers);
            let stays = until.is_some_and(|until| until > now);
            if stays && self.lingering.len() <= limit {
                return;
            }
            self.lingering.pop_front();
            let Some(entry) = self.calls.remove(&oldest) else {
                continue;
            };
            if let Some(due) = entry.due {
                self.due.remove(&(due, oldest));
            }
            for call_id in entry.call.call_ids() {
                self.dialogs.remove(call_id);
            }
        }
    }
}

/// The key of a pair.
fn pair(one: &Aor, other: &Aor) -> [Aor; 2] {
    [one.min(other).clone(), one.max(other).clone()]
}
