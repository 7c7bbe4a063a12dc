//! A response context: one request, the branches it was sent on by, and the one final response that its sender gets (RFC
//! 3261 section 16.2). What comes in is in [`super::hearing`].
//!
//! ```text
//!            request            2xx                    every branch done
//!              │          ┌────────────────► Answered ─────────────────► gone (INVITE: after 64*T1, for further 2xx)
//!              ▼          │                     ▲
//!            Open ────────┤ CANCEL, 6xx         │ best response sent
//!   new branches, by q    └────────────────► Closing ── every branch done
//!                           no new branches
//! ```

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sip::msg::{Message, Method};
use sip::name::{Flow, Ids};
use sip::time::Instant;
use sip::transaction::ServerId;
use smallvec::SmallVec;

use super::best::Best;
use super::branch::{Branch, State, Way};
use super::destination::Destination;
use super::effect::{ContextId, Effect, Mark, Outbox, Whose};
use super::mark::{Marks, Trail};
use super::rewrite::{self, Hop, Signature};
use super::targets::rescue;
use super::token::Tokens;
use super::tracker::{Part, Tracker};
use super::trunk::{Proof, Trunks};
use crate::binding::Binding;
use crate::identity::Identity;
use crate::limits;
use crate::location::Location;
use crate::peers::PeerId;

/// One request and what has become of it.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) id: ContextId,
    pub(super) server: ServerId,
    /// Until it is answered.
    pub(super) request: Option<Message>,
    pub(super) is_invite: bool,
    /// The way back to the sender.
    pub(super) back: Flow,
    pub(super) destination: Destination,
    pub(super) trail: Trail,
    /// How many branches may be active at once.
    pub(super) breadth: u32,
    pub(super) branches: SmallVec<[Branch; 1]>,
    /// Phones that are not tried yet, best first.
    pub(super) waiting: VecDeque<Arc<Binding>>,
    /// Other flows to phones that are among the targets already, for when one of theirs is dead.
    pub(super) spare: Vec<Arc<Binding>>,
    pub(super) best: Best,
    pub(super) phase: Phase,
    /// Whether the sender has cancelled it.
    pub(super) withdrawn: bool,
    /// What it means to a call that is followed.
    pub(super) part: Option<Part>,
    /// How often a 3xx was followed.
    pub(super) redirections: u8,
    /// When phones of lower preference get their turn.
    pub(super) next_turn: Option<Instant>,
    /// When others ring, because nobody has answered.
    pub(super) rings_until: Option<Instant>,
    /// Ways to another domain that are not tried yet, best first.
    pub(super) servers: VecDeque<Flow>,
    /// Until when the DNS has to say where they are.
    pub(super) located_by: Option<Instant>,
    /// Whose they are.
    pub(super) peer: Option<PeerId>,
    /// How it proves to them whose it is.
    pub(super) proof: Proof,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No final response yet.
    Open,
    /// None either, but nobody else will be tried.
    Closing,
    /// The sender has its final response. An INVITE's context stands until then for 2xx that may still come.
    Answered(Option<Instant>),
}

/// What a context needs from outside.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) now: Instant,
    pub(super) ids: &'a mut Ids,
    pub(super) identity: &'a Identity,
    pub(super) tokens: &'a Tokens,
    pub(super) realm: Option<&'a str>,
    pub(super) location: &'a Location,
    /// 64*T1.
    pub(super) give_up: Duration,
    /// Whether TCP is spoken here.
    pub(super) tcp: bool,
    pub(super) tracker: &'a mut Tracker,
    pub(super) trunks: &'a mut Trunks,
    pub(super) out: &'a mut Outbox,
}

impl Context {
    /// Sends the request on to the next of those that wait: all of one preference at once (section 16.6), as many as the
    /// breadth allows (RFC 5393 section 5.3.3).
    pub(super) fn take_turn(&mut self, cx: &mut Surroundings<'_>) {
        self.next_turn = None;
        let active = self.branches.iter().filter(|branch| branch.is_active());
        let spent: u32 = active.map(|branch| branch.breadth).sum();
        let room = self.breadth.saturating_sub(spent);
        let Some(first) = self.waiting.front() else {
            return;
        };
        let same = self.waiting.iter().take_while(|next| next.q == first.q);
        // Without room the next has to wait until another has answered.
        let count = same.count().min(room as usize);
        // What is left for those whose turn is later: the first may still be on their way when it comes.
        let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        let share = (room / waiting).max(1);
        for _ in 0..count {
            if let Some(binding) = self.waiting.pop_front() {
                self.send(Way::to(&binding), share, cx);
            }
        }
        if self.is_invite && !self.waiting.is_empty() {
            self.next_turn = Some(cx.now + limits::TURN_OF_PREFERENCE);
        }
    }

    /// Sends one copy by a branch of its own.
    pub(super) fn send(&mut self, way: Way, breadth: u32, cx: &mut Surroundings<'_>) {
        let index = self.branches.len();
        if index >= limits::BRANCHES {
            return;
        }
        let way_flow = way.flow;
        let mut flow = way_flow;
        let number = cx.ids.random_u64();
        let mut copy = self.copy(&way, flow, (number, breadth), cx);
        // Section 18.1.1.
        if let Some((_, bytes)) = &copy
            && bytes.len() > limits::DATAGRAM
            && cx.tcp
            && let Some(stream) = way.by_stream()
        {
            flow = stream;
            copy = self.copy(&way, flow, (number, breadth), cx);
        }
        let Some((name, bytes)) = copy else { return };
        self.branches.push(Branch {
            name,
            way,
            state: State::Calling,
            timer_c: self.is_invite.then(|| cx.now + limits::TIMER_C),
            breadth,
            by_stream: flow != way_flow,
            given_up: false,
        });
        self.ship(index, flow, bytes, cx);
    }

    /// Sends a copy that found no way by a stream by datagram after all.
    pub(super) fn send_again(&mut self, index: usize, cx: &mut Surroundings<'_>) {
        let Some(branch) = self.branches.get(index) else {
            return;
        };
        let (way, breadth) = (branch.way.clone(), branch.breadth);
        let number = cx.ids.random_u64();
        let Some((name, bytes)) = self.copy(&way, way.flow, (number, breadth), cx) else {
            return;
        };
        if let Some(branch) = self.branches.get_mut(index) {
            branch.name = name;
        }
        self.ship(index, way.flow, bytes, cx);
    }

    fn ship(&self, index: usize, flow: Flow, bytes: Bytes, cx: &mut Surroundings<'_>) {
        let (Some(branch), Some(method)) = (
            self.branches.get(index),
            self.request.as_ref().and_then(Message::method),
        ) else {
            return;
        };
        cx.out.push(Effect::Forward {
            mark: Mark(Whose::Branch {
                context: self.id,
                branch: u8::try_from(index).unwrap_or(u8::MAX),
            }),
            branch: branch.name.clone(),
            method: method.clone(),
            bytes,
            flow,
        });
    }

    /// Sends a copy for which there is no transaction without one, and forgets the request; `false` if that may not be
    /// (see [`Destination::needs_no_memory`]).
    pub(super) fn pass_on(&mut self, index: usize, cx: &mut Surroundings<'_>) -> bool {
        let (Some(request), Some(branch)) = (&self.request, self.branches.get(index)) else {
            return false;
        };
        if !self.destination.needs_no_memory(request) {
            return false;
        }
        let (way, number) = (branch.way.clone(), self.trail.number());
        let Some((_, bytes)) = self.copy(&way, way.flow, (number, branch.breadth), cx) else {
            return false;
        };
        cx.out.push(Effect::Forget { id: self.server });
        let flow = way.flow;
        cx.out.push(Effect::Transmit { bytes, flow });
        if let Some(part) = self.part {
            cx.tracker.passed(cx.now, part, cx.out);
        }
        true
    }

    /// The request as it goes by `flow`, and its branch, with a number of its own and what it has of breadth.
    fn copy(
        &self,
        way: &Way,
        flow: Flow,
        (number, breadth): (u64, u32),
        cx: &Surroundings<'_>,
    ) -> Option<(sip::name::Branch, Bytes)> {
        let request = self.request.as_ref()?;
        let name = Marks::branch(number, self.trail);
        let is_recorded = request.method().is_some_and(rewrite::is_recorded);
        let uri = way.request_uri(self.destination.is_secure(request));
        let hop = Hop {
            destination: &self.destination,
            uri: uri.as_deref(),
            path: way.path(),
            proof: self.proof.header(),
            flow,
            record: is_recorded.then_some(self.back),
            is_abroad: [
                self.destination.is_abroad,
                cx.identity.peers().at(self.back.peer.ip()).is_some(),
            ],
            branch: &name,
            breadth,
        };
        let signature = Signature {
            identity: cx.identity,
            tokens: cx.tokens,
            realm: cx.realm,
        };
        let bytes = rewrite::request(request, &hop, signature);
        Some((name, bytes))
    }

    /// Where the phone may be now, when the flow of its dialog is dead.
    pub(super) fn other_way(&self, cx: &Surroundings<'_>) -> Option<Way> {
        let dead = self
            .branches
            .first()
            .filter(|dead| dead.way.binding.is_none())?;
        let request = self.request.as_ref()?;
        let way = rescue(cx.location, cx.now, request, &self.destination)?;
        (way.flow != dead.way.flow).then_some(way)
    }

    /// Ends every branch that is not answered (section 16.7 step 10, 16.10).
    pub(super) fn cancel_all(
        &mut self,
        reason: Option<&Cow<'static, str>>,
        cx: &mut Surroundings<'_>,
    ) {
        self.waiting.clear();
        self.next_turn = None;
        self.servers.clear();
        if self.located_by.take().is_some() {
            self.best.add_own(408);
        }
        for index in 0..self.branches.len() {
            self.cancel(index, reason, cx);
        }
    }

    pub(super) fn cancel(
        &mut self,
        index: usize,
        reason: Option<&Cow<'static, str>>,
        cx: &mut Surroundings<'_>,
    ) {
        // Only an INVITE is cancelled (section 9.1).
        if let (true, Some(branch)) = (self.is_invite, self.branches.get_mut(index))
            && branch.cancel(reason)
        {
            cx.out.push(Effect::Cancel {
                branch: branch.name.clone(),
                reason: reason.cloned(),
            });
        }
    }

    /// When [`Context::timeout`] is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Answered(until) => until,
            Phase::Open | Phase::Closing => {
                let timers = self.branches.iter().filter_map(|branch| branch.timer_c);
                let others = [self.next_turn, self.rings_until, self.located_by];
                timers.chain(others.into_iter().flatten()).min()
            }
        }
    }

    /// Whether a final response of a branch, or the way of one, is still due.
    pub(super) fn is_active(&self) -> bool {
        self.located_by.is_some() || self.branches.iter().any(Branch::is_active)
    }

    /// Whether nothing more can come of it.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Open | Phase::Closing => false,
            Phase::Answered(until) => !self.is_active() && until.is_none_or(|until| until <= now),
        }
    }
}

/// Whether 2xx to this may come more than once.
pub(super) fn is_invite(request: &Message) -> bool {
    request.method() == Some(&Method::Invite)
}
