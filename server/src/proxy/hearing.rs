//! What a response context hears: responses, silence, CANCEL, timer C (RFC 3261 sections 16.7 to 16.10).

use std::borrow::Cow;
use std::sync::Arc;

use sip::msg::build::Response;
use sip::msg::{Contact, Message, Name};
use sip::name::{Scheme, UriRef};

use super::best::{Best, Verdict};
use super::branch::State;
use super::context::{Context, Phase, Surroundings};
use super::destination::{Target, aim};
use super::effect::Effect;
use super::rewrite;
use crate::binding::Binding;
use crate::limits;
use crate::locate::Unlocated;

/// Why a phone stops ringing when another was answered: it is to show no missed call (RFC 3326 section 2).
const ELSEWHERE: Cow<'static, str> =
    Cow::Borrowed("SIP;cause=200;text=\"Call completed elsewhere\"");

/// Why a phone stops ringing when somebody has ended the call on the board.
const BY_OPERATOR: Cow<'static, str> =
    Cow::Borrowed("SIP;cause=487;text=\"Ended by the operator\"");

impl Context {
    /// A response to the copy on branch `index`.
    pub(super) fn response(&mut self, index: usize, response: &Message, cx: &mut Surroundings<'_>) {
        match response.status() {
            Some(status @ 100..=199) => self.provisional(index, status, response, cx),
            Some(200..=699) if !has_another_via(response) => {
                self.done(index);
                self.best.add_own(502);
                self.advance(cx);
            }
            Some(200..=299) => self.success(index, response, cx),
            Some(430) => {
                self.done(index);
                if !self.tries_other_flow(index, cx) {
                    self.flow_failed(index, response);
                    self.advance(cx);
                }
            }
            Some(status @ 300..=699) => {
                self.done(index);
                if !(matches!(status, 401 | 407) && self.proves(index, response, cx)) {
                    self.failure(index, status, response, cx);
                }
                self.advance(cx);
            }
            Some(_) | None => {}
        }
    }

    /// The copy on branch `index` got no final response in time: counts as 408 (section 16.8).
    pub(super) fn timed_out(&mut self, index: usize, cx: &mut Surroundings<'_>) {
        self.done(index);
        if !self.tries_other_flow(index, cx) {
            self.best.add_own(408);
            self.advance(cx);
        }
    }

    /// It could not be sent: counts as 503 (section 16.9). What found no stream goes by datagram (18.1.1).
    pub(super) fn unreachable(&mut self, index: usize, cx: &mut Surroundings<'_>) {
        self.not_sent(index, self.when_unreachable(index), cx);
    }

    fn not_sent(&mut self, index: usize, status: u16, cx: &mut Surroundings<'_>) {
        if let Some(branch) = self.branches.get_mut(index)
            && branch.state == State::Calling
            && std::mem::take(&mut branch.by_stream)
        {
            return self.send_again(index, cx);
        }
        self.done(index);
        if self.branches.len() == 1
            && let Some(way) = self.other_way(cx)
        {
            return self.send(way, self.breadth, cx);
        }
        if self.tries_other_flow(index, cx) {
            return;
        }
        self.best.add_own(status);
        self.advance(cx);
    }

    /// There was no room for its transaction.
    pub(super) fn without_room(&mut self, index: usize, cx: &mut Surroundings<'_>) {
        if self.pass_on(index, cx) {
            self.done(index);
            self.answered(None);
        } else {
            self.not_sent(index, 503, cx);
        }
    }

    /// The sender does not want it any more (section 16.10).
    pub(super) fn cancelled(&mut self, cancel: &Message, cx: &mut Surroundings<'_>) {
        if self.phase == Phase::Open {
            self.phase = Phase::Closing;
        }
        self.withdrawn = true;
        let reason = cancel
            .text(Name::Reason)
            .map(|reason| Cow::Owned(limits::cut(&reason, limits::REASON_TEXT).to_owned()));
        self.cancel_all(reason.as_ref(), cx);
        self.advance(cx);
    }

    /// An operator does not want it any more.
    pub(super) fn ended_by_operator(&mut self, cx: &mut Surroundings<'_>) {
        if self.phase == Phase::Open {
            self.phase = Phase::Closing;
        }
        self.withdrawn = true;
        self.cancel_all(Some(&BY_OPERATOR), cx);
        self.advance(cx);
    }

    /// The deadline is reached.
    pub(super) fn timeout(&mut self, cx: &mut Surroundings<'_>) {
        if matches!(self.phase, Phase::Answered(Some(until)) if until <= cx.now) {
            self.phase = Phase::Answered(None);
        }
        for index in 0..self.branches.len() {
            // Section 16.8.
            if self.branches[index].timer_c.is_some_and(|at| at <= cx.now) {
                // It has answered: none of its kind is tried in its place.
                self.servers.clear();
                self.cancel(index, None, cx);
            }
        }
        if self.located_by.is_some_and(|at| at <= cx.now) {
            self.located(Err(Unlocated::NoAnswer), cx);
        }
        if self.rings_until.is_some_and(|at| at <= cx.now) {
            self.rings_until = None;
            if self.phase == Phase::Open {
                self.unanswered(cx);
            }
        }
        if self.next_turn.is_some_and(|at| at <= cx.now) {
            for index in 0..self.branches.len() {
                self.branches[index].given_up |= self.branches[index].is_active();
                self.cancel(index, None, cx);
            }
            self.take_turn(cx);
        }
    }

    fn provisional(
        &mut self,
        index: usize,
        status: u16,
        response: &Message,
        cx: &mut Surroundings<'_>,
    ) {
        let Some(branch) = self.branches.get_mut(index) else {
            return;
        };
        match std::mem::replace(&mut branch.state, State::Proceeding) {
            State::Calling | State::Proceeding => {}
            State::Doomed(reason) => self.cancel(index, reason.as_ref(), cx),
            before @ (State::Cancelled | State::Done) => branch.state = before,
        }
        // Step 5: 100 is between neighbours; RFC 4320 section 4.1: to anything but INVITE so is every other.
        if status == 100 || !self.is_invite {
            return;
        }
        // Step 2.
        if let Some(timer_c) = self
            .branches
            .get_mut(index)
            .and_then(|b| b.timer_c.as_mut())
        {
            *timer_c = cx.now + limits::TIMER_C;
        }
        let is_due = matches!(self.phase, Phase::Open | Phase::Closing);
        if is_due && has_another_via(response) {
            self.pass(index, response, cx);
        }
    }

    /// Steps 5 and 10. Each 2xx to INVITE is passed on, to anything else the first.
    fn success(&mut self, index: usize, response: &Message, cx: &mut Surroundings<'_>) {
        self.done(index);
        let is_first = matches!(self.phase, Phase::Open | Phase::Closing);
        if is_first || self.is_invite {
            self.pass(index, response, cx);
        }
        if is_first {
            self.answered(self.is_invite.then(|| cx.now + cx.give_up));
            self.cancel_all(Some(&ELSEWHERE), cx);
        }
    }

    fn failure(
        &mut self,
        index: usize,
        status: u16,
        response: &Message,
        cx: &mut Surroundings<'_>,
    ) {
        if matches!(self.phase, Phase::Answered(_)) {
            return;
        }
        if self
            .branches
            .get(index)
            .is_some_and(|branch| branch.given_up)
        {
            return self.best.add_own(408);
        }
        // RFC 3263 section 4.3: only 503, silence and a broken way lead to the next server.
        if status != 503 {
            self.servers.clear();
        }
        match status {
            300..=399 if self.phase == Phase::Open && self.redirected(response, cx) => {}
            600..=699 => {
                self.best.add(response);
                self.phase = Phase::Closing;
                self.cancel_all(None, cx);
            }
            _ => self.best.add(response),
        }
    }

    /// Step 4: follows a 3xx when it names phones that are registered here and nobody else; else the caller decides.
    fn redirected(&mut self, response: &Message, cx: &mut Surroundings<'_>) -> bool {
        // Section 16.5: no target is added to a request that was for others.
        let is_ours = matches!(self.destination.target, Target::Phone(_));
        if !is_ours || self.redirections >= limits::REDIRECTIONS {
            return false;
        }
        let is_sips = |uri: UriRef<'_>| uri.scheme() == Scheme::Sips;
        let asked = self.request.as_ref();
        let wants_sips = asked.is_some_and(|asked| self.destination.is_secure(asked));
        let mut found: Vec<Arc<Binding>> = Vec::new();
        for contact in response.contacts() {
            let Ok(Contact::Address(address)) = contact else {
                return false;
            };
            let Ok(uri) = address.uri() else { return false };
            if wants_sips && !is_sips(uri) {
                return false;
            }
            let Target::Phone(aor) = aim(uri, cx.identity, false) else {
                return false;
            };
            let bindings = cx.location.lookup(&aor, cx.now);
            let fresh = bindings
                .iter()
                .filter(|binding| !self.knows(binding) && (!wants_sips || binding.is_secure()));
            found.extend(fresh.cloned());
        }
        found.truncate(limits::BRANCHES.saturating_sub(self.branches.len()));
        let is_followed = !found.is_empty();
        if is_followed {
            self.redirections += 1;
            self.waiting.extend(found);
        }
        is_followed
    }

    /// Section 16.5: no URI stands in the target set twice.
    pub(super) fn knows(&self, binding: &Binding) -> bool {
        let Ok(uri) = UriRef::parse(binding.contact()) else {
            return true;
        };
        let tried = self.branches.iter().filter_map(|branch| branch.way.uri());
        let waiting = self.waiting.iter().map(|binding| binding.contact());
        tried
            .chain(waiting)
            .filter_map(|known| UriRef::parse(known).ok())
            .any(|known| known.equivalent(&uri))
    }

    /// Goes on when no branch can answer any more: to the next phones, or to the best response.
    pub(super) fn advance(&mut self, cx: &mut Surroundings<'_>) {
        if matches!(self.phase, Phase::Answered(_)) || self.is_active() {
            return;
        }
        if self.phase == Phase::Open && !self.waiting.is_empty() {
            return self.take_turn(cx);
        }
        if self.phase == Phase::Open && self.next_server(cx) {
            return;
        }
        if self.phase == Phase::Open && self.rings_another(cx) {
            return;
        }
        let Some(request) = self.request.take() else {
            return;
        };
        let (verdict, challenges) = self.best.take(480);
        if let Some(part) = self.part {
            let (status, heard) = match &verdict {
                Verdict::Own(status) => (*status, None),
                Verdict::Response(response) => (response.status().unwrap_or(500), Some(response)),
            };
            let withdrawn = self.withdrawn;
            cx.tracker
                .failed(cx.now, part, status, heard, withdrawn, cx.out);
        }
        let bytes = match verdict {
            // Whoever cancelled it does not care who was silent (section 15.1.2 names the status).
            Verdict::Own(408) if self.withdrawn => {
                let tag = cx.ids.tag();
                Some(Response::to(&request, 487, None, Some(&tag)).finish())
            }
            // RFC 4320 section 4.2: whoever sent it has given up by himself.
            Verdict::Own(408) if !self.is_invite => None,
            Verdict::Response(ref response)
                if response.status() == Some(408) && !self.is_invite =>
            {
                None
            }
            Verdict::Own(status) => {
                let tag = cx.ids.tag();
                Some(Response::to(&request, status, None, Some(&tag)).finish())
            }
            Verdict::Response(response) => Some(rewrite::challenge(&response, challenges.iter())),
        };
        if let Some(bytes) = bytes {
            let id = self.server;
            cx.out.push(Effect::Respond { id, bytes });
        }
        self.answered(None);
    }

    /// The sender has its answer: what was kept to find one is not needed any more.
    fn answered(&mut self, until: Option<sip::time::Instant>) {
        self.phase = Phase::Answered(until);
        self.request = None;
        self.destination.target = Target::Server;
        self.best = Best::default();
    }

    fn done(&mut self, index: usize) {
        if let Some(branch) = self.branches.get_mut(index) {
            branch.state = State::Done;
            branch.timer_c = None;
        }
    }

    fn pass(&self, index: usize, response: &Message, cx: &mut Surroundings<'_>) {
        let bytes = rewrite::response(response);
        let id = self.server;
        cx.out.push(Effect::Respond { id, bytes });
        if let (Some(part), Some(branch)) = (self.part, self.branches.get(index)) {
            let flows = [self.back, branch.way.flow];
            let tokens = cx.tokens;
            let is_token = |uri: &str| {
                let uri = UriRef::parse(uri).ok();
                let user = uri.and_then(|uri| uri.user());
                user.is_some_and(|user| tokens.read(user).is_some())
            };
            cx.tracker
                .response(cx.now, part, response, flows, is_token, cx.out);
        }
    }
}

/// Whether a response has somebody to go back to (section 16.7 step 3).
fn has_another_via(response: &Message) -> bool {
    response.values(Name::Via).nth(1).is_some()
}
