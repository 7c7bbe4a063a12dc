//! One partition of the location service: entries by AOR, what has changed and come since it was last asked, and two
//! indices over them, by expiry and by the way that may be lost. Each AOR stands in the first once and in the second once per way, so both are bounded by the
//! bindings there are.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use sip::name::Aor;
use sip::time::Instant;

use super::reach::{self, Way};
use super::watched::Watched;
use crate::binding::{Binding, Bindings};
use crate::event::{PhoneCause, PhoneChange};
use crate::limits;

/// AORs that one [`Partition::expire`] removes at most, so that a crowd that registered in one second does not
/// hold the lock for long when it runs out in one.
const EXPIRY_BATCH: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Partition {
    entries: HashMap<Aor, Entry>,
    /// Each AOR with the first moment at which one of its bindings runs out.
    due: BTreeSet<(Instant, Aor)>,
    /// `None` sorts before every AOR, so that `(way, None)` begins the range of a way.
    ways: BTreeSet<(Way, Option<Aor>)>,
    /// Of the last change; never goes back, not even when an AOR goes and comes again.
    version: u64,
    /// What changed since it was last asked for, where somebody asks: at most every AOR there is or was.
    changed: Option<HashSet<Aor>>,
    newcomers: Option<Newcomers>,
    watched: Watched,
}

/// Who has come since it was last asked.
#[derive(Debug)]
struct Newcomers {
    counts: fn(&Binding) -> bool,
    aors: HashSet<Aor>,
}

impl Newcomers {
    fn look(&mut self, aor: &Aor, before: &[Arc<Binding>], after: &[Arc<Binding>]) {
        let was_there = |new: &&Arc<Binding>| {
            let mut before = before.iter().filter(|old| (self.counts)(old));
            before.any(|old| old.contact() == new.contact())
        };
        let mut counting = after.iter().filter(|new| (self.counts)(new));
        if !counting.all(|new| was_there(&new)) {
            self.aors.insert(aor.clone());
        }
    }
}

#[derive(Debug)]
struct Entry {
    bindings: Bindings,
    /// By how many milliseconds refreshes have moved expiries since [`Partition::changed`] last had this AOR.
    behind: u32,
}

impl Partition {
    pub(super) fn bindings(&self, aor: &Aor) -> Bindings {
        let entry = self.entries.get(aor);
        entry
            .map(|entry| Arc::clone(&entry.bindings))
            .unwrap_or_default()
    }

    pub(super) fn knows(&self, aor: &Aor) -> bool {
        self.entries.contains_key(aor)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let has_come = |newcomers: &Newcomers| !newcomers.aors.is_empty();
        if self.newcomers.as_ref().is_some_and(has_come) {
            return Some(Instant::default());
        }
        let expiry = self.due.first().map(|(at, _)| *at);
        expiry.into_iter().chain(self.watched.deadline()).min()
    }

    /// Ways of this partition that are lost when nothing comes by them for `silence`.
    pub(super) fn keep_alive(&mut self, now: Instant, way: Way, silence: Duration) {
        if self.is_way(way) {
            self.watched.begin(now, way, silence);
        }
    }

    pub(super) fn heard(&mut self, now: Instant, way: Way) {
        self.watched.heard(now, way);
    }

    fn is_way(&self, way: Way) -> bool {
        let first = self.ways.range((way, None)..).next();
        first.is_some_and(|(found, _)| *found == way)
    }

    pub(super) fn remember_newcomers(&mut self, counts: fn(&Binding) -> bool) {
        let mut newcomers = Newcomers {
            counts,
            aors: HashSet::new(),
        };
        for (aor, entry) in &self.entries {
            newcomers.look(aor, &[], &entry.bindings);
        }
        self.newcomers = Some(newcomers);
    }

    pub(super) fn take_newcomers(&mut self) -> Vec<Aor> {
        let newcomers = self.newcomers.as_mut();
        newcomers.map_or_else(Vec::new, |newcomers| newcomers.aors.drain().collect())
    }

    pub(super) fn remember_changes(&mut self) {
        self.changed = Some(HashSet::new());
    }

    pub(super) fn take_changed(&mut self) -> HashSet<Aor> {
        self.changed.as_mut().map(mem::take).unwrap_or_default()
    }

    /// Whether there is something to take.
    pub(super) fn has_changed(&self) -> bool {
        self.changed.as_ref().is_some_and(|it| !it.is_empty())
    }

    /// The AORs of which only refreshes are left untold.
    pub(super) fn take_refreshed(&mut self) -> Vec<Aor> {
        let behind = self.entries.iter_mut().filter(|(_, it)| it.behind > 0);
        behind
            .map(|(aor, entry)| {
                entry.behind = 0;
                aor.clone()
            })
            .collect()
    }

    /// What was kept of `aor` says that its bindings end earlier, by so much.
    pub(super) fn set_behind(&mut self, aor: &Aor, by: Duration) {
        if let Some(entry) = self.entries.get_mut(aor) {
            entry.behind = millis(by);
        }
    }

    pub(super) fn replace(
        &mut self,
        aor: &Aor,
        mut bindings: Vec<Arc<Binding>>,
        why: PhoneCause,
    ) -> PhoneChange {
        // A stable sort: the registrar puts the newest first.
        bindings.sort_by_key(|binding| Reverse(binding.q));
        let bindings = Bindings::from(bindings);
        let before = self.put(aor, &bindings);
        let known = before.as_deref().unwrap_or_default();
        if let Some(newcomers) = &mut self.newcomers {
            newcomers.look(aor, known, &bindings);
        }
        self.relink(aor, known, &bindings);
        self.version += 1;
        PhoneChange {
            aor: aor.clone(),
            version: self.version,
            why,
            bindings,
        }
    }

    pub(super) fn expire(&mut self, now: Instant, changes: &mut Vec<PhoneChange>) {
        for _ in 0..EXPIRY_BATCH {
            let Some(way) = self.watched.silent(now) else {
                break;
            };
            self.lose(way, changes);
        }
        for _ in 0..EXPIRY_BATCH {
            let Some((at, aor)) = self.due.first() else {
                return;
            };
            if *at > now {
                return;
            }
            let aor = aor.clone();
            let rest = self
                .bindings(&aor)
                .iter()
                .filter(|binding| binding.expires > now)
                .cloned()
                .collect();
            changes.push(self.replace(&aor, rest, PhoneCause::Expired));
        }
    }

    /// This way leads nowhere any more.
    pub(super) fn lose(&mut self, way: Way, changes: &mut Vec<PhoneChange>) {
        while let Some((found, Some(aor))) = self.ways.range((way, None)..).next() {
            if *found != way {
                return;
            }
            let aor = aor.clone();
            let before = self.bindings(&aor);
            let after: Vec<_> = before
                .iter()
                .filter_map(|binding| match Way::to(binding) == Some(way) {
                    true => reach::without(binding, way).map(Arc::new),
                    false => Some(Arc::clone(binding)),
                })
                .collect();
            let why = if after.len() < before.len() {
                PhoneCause::FlowLost
            } else {
                PhoneCause::Refreshed
            };
            changes.push(self.replace(&aor, after, why));
        }
    }

    /// Puts what stands now in the place of what stood, and remembers that it changed, unless a refresh moved it too
    /// little to be told.
    fn put(&mut self, aor: &Aor, bindings: &Bindings) -> Option<Bindings> {
        let Some(entry) = self.entries.get_mut(aor) else {
            if !bindings.is_empty() {
                let entry = Entry {
                    bindings: Arc::clone(bindings),
                    behind: 0,
                };
                self.entries.insert(aor.clone(), entry);
            }
            self.note(aor);
            return None;
        };
        let before = mem::replace(&mut entry.bindings, Arc::clone(bindings));
        let behind = mem::take(&mut entry.behind);
        if bindings.is_empty() {
            self.entries.remove(aor);
        } else if self.changed.is_some()
            && let Some(more) = refreshed(&before, bindings)
            && let behind = behind.saturating_add(more)
            && behind < millis(limits::REFRESH_SLACK)
        {
            entry.behind = behind;
            return Some(before);
        }
        self.note(aor);
        Some(before)
    }

    fn note(&mut self, aor: &Aor) {
        if let Some(changed) = &mut self.changed {
            changed.insert(aor.clone());
        }
    }

    /// Brings both indices in step. A refresh moves an expiry and leaves the ways as they are.
    fn relink(&mut self, aor: &Aor, before: &[Arc<Binding>], after: &[Arc<Binding>]) {
        let (was_due, is_due) = (first_expiry(before), first_expiry(after));
        if was_due != is_due {
            if let Some(at) = was_due {
                self.due.remove(&(at, aor.clone()));
            }
            if let Some(at) = is_due {
                self.due.insert((at, aor.clone()));
            }
        }
        if ways(before).eq(ways(after)) {
            return;
        }
        for way in ways(before) {
            self.ways.remove(&(way, Some(aor.clone())));
        }
        for way in ways(after) {
            self.ways.insert((way, Some(aor.clone())));
        }
        for way in ways(before) {
            if !self.is_way(way) {
                self.watched.forget(way);
            }
        }
    }
}

/// By how many milliseconds expiries have moved, if nothing else has happened; their order does not count.
fn refreshed(before: &[Arc<Binding>], after: &[Arc<Binding>]) -> Option<u32> {
    if before.len() != after.len() {
        return None;
    }
    let mut most = Duration::ZERO;
    for new in after {
        let old = before.iter().find(|old| old.is_same_but_for_time(new))?;
        if new.expires < old.expires {
            return None;
        }
        most = most.max(new.expires.since(old.expires));
    }
    Some(millis(most))
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX)
}

fn first_expiry(bindings: &[Arc<Binding>]) -> Option<Instant> {
    bindings.iter().map(|binding| binding.expires).min()
}

fn ways(bindings: &[Arc<Binding>]) -> impl Iterator<Item = Way> {
    bindings.iter().filter_map(|binding| Way::to(binding))
}
