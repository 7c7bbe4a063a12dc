//! What whoever rings several phones of one party goes by: each phone once (RFC 5626 section 7), equal preferences
//! together, the best first (RFC 3261 section 16.6), and which refusal says most (section 16.7 step 6).
//!
//! Knows neither messages nor calls.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::binding::Binding;

/// Phones to be tried.
#[derive(Debug, Default)]
pub(crate) struct Phones {
    /// Each phone by one flow, best first.
    pub(crate) first: VecDeque<Arc<Binding>>,
    /// Their other flows.
    pub(crate) spare: Vec<Arc<Binding>>,
}

impl FromIterator<Arc<Binding>> for Phones {
    /// RFC 5626 section 7: no phone stands in the target set by two of its flows at a time.
    fn from_iter<I: IntoIterator<Item = Arc<Binding>>>(bindings: I) -> Self {
        let mut phones = Self::default();
        for binding in bindings {
            if phones
                .first
                .iter()
                .any(|other| is_same_phone(&binding, other))
            {
                phones.spare.push(binding);
            } else {
                phones.first.push_back(binding);
            }
        }
        phones
    }
}

impl Phones {
    /// Those that are tried next, all at once: the best preference that is left.
    pub(crate) fn next_group(&mut self) -> Vec<Arc<Binding>> {
        let Some(q) = self.first.front().map(|best| best.q) else {
            return Vec::new();
        };
        let count = self.first.iter().take_while(|one| one.q == q).count();
        self.first.drain(..count).collect()
    }

    /// How many groups are left.
    pub(crate) fn groups(&self) -> u32 {
        let mut before = None;
        let begins = |one: &&Arc<Binding>| before.replace(one.q) != Some(one.q);
        u32::try_from(self.first.iter().filter(begins).count()).unwrap_or(u32::MAX)
    }

    /// Another flow of a phone whose flow is dead.
    pub(crate) fn take_spare(&mut self, dead: &Binding) -> Option<Arc<Binding>> {
        let is_it = |spare: &Arc<Binding>| is_same_phone(spare, dead);
        let at = self.spare.iter().position(is_it)?;
        Some(self.spare.remove(at))
    }
}

/// Whether two bindings of one AOR are flows of one phone.
pub(crate) fn is_same_phone(one: &Binding, other: &Binding) -> bool {
    let is_flow = one.reg_id.is_some() && other.reg_id.is_some();
    is_flow && one.instance() == other.instance()
}

/// RFC 3261 section 16.7 step 6, smallest first: 6xx before all, else the lowest class; within 4xx what tells how to ask
/// again. That a phone was silent or was cancelled says least.
pub(crate) const fn rank(status: u16) -> u8 {
    match status {
        600..=699 => 0,
        300..=399 => 1,
        401 | 407 | 415 | 420 | 484 => 2,
        408 | 487 => 4,
        400..=499 => 3,
        503 => 6,
        _ => 5,
    }
}
