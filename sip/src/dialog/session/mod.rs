//! What both sides may do inside a dialog that an INVITE made (RFC 3261 sections 12.2, 14 and 15), the same for
//! UAC and UAS: our ACKs (`ack`), our re-INVITE and UPDATE (`modify`), our other requests (`send`), the peer's requests
//! (`asked`), our 2xx until its ACK (`repeat`), and the BYE of either side.
//!
//! ```text
//!            2xx               ACK               BYE, either side's
//!   Early ────────► Unacked ────────► Open ─┐
//!     │                │                    ├──────────────► Closed
//!     └────────────────┴────────────────────┘
//! ```
//!
//! Does not know how the dialog was made nor who hears of its end: it tells its usage by a [`Fate`].

mod ack;
mod asked;
mod modify;
mod repeat;
mod send;

use bytes::Bytes;

use self::ack::Held;
pub(super) use self::asked::no_dialog;
use self::asked::{Answer, Question};
use self::modify::Modify;
use self::repeat::Repeat;
use self::send::Sent;
use super::{Body, Dialog, Effect, Event, Input, Outbox, Reason, RequestId};
use crate::msg::{Message, Method, Name};
use crate::name::{Flow, Ids};
use crate::time::Instant;
use crate::transaction::{ServerId, Timers};

/// How far the dialog has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No 2xx yet.
    Early,
    /// 2xx, but no ACK: ours is held, or the peer's is due.
    Unacked,
    /// Acknowledged.
    Open,
    /// A BYE was sent or answered, or the dialog is lost.
    Closed,
}

/// What an input meant for the usage as a whole.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// Nothing: the session goes on, or stays closed.
    Stands,
    /// The first ACK of the peer came, with this body. (UAS)
    Acknowledged(Option<Body>),
    /// The peer sent BYE; it is answered, the session is closed.
    RemoteBye(Option<Reason>),
    /// Our BYE is answered, or never will be.
    ByeDone,
    /// The dialog cannot go on, for this status. It is not closed yet.
    Lost(Option<u16>),
}

/// One dialog in use.
#[derive(Debug)]
pub(super) struct Session {
    dialog: Dialog,
    allow: &'static str,
    timers: Timers,
    /// Who made the Call-ID backs off longer when both sides re-INVITE at once (RFC 3261 section 14.1).
    owns_call_id: bool,
    phase: Phase,
    held: Option<Held>,
    acks: Vec<(u32, Bytes)>,
    modify: Modify,
    sent: Vec<Sent>,
    asked: Vec<Question>,
    repeat: Option<Repeat>,
    bye: Option<RequestId>,
}

impl Session {
    /// A session in an early dialog.
    pub(super) fn new(
        dialog: Dialog,
        allow: &'static str,
        timers: Timers,
        owns_call_id: bool,
    ) -> Self {
        Self {
            dialog,
            allow,
            timers,
            owns_call_id,
            phase: Phase::Early,
            held: None,
            acks: Vec::new(),
            modify: Modify::default(),
            sent: Vec::new(),
            asked: Vec::new(),
            repeat: None,
            bye: None,
        }
    }

    /// The peer's 2xx to our first INVITE, perhaps with an offer: the ACK is held from now on.
    pub(super) fn answered(
        &mut self,
        now: Instant,
        response: &Message,
        flow: &Flow,
        cseq: u32,
        offer: Option<Body>,
    ) {
        self.dialog.confirm(response);
        self.dialog.heard(flow);
        self.phase = Phase::Unacked;
        self.hold(now, cseq, offer);
    }

    /// Sends our 2xx to the peer's first INVITE, until its ACK comes.
    pub(super) fn answer(
        &mut self,
        now: Instant,
        id: ServerId,
        cseq: u32,
        bytes: Bytes,
        out: &mut Outbox,
    ) {
        self.phase = Phase::Unacked;
        self.repeat = Some(Repeat::start(now, self.timers, id, cseq, bytes, out));
    }

    /// Takes any input that is for this dialog.
    pub(super) fn handle(
        &mut self,
        now: Instant,
        input: Input<'_>,
        ids: &mut Ids,
        out: &mut Outbox,
    ) -> Fate {
        let fate = match input {
            Input::Response {
                request,
                response,
                flow,
            } => self.response(now, request, response, flow, ids, out),
            Input::Stray { response, .. } => {
                self.acknowledge_again(response, out);
                Fate::Stands
            }
            Input::TimedOut(request) => self.failed(request, None, out),
            // RFC 3261 section 8.1.3.1.
            Input::Unreachable(request) => self.failed(request, Some(503), out),
            Input::Request { id, request, flow } => self.ask(now, id, request, flow, ids, out),
            Input::PeerAck { ack } => self.peer_ack(ack, out),
            Input::PeerCancel { id, .. } => {
                self.peer_cancel(id, out);
                Fate::Stands
            }
            Input::Ack { body } => {
                self.release(body, ids, out);
                Fate::Stands
            }
            Input::Reinvite { offer } => {
                self.wish(Method::Invite, offer, out);
                Fate::Stands
            }
            Input::Update { offer } => {
                self.wish(Method::Update, offer, out);
                Fate::Stands
            }
            Input::Send {
                mark,
                method,
                headers,
                body,
            } => {
                self.send(mark, method, headers, body, ids, out);
                Fate::Stands
            }
            Input::Withdraw => {
                self.withdraw(out);
                Fate::Stands
            }
            Input::Respond {
                id,
                status,
                headers,
                body,
            } => {
                let answer = Answer {
                    status,
                    headers,
                    body: body.as_ref(),
                };
                self.respond(now, id, answer, out);
                Fate::Stands
            }
            Input::Decline(id) => {
                self.decline(id, out);
                Fate::Stands
            }
            Input::Timeout => self.timeout(now, out),
            // When and how to end is decided by the usage, which calls `close`.
            Input::HangUp { .. } => Fate::Stands,
        };
        self.modify_if_possible(now, ids, out);
        fate
    }

    /// When [`Input::Timeout`] is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let held = self.held.as_ref().map(|held| held.until);
        let repeat = self.repeat.as_ref().map(Repeat::deadline);
        let asked = self.asked.iter().map(|question| question.due).min();
        [held, repeat, asked, self.modify.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    pub(super) const fn dialog(&self) -> &Dialog {
        &self.dialog
    }

    pub(super) const fn dialog_mut(&mut self) -> &mut Dialog {
        &mut self.dialog
    }

    /// Whether a request of the peer with this id waits for the user.
    pub(super) fn is_asked(&self, id: ServerId) -> bool {
        self.asked.iter().any(|question| question.id == id)
    }

    /// Ends the session by BYE, a held ACK before it. What becomes of the BYE is told as `waiter`.
    pub(super) fn close(
        &mut self,
        reason: Option<&Reason>,
        waiter: Waiter,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        self.release_unanswered(ids, out);
        self.dissolve(out);
        let mut draft = self.dialog.request(&Method::Bye, &ids.branch());
        if let Some(reason) = reason {
            draft = draft.header(Name::Reason, reason);
        }
        let id = match waiter {
            Waiter::Usage => RequestId(self.dialog.local_cseq()),
            Waiter::Nobody => RequestId::NOBODY,
        };
        self.bye = Some(id);
        out.push(Effect::Request {
            id,
            bytes: draft.finish(),
            flow: *self.dialog.flow(),
        });
    }

    /// Ends a session that cannot go on, for this status. By BYE where the peer may still believe in it (RFC 3261 section
    /// 12.2.1.2); a 481 says that it knows nothing of the dialog, and so needs no BYE (RFC 5057 section 5.1).
    pub(super) fn lose(&mut self, status: Option<u16>, ids: &mut Ids, out: &mut Outbox) {
        match status {
            Some(481) => {
                self.release_unanswered(ids, out);
                self.dissolve(out);
            }
            Some(_) | None => self.close(None, Waiter::Nobody, ids, out),
        }
    }

    /// Ends the session without a word to the peer: everything that waits is told, or answered.
    pub(super) fn dissolve(&mut self, out: &mut Outbox) {
        if std::mem::replace(&mut self.phase, Phase::Closed) == Phase::Closed {
            return;
        }
        self.held = None;
        self.repeat = None;
        self.withdraw_all(out);
        self.give_up_modification(out);
        self.give_up_sent(out);
    }

    fn response(
        &mut self,
        now: Instant,
        request: RequestId,
        response: &Message,
        flow: &Flow,
        ids: &mut Ids,
        out: &mut Outbox,
    ) -> Fate {
        self.dialog.heard(flow);
        if self.acknowledge_again(response, out) {
            return Fate::Stands;
        }
        if self.modify.is_for(request) {
            return self.modification_answered(now, response, ids, out);
        }
        if response.status().is_none_or(|status| status < 200) {
            return Fate::Stands;
        }
        if self.bye == Some(request) {
            return Fate::ByeDone;
        }
        self.replied(request, response, out)
    }

    /// No response came, which counts as 408 (`None`), or the request could not be sent.
    fn failed(&mut self, request: RequestId, status: Option<u16>, out: &mut Outbox) -> Fate {
        if self.bye == Some(request) {
            return Fate::ByeDone;
        }
        if self.modify.is_for(request) {
            return self.modification_failed(status, out);
        }
        self.unanswered(request, status, out)
    }

    /// RFC 3261 section 13.2.2.4: an ACK carries the CSeq number of its INVITE.
    fn peer_ack(&mut self, ack: &Message, out: &mut Outbox) -> Fate {
        let awaited = ack.cseq().is_ok_and(|(cseq, _)| {
            let repeat = self.repeat.as_ref();
            repeat.is_some_and(|repeat| repeat.is_acknowledged_by(cseq))
        });
        if !awaited || !self.dialog.owns(ack) {
            return Fate::Stands;
        }
        self.repeat = None;
        let body = Body::of(ack);
        if self.phase == Phase::Unacked {
            self.phase = Phase::Open;
            return Fate::Acknowledged(body);
        }
        out.event(Event::PeerAck { body });
        Fate::Stands
    }

    fn timeout(&mut self, now: Instant, out: &mut Outbox) -> Fate {
        if self.held.as_ref().is_some_and(|held| held.until <= now) {
            return Fate::Lost(None);
        }
        let timers = self.timers;
        if let Some(repeat) = &mut self.repeat
            && !repeat.tick(now, timers, out)
        {
            return Fate::Lost(None);
        }
        self.answer_overdue(now, out);
        Fate::Stands
    }
}

/// Who wants to know what becomes of a BYE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiter {
    /// The usage, which ends with it.
    Usage,
    /// Nobody: the dialog is lost, or was never wanted.
    Nobody,
}
