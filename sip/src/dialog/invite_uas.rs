//! The UAS's INVITE usage: one INVITE that we receive and everything that follows until both sides are done
//! with it (RFC 3261 sections 13.3, 14.2, 15).
//!
//! The 2xx is repeated until its ACK comes (section 13.3.1.4), over every transport.

use super::{Body, Dialog, Input, Outbox};
use crate::msg::Message;
use crate::name::{CallId, Flow, Ids};
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
    call_id: CallId,
    state: State,
}

impl InviteUas {
    /// Takes an INVITE without To tag that is to be served here. Nothing is sent yet.
    pub fn start(
        _id: ServerId,
        invite: &Message,
        _flow: &Flow,
        _params: &AnswerParams<'_>,
        _ids: &mut Ids,
    ) -> Self {
        Self {
            call_id: CallId::from(invite.call_id().unwrap_or_default()),
            state: State::Proceeding,
        }
    }

    /// Sends a 1xx, while no final response is sent.
    pub fn progress(&mut self, _status: u16, _body: Option<Body>, _out: &mut Outbox) {}

    /// Sends 200, while no final response is sent, and repeats it until the ACK comes.
    pub fn answer(&mut self, _now: Instant, _body: Option<Body>, _out: &mut Outbox) {}

    /// Sends a final response of 300 to 699, while none is sent, with more header fields (name and value).
    pub fn refuse(&mut self, _status: u16, _headers: &[(&str, &str)], _out: &mut Outbox) {}

    /// Takes one input. Never fails, never panics; effects are appended to `out`.
    pub fn handle(&mut self, _now: Instant, _input: Input<'_>, _ids: &mut Ids, _out: &mut Outbox) {}

    /// When [`Input::Timeout`] is due; it may change with each input.
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Its Call-ID.
    pub fn call_id(&self) -> &CallId {
        &self.call_id
    }

    /// Its dialog: early once a 1xx with tag is sent, confirmed by the 2xx.
    pub fn dialog(&self) -> Option<&Dialog> {
        None
    }
}
