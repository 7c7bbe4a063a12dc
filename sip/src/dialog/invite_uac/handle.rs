//! Which part of the usage an input is for: the INVITE's own machine (`step`), or the session in one of its dialogs.

use super::step::Cue;
use super::{FIRST_CSEQ, INVITE, InviteUac};
use crate::dialog::session::{Fate, no_dialog};
use crate::dialog::{Event, Input, Outbox, RequestId};
use crate::msg::{Message, Method};
use crate::name::{Flow, Ids};
use crate::time::Instant;
use crate::transaction::ServerId;

impl InviteUac {
    pub(super) fn dispatch(
        &mut self,
        now: Instant,
        input: Input<'_>,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        match input {
            Input::Response {
                request: INVITE,
                response,
                flow,
            } => self.invite_response(now, response, flow, ids, out),
            Input::Stray { response, flow } if self.is_to_invite(response) => {
                self.invite_response(now, response, flow, ids, out);
            }
            Input::TimedOut(INVITE) => self.step(now, Cue::TimedOut, ids, out),
            Input::Unreachable(INVITE) => self.step(now, Cue::Unreachable, ids, out),
            Input::HangUp { reason } => self.step(now, Cue::HangUp(reason), ids, out),
            Input::Ack { body } => self.step(now, Cue::Ack(body), ids, out),
            Input::Request { id, request, flow } => self.request(now, id, request, flow, ids, out),
            Input::Respond { id, .. } | Input::Decline(id) | Input::PeerCancel { id, .. } => {
                self.give_asking(now, id, input, ids, out);
            }
            Input::Timeout => self.timeout(now, ids, out),
            Input::Response {
                request: RequestId::NOBODY,
                ..
            }
            | Input::TimedOut(RequestId::NOBODY)
            | Input::Unreachable(RequestId::NOBODY) => {}
            Input::Response { .. }
            | Input::Stray { .. }
            | Input::TimedOut(_)
            | Input::Unreachable(_)
            | Input::PeerAck { .. }
            | Input::Reinvite { .. }
            | Input::Update { .. }
            | Input::Withdraw
            | Input::Send { .. } => self.give_main(now, input, ids, out),
        }
    }

    /// Whether a response without transaction is a 2xx to our INVITE, of a fork that took its time.
    fn is_to_invite(&self, response: &Message) -> bool {
        let tag = |from: crate::msg::NameAddr<'_>| from.tag() == Some(self.origin.tag.as_str());
        response.status().is_some_and(|s| (200..300).contains(&s))
            && response.cseq() == Ok((FIRST_CSEQ, Method::Invite))
            && response.from().is_ok_and(tag)
    }

    fn invite_response(
        &mut self,
        now: Instant,
        response: &Message,
        flow: &Flow,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        let cue = match response.status() {
            Some(100..=199) => Cue::Provisional(response, flow),
            Some(200..=299) => Cue::Success(response, flow),
            Some(300..=699) => Cue::Failure(response),
            Some(_) | None => return,
        };
        self.step(now, cue, ids, out);
    }

    /// RFC 3261 section 12.2.2: the tags say which dialog a request is for.
    fn request(
        &mut self,
        now: Instant,
        id: ServerId,
        request: &Message,
        flow: &Flow,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        let input = Input::Request { id, request, flow };
        if let Some(at) = self.early.iter().position(|s| s.dialog().owns(request)) {
            self.give_early(now, at, input, ids, out);
        } else if self.main.as_ref().is_some_and(|s| s.dialog().owns(request)) {
            self.give_main(now, input, ids, out);
        } else if let Some(fork) = self.forks.iter_mut().find(|s| s.dialog().owns(request)) {
            fork.handle(now, input, ids, out);
        } else {
            no_dialog(id, request, out);
        }
    }

    /// The answer to a request of the peer goes to the session that asked.
    fn give_asking(
        &mut self,
        now: Instant,
        id: ServerId,
        input: Input<'_>,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        if let Some(at) = self.early.iter().position(|s| s.is_asked(id)) {
            self.give_early(now, at, input, ids, out);
        } else if self.main.as_ref().is_some_and(|s| s.is_asked(id)) {
            self.give_main(now, input, ids, out);
        }
    }

    fn timeout(&mut self, now: Instant, ids: &mut Ids, out: &mut Outbox) {
        for early in &mut self.early {
            early.handle(now, Input::Timeout, ids, out);
        }
        self.give_main(now, Input::Timeout, ids, out);
    }

    /// A BYE on an early dialog is not allowed to the peer (RFC 3261 section 15), but its meaning is plain: this fork
    /// will not answer. When it was the last one, nobody will.
    fn give_early(
        &mut self,
        now: Instant,
        at: usize,
        input: Input<'_>,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        let fate = self.early[at].handle(now, input, ids, out);
        match fate {
            Fate::RemoteBye(reason) => {
                self.early.remove(at);
                if self.early.is_empty() {
                    self.step(now, Cue::RemoteBye(reason), ids, out);
                }
            }
            // An early dialog has sent nothing that could fail or be acknowledged.
            Fate::Stands | Fate::Acknowledged(_) | Fate::ByeDone | Fate::Lost(_) => {}
        }
    }

    pub(super) fn give_main(
        &mut self,
        now: Instant,
        input: Input<'_>,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        let Some(main) = &mut self.main else {
            refuse_wish(&input, out);
            return;
        };
        match main.handle(now, input, ids, out) {
            // The peer acknowledges our first 2xx only where it is the UAC.
            Fate::Stands | Fate::Acknowledged(_) => {}
            Fate::RemoteBye(reason) => self.step(now, Cue::RemoteBye(reason), ids, out),
            Fate::ByeDone => self.step(now, Cue::ByeDone, ids, out),
            Fate::Lost(status) => self.step(now, Cue::Lost(status), ids, out),
        }
    }
}

/// Without a confirmed dialog a wish of the user cannot be granted.
fn refuse_wish(input: &Input<'_>, out: &mut Outbox) {
    match input {
        Input::Reinvite { .. } | Input::Update { .. } => {
            out.event(Event::NotModified { status: None });
        }
        Input::Send { mark, .. } => out.event(Event::Replied {
            mark: *mark,
            response: None,
        }),
        Input::Response { .. }
        | Input::Stray { .. }
        | Input::TimedOut(_)
        | Input::Unreachable(_)
        | Input::Request { .. }
        | Input::PeerAck { .. }
        | Input::PeerCancel { .. }
        | Input::Ack { .. }
        | Input::HangUp { .. }
        | Input::Respond { .. }
        | Input::Withdraw
        | Input::Decline(_)
        | Input::Timeout => {}
    }
}
