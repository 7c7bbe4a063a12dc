//! The UAC's INVITE usage: one INVITE that we send and everything that follows until both sides are done with
//! it (RFC 3261 sections 9.1, 13.2, 14, 15; RFC 6026; the races of RFC 5407).
//!
//! The ACK to the 2xx is *held* until the user releases it, so that it can carry an answer which somebody else
//! has to give first (RFC 3725 section 4.1, Flow I).

use super::{Body, Dialog, Input, Outbox};
use crate::name::{CallId, Flow, Ids};
use crate::time::Instant;
use crate::transaction::Timers;

/// What an INVITE is made of. The texts are header values and must be well formed; the tag of From, Via, CSeq and
/// Max-Forwards are added.
#[derive(Clone, Debug)]
pub struct InviteParams<'a> {
    /// A fresh one, from [`Ids::call_id`].
    pub call_id: CallId,
    /// Who is shown as caller: a name-addr without tag, `"Bob" <sip:bob@example.com>`.
    pub from: &'a str,
    /// Who is called: a name-addr, `<sip:alice@example.com>`.
    pub to: &'a str,
    /// Where the request is for: the contact URI of a binding.
    pub request_uri: &'a str,
    /// Where the peer reaches us: `<sip:192.0.2.1:5080;transport=udp>`.
    pub contact: &'a str,
    /// The way to the peer: the flow of the binding. Its local address goes into the Via.
    pub flow: Flow,
    /// `Route` values in order, each `<sip:…;lr>`: the Path of the binding (RFC 3327).
    pub route: &'a [&'a str],
    /// More header fields of the INVITE: name and value.
    pub headers: &'a [(&'a str, &'a str)],
    /// Our offer; `None` asks the peer for its offer in the 2xx.
    pub body: Option<Body>,
    /// The value of `Allow`, in the INVITE and wherever a usage has to name the methods: [`super::ALLOW`].
    pub allow: &'static str,
    /// T1, T2 and T4; [`Timers::RFC`] but in a laboratory.
    pub timers: Timers,
}

/// Where the usage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// INVITE sent, nothing heard. A hang-up is remembered.
    Calling,
    /// A 1xx was heard.
    Proceeding,
    /// CANCEL sent; the final response to the INVITE is due.
    Cancelling,
    /// 2xx heard, our ACK is held.
    Answered,
    /// ACK sent: the session stands.
    Established,
    /// BYE sent; its response is due.
    Releasing,
    /// Over.
    Ended,
}

/// One INVITE that we send, and the dialogs it makes.
#[derive(Debug)]
pub struct InviteUac {
    call_id: CallId,
    state: State,
    flow: Flow,
}

impl InviteUac {
    /// Sends the INVITE.
    pub fn start(
        _now: Instant,
        params: &InviteParams<'_>,
        _ids: &mut Ids,
        _out: &mut Outbox,
    ) -> Self {
        Self {
            call_id: params.call_id.clone(),
            state: State::Calling,
            flow: params.flow,
        }
    }

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

    /// Its Call-ID, the same for all dialogs of the INVITE.
    pub fn call_id(&self) -> &CallId {
        &self.call_id
    }

    /// The dialog that the first 2xx confirmed.
    pub fn dialog(&self) -> Option<&Dialog> {
        None
    }

    /// Sends what follows by another way: the phone came back over a new connection.
    pub fn set_flow(&mut self, flow: Flow) {
        self.flow = flow;
    }
}
