//! The UAS's INVITE usage: one INVITE that we receive and everything that follows until both sides are done
//! with it (RFC 3261 sections 13.3, 14.2, 15).
//!
//! The 2xx is repeated until its ACK comes (section 13.3.1.4), over every transport.
//!
//! ```text
//!         INVITE
//!           │
//!    ┌──────▼─────┐ 200   ┌──────────┐ ACK         ┌─────────────┐ hang up: BYE   ┌───────────┐
//!    │ Proceeding ├──────►│ Answered ├────────────►│ Established ├───────────────►│ Releasing │
//!    └──────┬─────┘       └────┬─────┘ (hang up    └──────┬──────┘                └─────┬─────┘
//!           │ 3xx-6xx,         │ no ACK in 64*T1:  waits: │ BYE of the peer,            │ BYE answered,
//!           │ CANCEL (487)     │ BYE               BYE)   │ or lost                     │ or Timer F
//!           ▼                  ▼                          ▼                             ▼
//!         Ended              Ended                      Ended                         Ended
//! ```

use super::session::{Fate, Session, Waiter, no_dialog};
use super::{Body, Dialog, Effect, End, Event, Input, Outbox, Reason, Refusal};
use crate::msg::build::Response;
use crate::msg::{Message, Name, reason_phrase};
use crate::name::{CallId, Flow, Ids, Tag};
use crate::time::Instant;
use crate::transaction::{ServerId, Timers};

/// How we answer.
#[derive(Clone, Debug)]
pub struct AnswerParams<'a> {
    /// Where the peer reaches us: `<sip:192.0.2.1:5080;transport=udp>`.
    pub contact: &'a str,
    /// The value of `Allow`: [`super::ALLOW`].
    pub allow: &'static str,
    /// T1, T2 and T4.
    pub timers: Timers,
}

/// Where the usage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// INVITE received, no final response sent.
    Proceeding,
    /// 2xx sent, the ACK is due. A hang-up waits for it (RFC 3261 section 15).
    Answered,
    /// ACK received: the session stands.
    Established,
    /// BYE sent; its response is due.
    Releasing,
    /// Over.
    Ended,
}

/// One INVITE that we receive, and its dialog.
#[derive(Debug)]
pub struct InviteUas {
    state: State,
    id: ServerId,
    invite: Message,
    tag: Tag,
    session: Session,
    allow: &'static str,
    /// The hang-up that waits for the ACK.
    hang_up: Option<Option<Reason>>,
}

impl InviteUas {
    /// Takes an INVITE without To tag that is to be served here. Nothing is sent yet.
    pub fn start(
        id: ServerId,
        invite: &Message,
        flow: &Flow,
        params: &AnswerParams<'_>,
        ids: &mut Ids,
    ) -> Self {
        let tag = ids.tag();
        let dialog = Dialog::uas(invite, &tag, params.contact, flow);
        Self {
            state: State::Proceeding,
            id,
            invite: invite.clone(),
            tag,
            session: Session::new(dialog, params.allow, params.timers, false),
            allow: params.allow,
            hang_up: None,
        }
    }

    /// Sends a response of 101 to 199, while no final response is sent.
    pub fn progress(&mut self, status: u16, body: Option<Body>, out: &mut Outbox) {
        if self.state == State::Proceeding && (101..200).contains(&status) {
            let draft = self
                .response(status)
                .record_route(&self.invite)
                .contact(self.session.dialog().contact());
            self.respond(draft, body.as_ref(), out);
        }
    }

    /// Sends 200, while no final response is sent, and repeats it until the ACK comes.
    pub fn answer(&mut self, now: Instant, body: Option<Body>, out: &mut Outbox) {
        if self.state != State::Proceeding {
            return;
        }
        let mut draft = self
            .response(200)
            .record_route(&self.invite)
            .contact(self.session.dialog().contact())
            .header(Name::Allow, self.allow)
            .header(Name::Supported, "");
        if let Some(body) = &body {
            draft = draft.body(&body.content_type, &body.bytes);
        }
        let bytes = draft.finish();
        let cseq = self.invite.cseq().map_or(0, |(number, _)| number);
        self.session.answer(now, self.id, cseq, bytes, out);
        self.state = State::Answered;
    }

    /// Sends a final response of 300 to 699, while none is sent, with more header fields (name and value).
    pub fn refuse(&mut self, status: u16, headers: &[(&str, &str)], out: &mut Outbox) {
        if self.state == State::Proceeding && (300..700).contains(&status) {
            let mut draft = self.response(status);
            for (name, value) in headers {
                draft = draft.raw(name, value.as_bytes());
            }
            self.respond(draft, None, out);
            let refusal = Refusal {
                status,
                phrase: reason_phrase(status).into(),
                retry_after: None,
                contacts: Vec::new(),
            };
            self.end(End::Refused(refusal), out);
        }
    }

    /// Takes one input. Never fails, never panics; effects are appended to `out`.
    ///
    /// [`Input::HangUp`] refuses the INVITE by 480 while it is not answered.
    pub fn handle(&mut self, now: Instant, input: Input<'_>, ids: &mut Ids, out: &mut Outbox) {
        match input {
            Input::HangUp { reason } => self.hang_up(reason, ids, out),
            Input::PeerCancel { id, reason } if id == self.id => self.cancelled(reason, out),
            Input::Request { id, request, .. } if !self.session.dialog().owns(request) => {
                no_dialog(id, request, out);
            }
            Input::Response { .. }
            | Input::Stray { .. }
            | Input::TimedOut(_)
            | Input::Unreachable(_)
            | Input::Request { .. }
            | Input::PeerAck { .. }
            | Input::PeerCancel { .. }
            | Input::Ack { .. }
            | Input::Reinvite { .. }
            | Input::Update { .. }
            | Input::Send { .. }
            | Input::Respond { .. }
            | Input::Withdraw
            | Input::Decline(_)
            | Input::Timeout => match self.session.handle(now, input, ids, out) {
                Fate::Stands => {}
                Fate::Acknowledged(body) => self.acknowledged(body, ids, out),
                Fate::RemoteBye(reason) => self.remote_bye(reason, out),
                Fate::ByeDone => self.bye_done(out),
                Fate::Lost(status) => self.lost(status, ids, out),
            },
        }
    }

    /// When [`Input::Timeout`] is due; it may change with each input.
    pub fn deadline(&self) -> Option<Instant> {
        self.session.deadline()
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Its Call-ID.
    pub fn call_id(&self) -> &CallId {
        &self.session.dialog().id().call_id
    }

    /// Its dialog: early until the 2xx, and unknown to the peer until a response but 100 is sent.
    pub fn dialog(&self) -> &Dialog {
        self.session.dialog()
    }

    fn hang_up(&mut self, reason: Option<Reason>, ids: &mut Ids, out: &mut Outbox) {
        match self.state {
            State::Proceeding => {
                let mut draft = self.response(480);
                if let Some(reason) = reason {
                    draft = draft.header(Name::Reason, reason);
                }
                self.respond(draft, None, out);
                self.end(End::HungUp, out);
            }
            // RFC 3261 section 15: no BYE of the callee before the ACK.
            State::Answered => {
                self.hang_up.get_or_insert(reason);
            }
            State::Established => self.release(reason.as_ref(), ids, out),
            State::Releasing | State::Ended => {}
        }
    }

    fn cancelled(&mut self, reason: Option<Reason>, out: &mut Outbox) {
        match self.state {
            State::Proceeding => {
                self.respond(self.response(487), None, out);
                self.end(End::RemoteCancel { reason }, out);
            }
            // It crossed our final response (RFC 3261 section 9.2).
            State::Answered | State::Established | State::Releasing | State::Ended => {}
        }
    }

    fn acknowledged(&mut self, body: Option<Body>, ids: &mut Ids, out: &mut Outbox) {
        match self.state {
            State::Answered => {
                self.state = State::Established;
                out.event(Event::Confirmed { body });
                if let Some(reason) = self.hang_up.take() {
                    self.release(reason.as_ref(), ids, out);
                }
            }
            State::Proceeding | State::Established | State::Releasing | State::Ended => {}
        }
    }

    fn remote_bye(&mut self, reason: Option<Reason>, out: &mut Outbox) {
        match self.state {
            // A caller may end an early dialog by BYE; the INVITE is answered as after CANCEL (section 15.1.2).
            State::Proceeding => {
                self.respond(self.response(487), None, out);
                self.end(End::RemoteBye { reason }, out);
            }
            State::Answered | State::Established => self.end(End::RemoteBye { reason }, out),
            State::Releasing => self.end(End::HungUp, out),
            State::Ended => {}
        }
    }

    fn bye_done(&mut self, out: &mut Outbox) {
        match self.state {
            State::Releasing => self.end(End::HungUp, out),
            State::Proceeding | State::Answered | State::Established | State::Ended => {}
        }
    }

    fn lost(&mut self, status: Option<u16>, ids: &mut Ids, out: &mut Outbox) {
        match self.state {
            State::Answered | State::Established => {
                self.session.lose(status, ids, out);
                self.end(End::Lost { status }, out);
            }
            State::Proceeding | State::Releasing | State::Ended => {}
        }
    }

    fn release(&mut self, reason: Option<&Reason>, ids: &mut Ids, out: &mut Outbox) {
        self.session.close(reason, Waiter::Usage, ids, out);
        self.state = State::Releasing;
    }

    fn end(&mut self, end: End, out: &mut Outbox) {
        self.session.dissolve(out);
        self.state = State::Ended;
        out.event(Event::Ended(end));
    }

    fn response(&self, status: u16) -> Response<'static> {
        Response::to(&self.invite, status, None, Some(&self.tag))
    }

    fn respond<'a>(&self, mut draft: Response<'a>, body: Option<&'a Body>, out: &mut Outbox) {
        if let Some(body) = body {
            draft = draft.body(&body.content_type, &body.bytes);
        }
        out.push(Effect::Respond {
            id: self.id,
            bytes: draft.finish(),
        });
    }
}
