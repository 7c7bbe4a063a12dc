//! Asks phones by OPTIONS whether they can be reached (RFC 3261 section 11), which also keeps a NAT's mapping alive.
//!
//! Only phones on UDP: a connection says by itself when it is gone. Each shard asks the phones of its own partition of the
//! location service, whichever shard registered them, one after the other over the interval; so each phone is asked once,
//! and what it answers is known to all. Pure: learns of newcomers, asks by effects, hears what became of each, and gives
//! a verdict. Who falls silent stays registered; its registration ends by its own time.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sip::msg::build::Request;
use sip::msg::{Method, Name};
use sip::name::{Aor, Flow, Ids, Transport};
use sip::time::Instant;

use crate::binding::{Binding, Bindings, Reach};
use crate::identity::Identity;

/// Phones that are asked in one go; what is more waits for the next.
const BATCH: usize = 64;

/// See the module.
#[derive(Debug)]
pub struct Qualify {
    /// Between two questions to one phone; zero asks nobody.
    interval: Duration,
    identity: Identity,
    ids: Ids,
    last: u64,
    /// Each binding with its number. As many as there are bindings on UDP.
    numbers: HashMap<(Aor, Box<str>), u64>,
    probes: HashMap<u64, Probe>,
    due: BTreeSet<(Instant, u64)>,
}

#[derive(Debug)]
struct Probe {
    aor: Aor,
    contact: Box<str>,
    flow: Flow,
    asked: Option<Instant>,
}

/// A question to be sent in a transaction; what becomes of it is heard under its number.
#[derive(Debug)]
pub struct Question {
    /// Whose it is.
    pub number: u64,
    /// The whole request.
    pub bytes: Bytes,
    /// Where to.
    pub flow: Flow,
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A final response, whatever it says: somebody is there.
    Answer,
    /// Nothing in time, or the network says that nobody is there.
    Nothing,
}

/// What is now known of a binding.
#[derive(Debug)]
pub struct Verdict {
    /// Whose binding.
    pub aor: Aor,
    contact: Box<str>,
    flow: Flow,
    reach: Reach,
}

impl Qualify {
    /// How many phones are asked.
    #[expect(
        clippy::len_without_is_empty,
        reason = "nobody asks whether there is none"
    )]
    pub fn len(&self) -> usize {
        self.probes.len()
    }

    /// Asks each phone once in `interval`; nobody where that is zero.
    pub fn new(interval: Duration, identity: Identity, ids: Ids) -> Self {
        Self {
            interval,
            identity,
            ids,
            last: 0,
            numbers: HashMap::new(),
            probes: HashMap::new(),
            due: BTreeSet::new(),
        }
    }

    /// Whether anybody is asked.
    pub fn is_on(&self) -> bool {
        !self.interval.is_zero()
    }

    /// These are registered under `aor` now; those that are known already stay so.
    pub fn learn(&mut self, now: Instant, aor: &Aor, bindings: &Bindings) {
        for binding in bindings.iter().filter(|binding| is_asked(binding)) {
            let key = (aor.clone(), Box::from(binding.contact()));
            if self.numbers.contains_key(&key) {
                continue;
            }
            self.last += 1;
            // Spread over the interval, so that those who register at once are not asked at once.
            let part = u32::try_from(self.ids.random_u64() >> 32).unwrap_or(0);
            let wait = self.interval.mul_f64(f64::from(part) / f64::from(u32::MAX));
            self.due.insert((now + wait, self.last));
            let probe = Probe {
                aor: key.0.clone(),
                contact: key.1.clone(),
                flow: binding.flow,
                asked: None,
            };
            self.probes.insert(self.last, probe);
            self.numbers.insert(key, self.last);
        }
    }

    /// When [`Qualify::ask`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The questions that are due, to bindings that `lookup` still finds; the others are forgotten.
    pub fn ask(
        &mut self,
        now: Instant,
        lookup: impl Fn(&Aor) -> Bindings,
        questions: &mut Vec<Question>,
    ) {
        for _ in 0..BATCH {
            let Some(&(at, number)) = self.due.first() else {
                return;
            };
            if at > now {
                return;
            }
            self.due.pop_first();
            let Some(probe) = self.probes.get_mut(&number) else {
                continue;
            };
            let bindings = lookup(&probe.aor);
            let standing = bindings
                .iter()
                .find(|binding| binding.contact() == &*probe.contact && is_asked(binding));
            let Some(binding) = standing else {
                self.forget(number);
                continue;
            };
            probe.flow = binding.flow;
            probe.asked = Some(now);
            questions.push(Question {
                number,
                bytes: options(binding, &self.identity, &mut self.ids),
                flow: binding.flow,
            });
        }
    }

    /// What became of a question.
    pub fn hear(&mut self, now: Instant, number: u64, heard: Heard) -> Option<Verdict> {
        let probe = self.probes.get_mut(&number)?;
        let asked = probe.asked.take()?;
        self.due.insert((now + self.interval, number));
        let reach = match heard {
            Heard::Answer => {
                let millis = (now - asked).as_millis();
                Reach::Answers(u32::try_from(millis).unwrap_or(u32::MAX))
            }
            Heard::Nothing => Reach::Silent,
        };
        Some(Verdict {
            aor: probe.aor.clone(),
            contact: probe.contact.clone(),
            flow: probe.flow,
            reach,
        })
    }

    fn forget(&mut self, number: u64) {
        if let Some(probe) = self.probes.remove(&number) {
            self.numbers.remove(&(probe.aor, probe.contact));
        }
    }
}

impl Verdict {
    /// By which it was asked.
    pub const fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The bindings with what is new; `None` where nothing is, or nothing that anybody would notice.
    pub fn apply(&self, before: &Bindings) -> Option<Vec<Arc<Binding>>> {
        let place = before
            .iter()
            .position(|binding| binding.contact() == &*self.contact && binding.flow == self.flow)?;
        if before[place].reach.is_like(self.reach) {
            return None;
        }
        let mut after = before.to_vec();
        after[place] = Arc::new(before[place].with_reach(self.reach));
        Some(after)
    }
}

/// Whether a phone is asked at all: one behind a proxy is the proxy's to reach.
pub fn is_asked(binding: &Binding) -> bool {
    binding.flow.transport == Transport::Udp && binding.path().is_none()
}

fn options(binding: &Binding, identity: &Identity, ids: &mut Ids) -> Bytes {
    let flow = &binding.flow;
    let sent_by = identity.sent_by(flow);
    Request::new(&Method::Options, binding.request_uri())
        .via(flow.transport, sent_by, &ids.branch())
        .max_forwards(70)
        .from(format_args!("<sip:{sent_by}>;tag={}", ids.tag()))
        .to(format_args!("<{}>", binding.request_uri()))
        .call_id(ids.call_id())
        .cseq(1, &Method::Options)
        .header(Name::Accept, "application/sdp")
        .finish()
}
