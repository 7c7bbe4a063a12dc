//! A long list in the order of its keys that costs next to nothing to copy.
//!
//! A quarter of a million phones stand on a board, and whoever looks at it takes a copy while others wait. So the list
//! is kept in runs that a copy shares; what changes afterwards copies one run. On the wire it is a plain list.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What has a place among its like.
pub trait Keyed {
    /// What the place depends on.
    type Key: Ord;

    /// The key; it never changes.
    fn key(&self) -> &Self::Key;
}

/// The longest run: short enough to be copied for one change, long enough that there are few.
const RUN: usize = 256;

type Run<T> = Arc<Vec<Arc<T>>>;

/// The list. No two items have the same key.
#[derive(Clone)]
pub struct Sorted<T> {
    /// None of them is empty.
    runs: Vec<Run<T>>,
    len: usize,
}

impl<T: Keyed> Sorted<T> {
    /// How many items there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All items in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.runs
            .iter()
            .flat_map(|run| run.iter().map(Deref::deref))
    }

    /// The item of that key.
    pub fn find(&self, key: &T::Key) -> Option<&T> {
        let (run, place) = self.seat(key);
        let place = place.ok()?;
        Some(&self.runs[run][place])
    }

    /// The item of that key, to change it.
    pub fn find_mut(&mut self, key: &T::Key) -> Option<&mut T>
    where
        T: Clone,
    {
        let (run, place) = self.seat(key);
        let place = place.ok()?;
        Some(Arc::make_mut(
            &mut Arc::make_mut(&mut self.runs[run])[place],
        ))
    }

    /// Puts an item in its place; `true` if it took that of another.
    pub fn put(&mut self, item: T) -> bool {
        let (at, place) = self.seat(item.key());
        let Some(run) = self.runs.get_mut(at) else {
            self.runs.push(Arc::new(vec![Arc::new(item)]));
            self.len = 1;
            return false;
        };
        let run = Arc::make_mut(run);
        match place {
            Ok(place) => {
                run[place] = Arc::new(item);
                true
            }
            Err(place) => {
                run.insert(place, Arc::new(item));
                self.len += 1;
                if run.len() > RUN {
                    let second = run.split_off(RUN / 2);
                    self.runs.insert(at + 1, Arc::new(second));
                }
                false
            }
        }
    }

    /// Takes the item of that key out.
    pub fn remove(&mut self, key: &T::Key) -> Option<Arc<T>> {
        let (at, place) = self.seat(key);
        let place = place.ok()?;
        let item = Arc::make_mut(&mut self.runs[at]).remove(place);
        self.len -= 1;
        self.join(at);
        if let Some(before) = at.checked_sub(1) {
            self.join(before);
        }
        self.runs.retain(|run| !run.is_empty());
        Some(item)
    }

    /// Puts a run together with the next one, where both are short.
    fn join(&mut self, at: usize) {
        let [Some(run), Some(next)] = [self.runs.get(at), self.runs.get(at + 1)] else {
            return;
        };
        if run.len() + next.len() <= RUN / 2 {
            let next = self.runs.remove(at + 1);
            Arc::make_mut(&mut self.runs[at]).extend(next.iter().cloned());
        }
    }

    /// The run in which a key is, or belongs, and its place there. Only an empty list has no such run.
    fn seat(&self, key: &T::Key) -> (usize, Result<usize, usize>) {
        let begins_before = |run: &Run<T>| run.first().is_some_and(|first| first.key() <= key);
        let at = self.runs.partition_point(begins_before).saturating_sub(1);
        let place = self.runs.get(at).map_or(Err(0), |run| {
            run.binary_search_by(|item| item.key().cmp(key))
        });
        (at, place)
    }
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self {
            runs: Vec::new(),
            len: 0,
        }
    }
}

/// Of several items with one key the last one stays.
impl<T: Keyed> FromIterator<T> for Sorted<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut sorted = Self::default();
        for item in items {
            sorted.put(item);
        }
        sorted
    }
}

impl<T: Keyed + PartialEq> PartialEq for Sorted<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<T: Keyed + Eq> Eq for Sorted<T> {}

impl<T: Keyed + fmt::Debug> fmt::Debug for Sorted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Keyed + Serialize> Serialize for Sorted<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de, T: Keyed + Deserialize<'de>> Deserialize<'de> for Sorted<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<T>::deserialize(deserializer).map(|items| items.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Keyed, RUN, Sorted};

    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Item(u64, u64);

    impl Keyed for Item {
        type Key = u64;

        fn key(&self) -> &u64 {
            &self.0
        }
    }

    fn plain(list: &Sorted<Item>) -> Vec<(u64, u64)> {
        list.iter().map(|item| (item.0, item.1)).collect()
    }

    fn check(list: &Sorted<Item>, map: &BTreeMap<u64, u64>) {
        assert_eq!(list.len(), map.len());
        assert!(plain(list).into_iter().eq(map.clone()));
        let lengths: Vec<_> = list.runs.iter().map(|run| run.len()).collect();
        assert!(
            lengths.iter().all(|len| (1..=RUN).contains(len)),
            "{lengths:?}"
        );
        let few = lengths.windows(2).all(|pair| pair[0] + pair[1] > RUN / 2);
        assert!(few, "{lengths:?}");
    }

    /// Grows, lives and shrinks by chance, beside a map that is known to be right.
    #[test]
    fn it_is_a_map_in_order_whatever_happens() {
        let (mut list, mut map) = (Sorted::<Item>::default(), BTreeMap::new());
        let mut chance: u64 = 0x9e37_79b9_7f4a_7c15;
        for step in 0..30_000_u64 {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            let key = chance % 4_000;
            let removes = if step < 15_000 { 3 } else { 7 };
            if chance >> 32 & 7 < removes {
                let removed = list.remove(&key).map(|item| item.1);
                assert_eq!(removed, map.remove(&key));
            } else if chance >> 40 & 1 == 0 {
                assert_eq!(list.put(Item(key, step)), map.insert(key, step).is_some());
            } else if let Some(item) = list.find_mut(&key) {
                item.1 = step;
                map.insert(key, step);
            }
            assert_eq!(list.find(&key).map(|item| item.1), map.get(&key).copied());
            if step % 1_000 == 0 {
                check(&list, &map);
            }
        }
        for key in map.keys() {
            assert!(list.remove(key).is_some());
        }
        assert!(list.is_empty() && list.runs.is_empty());
    }

    #[test]
    fn a_copy_stays_as_it_was() {
        let mut list: Sorted<_> = (0..1_000).map(|key| Item(key, 0)).collect();
        let (copy, before) = (list.clone(), plain(&list));
        list.put(Item(7, 1));
        list.put(Item(5_000, 1));
        list.remove(&500);
        if let Some(item) = list.find_mut(&900) {
            item.1 = 1;
        }
        assert_eq!(plain(&copy), before);
        assert_ne!(copy, list);
        let shared = |run| {
            copy.runs
                .iter()
                .any(|kept| std::sync::Arc::ptr_eq(run, kept))
        };
        assert!(
            list.runs.iter().any(shared),
            "what did not change is not copied"
        );
    }

    #[test]
    fn equal_is_what_has_the_same_items_however_it_came_about() {
        let up: Sorted<_> = (0..1_000).map(|key| Item(key, key)).collect();
        let down: Sorted<_> = (0..1_000).rev().map(|key| Item(key, key)).collect();
        assert_eq!(up, down);
    }
}
