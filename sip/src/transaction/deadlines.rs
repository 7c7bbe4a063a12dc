//! The timer table: when which transaction is due next.
//!
//! A heap in which each slot knows its place, so that a deadline is moved or taken out at once, the next one
//! is read without search, and nothing stale stays behind. Knows only slots and instants.

use crate::time::Instant;

/// Children per node: with four a heap is half as deep as with two, and siblings share a cache line.
const WIDTH: usize = 4;

/// In `places`: has no deadline.
const NOWHERE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: Instant,
    slot: u32,
}

/// At most one deadline for each slot.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    heap: Vec<Entry>,
    /// Where in the heap a slot stands.
    places: Vec<u32>,
}

impl Deadlines {
    /// The next deadline, and whose it is.
    pub(super) fn first(&self) -> Option<(Instant, u32)> {
        self.heap.first().map(|entry| (entry.at, entry.slot))
    }

    /// Gives a slot a deadline, in place of the one it had.
    pub(super) fn set(&mut self, slot: u32, at: Instant) {
        if self.places.len() <= slot as usize {
            self.places.resize(slot as usize + 1, NOWHERE);
        }
        let place = self.places[slot as usize];
        if place == NOWHERE {
            self.heap.push(Entry { at, slot });
            self.rise(self.heap.len() - 1);
        } else {
            self.heap[place as usize].at = at;
            self.settle(place as usize);
        }
    }

    /// Takes a slot's deadline away.
    pub(super) fn clear(&mut self, slot: u32) {
        let Some(place) = self.places.get_mut(slot as usize) else {
            return;
        };
        let hole = std::mem::replace(place, NOWHERE);
        if hole == NOWHERE {
            return;
        }
        let hole = hole as usize;
        self.heap.swap_remove(hole);
        if hole < self.heap.len() {
            self.settle(hole);
        }
    }

    /// Moves the entry at `place` to where it belongs.
    fn settle(&mut self, place: usize) {
        if self.rise(place) == place {
            self.sink(place);
        }
    }

    fn rise(&mut self, mut place: usize) -> usize {
        let entry = self.heap[place];
        while place > 0 {
            let parent = (place - 1) / WIDTH;
            if self.heap[parent].at <= entry.at {
                break;
            }
            self.put(place, self.heap[parent]);
            place = parent;
        }
        self.put(place, entry);
        place
    }

    fn sink(&mut self, mut place: usize) {
        let entry = self.heap[place];
        loop {
            let first = place * WIDTH + 1;
            let children = first..(first + WIDTH).min(self.heap.len());
            let Some(earliest) = children.min_by_key(|&child| self.heap[child].at) else {
                break;
            };
            if entry.at <= self.heap[earliest].at {
                break;
            }
            self.put(place, self.heap[earliest]);
            place = earliest;
        }
        self.put(place, entry);
    }

    fn put(&mut self, place: usize, entry: Entry) {
        self.heap[place] = entry;
        self.places[entry.slot as usize] = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is set and cleared in whatever order: the first is the least of those that stand.
        #[test]
        fn the_first_is_the_least(steps in prop::collection::vec((0..20_u32, prop::option::of(0..50_u64)), 1..200)) {
            let mut deadlines = Deadlines::default();
            let mut model = BTreeMap::new();
            for (slot, at) in steps {
                if let Some(at) = at {
                    deadlines.set(slot, Instant::from_unix_micros(at));
                    model.insert(slot, at);
                } else {
                    deadlines.clear(slot);
                    model.remove(&slot);
                }
                let least = model.values().min().copied();
                prop_assert_eq!(deadlines.first().map(|(at, _)| at.unix_micros()), least);
                prop_assert_eq!(deadlines.heap.len(), model.len());
            }
            while let Some((at, slot)) = deadlines.first() {
                prop_assert_eq!(model.remove(&slot), Some(at.unix_micros()));
                deadlines.clear(slot);
            }
            prop_assert!(model.is_empty());
        }
    }
}
