//! The dialogs of one INVITE (RFC 3261 section 13.2.2): early ones, the one of the first 2xx, and forks too many.

use super::{FIRST_CSEQ, InviteUac, State};
use crate::dialog::session::{Session, Waiter};
use crate::dialog::state::remote_tag;
use crate::dialog::{Body, Dialog, Event, Outbox, Reason};
use crate::limits::MAX_FORKS;
use crate::msg::Message;
use crate::name::{Flow, Ids};
use crate::time::Instant;

impl InviteUac {
    /// A 1xx: perhaps another early dialog (section 12.1), always news.
    pub(super) fn progress(&mut self, response: &Message, flow: &Flow, out: &mut Outbox) {
        let status = response.status().unwrap_or(0);
        if status == 100 {
            out.event(Event::Trying);
            return;
        }
        let tag = remote_tag(response);
        let is_known = self
            .early
            .iter()
            .any(|session| session.dialog().id().remote_tag == tag);
        if !tag.as_str().is_empty() && !is_known && self.early.len() < MAX_FORKS {
            let mut session = self.session(response);
            session.dialog_mut().heard(flow);
            self.early.push(session);
        }
        out.event(Event::Progress {
            status,
            body: Body::of(response),
        });
    }

    /// The first 2xx: its dialog is the one, and the other early ones are over.
    pub(super) fn confirm(
        &mut self,
        now: Instant,
        response: &Message,
        flow: &Flow,
        out: &mut Outbox,
    ) -> Option<Body> {
        let tag = remote_tag(response);
        let early = self
            .early
            .iter()
            .position(|session| session.dialog().id().remote_tag == tag);
        let mut session = match early {
            Some(at) => self.early.remove(at),
            None => self.session(response),
        };
        session.answered(now, response, flow, FIRST_CSEQ, self.offer_of(response));
        self.main = Some(session);
        self.dissolve_early(out);
        Body::of(response)
    }

    /// A 2xx after the first: the same again, which is absorbed while the ACK is held and acknowledged with the same
    /// bytes after that; or that of another fork, which is acknowledged and released (section 13.2.2.4).
    pub(super) fn further_success(
        &mut self,
        now: Instant,
        response: &Message,
        flow: &Flow,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        let tag = remote_tag(response);
        let known = self
            .main
            .iter()
            .chain(&self.forks)
            .find(|session| session.dialog().id().remote_tag == tag);
        if let Some(session) = known {
            session.acknowledge_again(response, out);
            return;
        }
        let elsewhere = Reason::sip(200, "Call completed elsewhere");
        let reason = match self.state {
            State::Answered | State::Established => Some(&elsewhere),
            State::Calling
            | State::Proceeding
            | State::Cancelling
            | State::Releasing
            | State::Ended => self
                .ending
                .as_ref()
                .and_then(|ending| ending.reason.as_ref()),
        };
        let mut fork = self.session(response);
        fork.answered(now, response, flow, FIRST_CSEQ, self.offer_of(response));
        fork.close(reason, Waiter::Nobody, ids, out);
        if self.forks.len() == MAX_FORKS {
            self.forks.remove(0);
        }
        self.forks.push(fork);
    }

    pub(super) fn dissolve_early(&mut self, out: &mut Outbox) {
        for mut early in self.early.drain(..) {
            early.dissolve(out);
        }
    }

    /// A 2xx makes an offer when our INVITE made none (section 13.2.1).
    fn offer_of(&self, response: &Message) -> Option<Body> {
        Body::of(response).filter(|_| !self.has_offered)
    }

    fn session(&self, response: &Message) -> Session {
        let dialog = Dialog::uac(&self.origin, response);
        Session::new(dialog, self.allow, self.timers, true)
    }
}
