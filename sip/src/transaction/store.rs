//! Where the transactions stand: by slot, by key, by flow, by deadline.
//!
//! Knows nothing of what they do.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use bytes::Bytes;

use super::ServerId;
use super::deadlines::Deadlines;
use super::key::{BuildTaken, Key};
use super::machine::Machine;
use super::timer::Slot as TimerSlot;
use crate::name::Flow;
use crate::time::Instant;

/// Further off than any deadline.
const NEVER: Instant = Instant::from_unix_micros(u64::MAX);

/// In a chain: nothing before, or after.
const NOTHING: u32 = u32::MAX;

/// One transaction.
#[derive(Debug)]
pub(super) struct Transaction<U> {
    pub(super) machine: Machine,
    /// The way its messages are sent.
    pub(super) flow: Flow,
    /// The message that is sent again: request or ACK, last response; or a request that a 100 is to be made of.
    pub(super) stored: Bytes,
    /// The user's mark, on a client transaction. A CANCEL has none.
    pub(super) user: Option<U>,
    /// How long the repeating timer runs, or ran last.
    pub(super) pause: Duration,
    key: Key,
    flow_key: Key,
    repeat_at: Instant,
    end_at: Instant,
    /// Neighbours among the transactions of the same flow.
    before: u32,
    after: u32,
}

impl<U> Transaction<U> {
    /// Starts the timer of a slot.
    pub(super) fn start(&mut self, slot: TimerSlot, now: Instant, pause: Duration) {
        match slot {
            TimerSlot::Repeat => {
                self.pause = pause;
                self.repeat_at = now + pause;
            }
            TimerSlot::End => self.end_at = now + pause,
        }
    }

    /// Stops the timer of a slot.
    pub(super) fn stop(&mut self, slot: TimerSlot) {
        *self.timer(slot) = NEVER;
    }

    /// Which timer is due; it runs no longer. The ending one goes first: what is over need not be repeated.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<TimerSlot> {
        let slot = if self.end_at <= now {
            TimerSlot::End
        } else {
            TimerSlot::Repeat
        };
        let at = self.timer(slot);
        let due = *at <= now;
        if due {
            *at = NEVER;
        }
        due.then_some(slot)
    }

    fn timer(&mut self, slot: TimerSlot) -> &mut Instant {
        match slot {
            TimerSlot::Repeat => &mut self.repeat_at,
            TimerSlot::End => &mut self.end_at,
        }
    }
}

/// A place for one transaction after another.
#[derive(Debug)]
struct Place<U> {
    /// How many it has held: an old name finds nothing.
    generation: u32,
    transaction: Option<Transaction<U>>,
}

/// All transactions.
#[derive(Debug)]
pub(super) struct Store<U> {
    places: Vec<Place<U>>,
    free: Vec<u32>,
    by_key: HashMap<Key, u32, BuildTaken>,
    /// The first of the chain of each flow.
    by_flow: HashMap<Key, u32, BuildTaken>,
    deadlines: Deadlines,
}

/// What a new transaction is made of.
pub(super) struct New<U> {
    pub(super) machine: Machine,
    pub(super) key: Key,
    pub(super) flow: Flow,
    pub(super) flow_key: Key,
    pub(super) stored: Bytes,
    pub(super) user: Option<U>,
}

impl<U> Store<U> {
    pub(super) fn new() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
            by_key: HashMap::default(),
            by_flow: HashMap::default(),
            deadlines: Deadlines::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn find(&self, key: Key) -> Option<u32> {
        self.by_key.get(&key).copied()
    }

    /// The slot that `id` names, while its transaction lives.
    pub(super) fn resolve(&self, id: ServerId) -> Option<u32> {
        let place = self.places.get(id.slot as usize)?;
        let lives = place.generation == id.generation && place.transaction.is_some();
        lives.then_some(id.slot)
    }

    /// The name of what stands in a slot now.
    pub(super) fn id(&self, slot: u32) -> ServerId {
        let generation = self
            .places
            .get(slot as usize)
            .map_or(0, |place| place.generation);
        ServerId { slot, generation }
    }

    pub(super) fn get(&self, slot: u32) -> Option<&Transaction<U>> {
        self.places.get(slot as usize)?.transaction.as_ref()
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut Transaction<U>> {
        self.places.get_mut(slot as usize)?.transaction.as_mut()
    }

    /// Takes in a new transaction. `None` if there is one with its key.
    pub(super) fn insert(&mut self, new: New<U>) -> Option<u32> {
        let Entry::Vacant(vacant) = self.by_key.entry(new.key) else {
            return None;
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place {
                generation: 0,
                transaction: None,
            });
            (self.places.len() - 1) as u32
        });
        vacant.insert(slot);
        let after = self.by_flow.insert(new.flow_key, slot).unwrap_or(NOTHING);
        if let Some(next) = self.get_mut(after) {
            next.before = slot;
        }
        self.places[slot as usize].transaction = Some(Transaction {
            machine: new.machine,
            flow: new.flow,
            stored: new.stored,
            user: new.user,
            pause: Duration::ZERO,
            key: new.key,
            flow_key: new.flow_key,
            repeat_at: NEVER,
            end_at: NEVER,
            before: NOTHING,
            after,
        });
        Some(slot)
    }

    /// Drops a transaction; its name is void from now on.
    pub(super) fn remove(&mut self, slot: u32) {
        let Some(place) = self.places.get_mut(slot as usize) else {
            return;
        };
        let Some(gone) = place.transaction.take() else {
            return;
        };
        place.generation = place.generation.wrapping_add(1);
        self.free.push(slot);
        self.deadlines.clear(slot);
        self.by_key.remove(&gone.key);
        if let Some(next) = self.get_mut(gone.after) {
            next.before = gone.before;
        }
        if let Some(previous) = self.get_mut(gone.before) {
            previous.after = gone.after;
        } else if gone.after == NOTHING {
            self.by_flow.remove(&gone.flow_key);
        } else {
            self.by_flow.insert(gone.flow_key, gone.after);
        }
    }

    /// All transactions of a flow.
    pub(super) fn on_flow(&self, flow_key: Key) -> Vec<u32> {
        let first = self.by_flow.get(&flow_key).copied();
        let after = |&slot: &u32| self.get(slot).map(|transaction| transaction.after);
        std::iter::successors(first, |slot| after(slot).filter(|&next| next != NOTHING)).collect()
    }

    /// When something is due next, and in which slot.
    pub(super) fn first_deadline(&self) -> Option<(Instant, u32)> {
        self.deadlines.first()
    }

    /// Enters a transaction in the timer table as its timers now stand.
    pub(super) fn schedule(&mut self, slot: u32) {
        let Some(transaction) = self.get(slot) else {
            return;
        };
        let at = transaction.repeat_at.min(transaction.end_at);
        if at == NEVER {
            self.deadlines.clear(slot);
        } else {
            self.deadlines.set(slot, at);
        }
    }
}
