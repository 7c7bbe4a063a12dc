//! The location service: which bindings an address of record has (RFC 3261 section 10).
//!
//! The only state that shards share. It is cut into as many partitions as there are shards, by a hash of the
//! AOR; each has a lock of its own that is held for microseconds and never across anything that waits. The
//! registrar writes; calls only read. Every change is told as a [`PhoneChange`] whose version grows.
//!
//! Shard *i* drives the expiry of partition *i* through its deadline. Knows no messages and no rules of
//! registration.

mod partition;
mod reach;
#[cfg(test)]
mod tests;
mod watch;
mod watched;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sip::name::{Aor, ConnectionId, Flow, Transport};
use sip::time::Instant;

use crate::binding::{Binding, Bindings};
use crate::event::{PhoneCause, PhoneChange};
#[cfg(doc)]
use crate::limits;
use partition::Partition;
use reach::Way;
use watch::Watch;

/// Bindings by address of record, shared between shards.
#[derive(Debug)]
pub struct Location {
    partitions: Box<[Mutex<Partition>]>,
    aors: AtomicU32,
    limit: u32,
    watch: Option<Watch>,
}

/// What [`Location::update`] is to do.
#[derive(Clone, Debug)]
pub enum Revision {
    /// Leave all as it is.
    Keep,
    /// Let these stand in place of what was there, in any order; none: forget the AOR.
    Replace(Vec<Arc<Binding>>, PhoneCause),
}

/// What [`Location::update`] did.
#[derive(Clone, Debug)]
pub struct Updated {
    /// The bindings that now stand.
    pub bindings: Bindings,
    /// What to tell; `None` when nothing changed.
    pub change: Option<PhoneChange>,
    /// The shard whose [`Location::deadline`] has become earlier by this, if one has.
    pub wake: Option<u8>,
}

/// One AOR more than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the location service is full ({limit} addresses of record)")]
pub struct Full {
    /// The limit.
    pub limit: u32,
}

impl Location {
    /// An empty service for so many shards, holding at most `limit` AORs.
    pub fn new(shards: u8, limit: u32) -> Self {
        Self {
            partitions: (0..shards.max(1)).map(|_| Mutex::default()).collect(),
            aors: AtomicU32::new(0),
            limit,
            watch: None,
        }
    }

    /// The same, and from now on it remembers which AORs change, for [`Location::take_changed`]. `tell` is called, by
    /// whoever makes the change, when there is something to take; then not again until it was taken. It must not wait.
    /// Refreshes are no change until they have moved an expiry by [`limits::REFRESH_SLACK`] in all.
    pub fn watched(mut self, tell: impl Fn() + Send + Sync + 'static) -> Self {
        for partition in &mut self.partitions {
            partition
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner)
                .remember_changes();
        }
        self.watch = Some(Watch::new(tell));
        self
    }

    /// The AORs that changed since the last call, each once, however often it changed: never more than there are.
    pub fn take_changed(&self) -> Vec<Aor> {
        if let Some(watch) = &self.watch {
            watch.begin();
        }
        self.indices()
            .flat_map(|index| self.partition(index).take_changed())
            .collect()
    }

    /// The AORs of which there are refreshes that [`Location::take_changed`] has not given.
    pub fn take_refreshed(&self) -> Vec<Aor> {
        self.indices()
            .flat_map(|index| self.partition(index).take_refreshed())
            .collect()
    }

    /// Puts back what stood when an earlier process ended; what is kept says that it ends earlier, by `behind`. A phone whose connection ended with it is reached by a new
    /// one where it listens; any other is not reachable until it registers again.
    pub fn restore(
        &self,
        aor: &Aor,
        bindings: Vec<Binding>,
        behind: Duration,
    ) -> Result<PhoneChange, Full> {
        let mut partition = self.partition(self.index(aor));
        if !partition.knows(aor) {
            self.admit()?;
        }
        let bindings = bindings.into_iter().map(reach::after_restart).map(Arc::new);
        let change = partition.replace(aor, bindings.collect(), PhoneCause::Refreshed);
        partition.set_behind(aor, behind);
        Ok(change)
    }

    /// From now on [`Location::newcomers`] tells of AORs in the partition of `shard` that have a binding which `counts`, and
    /// those that have one already are the first.
    pub fn remember_newcomers(&self, shard: u8, counts: fn(&Binding) -> bool) {
        self.partition(shard).remember_newcomers(counts);
    }

    /// AORs in the partition of `shard` with a contact that they had not when this was last asked, if anybody asks. Their
    /// shard's deadline is over as long as there are any.
    pub fn newcomers(&self, shard: u8) -> Vec<Aor> {
        self.partition(shard).take_newcomers()
    }

    /// The bindings of `aor` that stand at `now`, best first; empty when it is not registered.
    pub fn lookup(&self, aor: &Aor, now: Instant) -> Bindings {
        let found = self.partition(self.index(aor)).bindings(aor);
        live(found, now)
    }

    /// How many AORs have a binding.
    pub fn len(&self) -> u32 {
        self.aors.load(Ordering::Relaxed)
    }

    /// Whether nobody is registered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Changes the bindings of `aor` at once or not at all: `revise` sees those that stand and says what is to
    /// stand, or fails, and then nothing has changed.
    pub fn update<E: From<Full>>(
        &self,
        now: Instant,
        aor: &Aor,
        revise: impl FnOnce(&Bindings) -> Result<Revision, E>,
    ) -> Result<Updated, E> {
        let index = self.index(aor);
        let mut partition = self.partition(index);
        let before = live(partition.bindings(aor), now);
        let (after, why) = match revise(&before)? {
            Revision::Keep => {
                return Ok(Updated {
                    bindings: before,
                    change: None,
                    wake: None,
                });
            }
            Revision::Replace(after, why) => (after, why),
        };
        if !after.is_empty() && !partition.knows(aor) {
            self.admit()?;
        } else if after.is_empty() && partition.knows(aor) {
            self.aors.fetch_sub(1, Ordering::Relaxed);
        }
        let due = partition.deadline();
        let change = partition.replace(aor, after, why);
        let sooner = partition
            .deadline()
            .is_some_and(|new| due.is_none_or(|old| new < old));
        let has_changed = partition.has_changed();
        drop(partition);
        if has_changed {
            self.tell();
        }
        Ok(Updated {
            bindings: Arc::clone(&change.bindings),
            change: Some(change),
            wake: sooner.then_some(index),
        })
    }

    /// A stream connection is closed: bindings that only it could reach are gone, the others are reached by a new
    /// one from now on.
    pub fn connection_closed(&self, connection: ConnectionId) -> Vec<PhoneChange> {
        if connection == ConnectionId::NONE {
            return Vec::new();
        }
        self.lose(Way::Connection(connection))
    }

    /// Nobody takes a connection at this address: bindings that only a new one could reach are gone.
    pub fn unreachable(&self, transport: Transport, peer: SocketAddr) -> Vec<PhoneChange> {
        self.lose(Way::Address(transport, peer))
    }

    /// The datagrams of a flow do not arrive any more: bindings that are such flows are gone (RFC 5626 section 7). Any
    /// other may be reached again by the next datagram.
    pub fn flow_failed(&self, flow: &Flow) -> Vec<PhoneChange> {
        if flow.transport.is_reliable() {
            return Vec::new();
        }
        self.lose(Way::by_datagrams(flow))
    }

    /// From now on the bindings of `aor` that are this flow by datagrams are gone when it is not [`Location::heard`] of for
    /// `silence`. Gives the shard whose deadline has become earlier, if one has.
    pub fn keep_alive(
        &self,
        now: Instant,
        aor: &Aor,
        flow: &Flow,
        silence: Duration,
    ) -> Option<u8> {
        let index = self.index(aor);
        let mut partition = self.partition(index);
        let due = partition.deadline();
        partition.keep_alive(now, Way::by_datagrams(flow), silence);
        let new = partition.deadline()?;
        due.is_none_or(|old| new < old).then_some(index)
    }

    /// A keep-alive came by this flow.
    pub fn heard(&self, now: Instant, flow: &Flow) {
        for index in self.indices() {
            self.partition(index).heard(now, Way::by_datagrams(flow));
        }
    }

    /// Removes what has run out at `now` in the partition of `shard`; when that is much, only a part, and then
    /// the deadline stays where it is.
    pub fn expire(&self, shard: u8, now: Instant) -> Vec<PhoneChange> {
        let mut changes = Vec::new();
        self.partition(shard).expire(now, &mut changes);
        self.release(&changes);
        changes
    }

    /// When [`Location::expire`] is due for the partition of `shard`.
    pub fn deadline(&self, shard: u8) -> Option<Instant> {
        self.partition(shard).deadline()
    }

    fn lose(&self, way: Way) -> Vec<PhoneChange> {
        let mut changes = Vec::new();
        for index in self.indices() {
            let from = changes.len();
            self.partition(index).lose(way, &mut changes);
            self.release(&changes[from..]);
        }
        changes
    }

    fn index(&self, aor: &Aor) -> u8 {
        let mut hasher = DefaultHasher::new();
        aor.hash(&mut hasher);
        let count = self.partitions.len() as u64;
        u8::try_from(hasher.finish() % count).unwrap_or(0)
    }

    fn indices(&self) -> impl Iterator<Item = u8> + use<> {
        0..u8::try_from(self.partitions.len()).unwrap_or(u8::MAX)
    }

    /// Nothing is ever half done under this lock, so a panic elsewhere in its holder leaves it sound.
    fn partition(&self, index: u8) -> MutexGuard<'_, Partition> {
        let count = self.partitions.len();
        self.partitions[usize::from(index) % count]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self) -> Result<(), Full> {
        let limit = self.limit;
        self.aors
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
                (n < limit).then_some(n + 1)
            })
            .map(|_| ())
            .map_err(|_| Full { limit })
    }

    fn tell(&self) {
        if let Some(watch) = &self.watch {
            watch.tell();
        }
    }

    fn release(&self, changes: &[PhoneChange]) {
        if !changes.is_empty() {
            self.tell();
        }
        let gone = changes
            .iter()
            .filter(|change| change.bindings.is_empty())
            .count();
        self.aors
            .fetch_sub(u32::try_from(gone).unwrap_or(0), Ordering::Relaxed);
    }
}

/// Those that have not run out. An expired binding may stand until its shard's deadline is served.
fn live(bindings: Bindings, now: Instant) -> Bindings {
    if bindings.iter().all(|binding| binding.expires > now) {
        return bindings;
    }
    bindings
        .iter()
        .filter(|binding| binding.expires > now)
        .cloned()
        .collect()
}
