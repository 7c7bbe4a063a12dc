//! One partition of the location service: entries by AOR, and two indices over them, by expiry and by
//! the way over a stream. Each AOR stands in the first once and in the second once per way, so both are bounded by the
//! bindings there are.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::mem;
use std::sync::Arc;

use sip::name::Aor;
use sip::time::Instant;

use super::reach::{self, Way};
use crate::binding::{Binding, Bindings};
use crate::event::{PhoneCause, PhoneChange};

/// AORs that one [`Partition::expire`] removes at most, so that a crowd that registered in one second does not
/// hold the lock for long when it runs out in one.
const EXPIRY_BATCH: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Partition {
    entries: HashMap<Aor, Bindings>,
    /// Each AOR with the first moment at which one of its bindings runs out.
    due: BTreeSet<(Instant, Aor)>,
    /// `None` sorts before every AOR, so that `(way, None)` begins the range of a way.
    ways: BTreeSet<(Way, Option<Aor>)>,
    /// Of the last change; never goes back, not even when an AOR goes and comes again.
    version: u64,
    /// What changed since it was last asked for, where somebody asks: at most every AOR there is or was.
    changed: Option<HashSet<Aor>>,
}

impl Partition {
    pub(super) fn bindings(&self, aor: &Aor) -> Bindings {
        self.entries.get(aor).cloned().unwrap_or_default()
    }

    pub(super) fn knows(&self, aor: &Aor) -> bool {
        self.entries.contains_key(aor)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    pub(super) fn remember_changes(&mut self) {
        self.changed = Some(HashSet::new());
    }

    pub(super) fn take_changed(&mut self) -> HashSet<Aor> {
        self.changed.as_mut().map(mem::take).unwrap_or_default()
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
        let before = if bindings.is_empty() {
            self.entries.remove(aor)
        } else {
            self.entries.insert(aor.clone(), Arc::clone(&bindings))
        };
        if let Some(before) = before {
            self.unlink(aor, &before);
        }
        self.link(aor, &bindings);
        self.version += 1;
        if let Some(changed) = &mut self.changed {
            changed.insert(aor.clone());
        }
        PhoneChange {
            aor: aor.clone(),
            version: self.version,
            why,
            bindings,
        }
    }

    pub(super) fn expire(&mut self, now: Instant, changes: &mut Vec<PhoneChange>) {
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
                .filter_map(|binding| match Way::to(&binding.flow) == Some(way) {
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

    fn link(&mut self, aor: &Aor, bindings: &[Arc<Binding>]) {
        if let Some(at) = first_expiry(bindings) {
            self.due.insert((at, aor.clone()));
        }
        for way in ways(bindings) {
            self.ways.insert((way, Some(aor.clone())));
        }
    }

    fn unlink(&mut self, aor: &Aor, bindings: &[Arc<Binding>]) {
        if let Some(at) = first_expiry(bindings) {
            self.due.remove(&(at, aor.clone()));
        }
        for way in ways(bindings) {
            self.ways.remove(&(way, Some(aor.clone())));
        }
    }
}

fn first_expiry(bindings: &[Arc<Binding>]) -> Option<Instant> {
    bindings.iter().map(|binding| binding.expires).min()
}

fn ways(bindings: &[Arc<Binding>]) -> impl Iterator<Item = Way> {
    bindings.iter().filter_map(|binding| Way::to(&binding.flow))
}
