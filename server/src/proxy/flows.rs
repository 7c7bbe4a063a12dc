//! A flow that is dead: whose other flow is tried, and who is told what (RFC 5626 sections 5.3.1 and 7).

use sip::msg::{Message, Name};

use super::branch::Way;
use super::context::{Context, Phase, Surroundings};
use super::destination::Target;
use crate::forking::is_same_phone;

impl Context {
    /// RFC 5626 section 7: where one flow of a phone is dead, another one takes its place.
    pub(super) fn tries_other_flow(&mut self, index: usize, cx: &mut Surroundings<'_>) -> bool {
        if self.phase != Phase::Open {
            return false;
        }
        let other = self.other_flow(index);
        let is_there = other.is_some();
        if let Some(way) = other {
            self.send(way, 1, cx);
        }
        is_there
    }

    /// What it counts as that nothing can be sent to where branch `index` went. A flow of RFC 5626 that is dead is told as
    /// 430, but only to a proxy, which may know another one (section 5.3.1); no phone should ever see that (section 11),
    /// and hears that the other one is away.
    pub(super) fn when_unreachable(&self, index: usize) -> u16 {
        let binding = self
            .branches
            .get(index)
            .and_then(|branch| branch.way.binding.as_ref());
        match (binding, &self.destination.target) {
            (None, Target::Flow(_)) if self.is_of_a_proxy() => 430,
            (None, Target::Flow(_)) => 480,
            (Some(binding), _) if binding.reg_id.is_some() => 480,
            (Some(_) | None, _) => 503,
        }
    }

    /// A proxy on the way to the phone has lost its flow. Where the registration is ours nobody behind us knows another
    /// (RFC 5626 section 7).
    pub(super) fn flow_failed(&mut self, index: usize, response: &Message) {
        let branch = self.branches.get(index);
        match branch.and_then(|branch| branch.way.binding.as_ref()) {
            Some(_) => self.best.add_own(480),
            None => self.best.add(response),
        }
    }

    /// Another flow to the phone that branch `index` went to (RFC 5626 section 7).
    fn other_flow(&mut self, index: usize) -> Option<Way> {
        let dead = self.branches.get(index)?.way.binding.as_ref()?;
        let place = self
            .spare
            .iter()
            .position(|spare| is_same_phone(spare, dead));
        place.map(|place| Way::to(&self.spare.remove(place)))
    }

    /// Whether this request has come by another proxy, which is told of a flow that is dead.
    fn is_of_a_proxy(&self) -> bool {
        let request = self.request.as_ref();
        request.is_some_and(|request| request.values(Name::Via).nth(1).is_some())
    }
}
