//! The UAC's INVITE usage: one INVITE that we send and everything that follows until both sides are done with
//! it (RFC 3261 sections 9.1, 13.2, 14, 15; RFC 6026; the races of RFC 5407).
//!
//! The ACK to the 2xx is *held* until the user releases it, so that it can carry an answer which somebody else
//! has to give first (RFC 3725 section 4.1, Flow I).
//!
//! ```text
//!                     INVITE
//!                       │
//!                  ┌────▼────┐ 2xx                                  ┌──────────┐
//!    (hang up: the │ Calling ├─────────────────────────────────────►│          │ ACK    ┌─────────────┐
//!  wish is kept)   └────┬────┘                                      │ Answered ├───────►│ Established │
//!                   1xx │      ┌────────────┐ 2xx                   │ ACK held │        └──────┬──────┘
//!                       └─────►│ Proceeding ├──────────────────────►└────┬─────┘               │ hang up:
//!                              └─────┬──────┘                            │ hang up: ACK, BYE   │ BYE
//!            hang up, and a 1xx came │ CANCEL                            │                     │
//!                              ┌─────▼──────┐ 2xx: ACK, BYE       ┌──────▼────┐                │
//!                              │ Cancelling ├────────────────────►│ Releasing │◄───────────────┘
//!                              └─────┬──────┘                     └─────┬─────┘
//!                                    │ final response                   │ BYE answered, or Timer F
//!                                    ▼                                  ▼
//!                                  Ended   ◄── from anywhere: 3xx-6xx, Timer B, transport error, BYE of the peer,
//!                                              a request of ours answered 481 or 408 or not at all, ACK held too long
//! ```

mod handle;
mod sessions;
mod step;

use super::session::Session;
use super::state::strict_router;
use super::{Body, Dialog, Effect, End, Input, Origin, Outbox, Reason, RequestId};
use crate::msg::build::Request;
use crate::msg::{Method, Name};
use crate::name::{Branch, CallId, Flow, Ids, SentBy};
use crate::time::Instant;
use crate::transaction::Timers;

/// The CSeq number of the INVITE. Where to begin is ours to choose (RFC 3261 section 8.1.1.5).
const FIRST_CSEQ: u32 = 1;

/// The INVITE itself: each request of ours is named by its CSeq number.
const INVITE: RequestId = RequestId(FIRST_CSEQ);

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
    /// The way to the peer: the flow of the binding. Its local address goes into the Via, if `host` names no other.
    pub flow: Flow,
    /// The host by which the peer reaches us, where that is not the local address of the flow.
    pub host: Option<&'a str>,
    /// `Route` values in order: the Path of the binding (RFC 3327), one value each.
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
    /// A 1xx was heard. The phone rings for as long as the user lets it: there is no limit here.
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

/// Why and how the usage is going to end, once that is settled.
#[derive(Clone, Debug)]
struct Ending {
    end: End,
    reason: Option<Reason>,
}

/// One INVITE that we send, and the dialogs it makes.
#[derive(Debug)]
pub struct InviteUac {
    state: State,
    origin: Origin,
    branch: Branch,
    allow: &'static str,
    timers: Timers,
    /// Whether our INVITE made an offer.
    has_offered: bool,
    ending: Option<Ending>,
    /// One per fork that sent a 1xx; empty after the first 2xx.
    early: Vec<Session>,
    /// Of the first 2xx.
    main: Option<Session>,
    /// Of every further 2xx: acknowledged and released at once (RFC 3261 section 13.2.2.4).
    forks: Vec<Session>,
}

impl InviteUac {
    /// Sends the INVITE.
    pub fn start(params: &InviteParams<'_>, ids: &mut Ids, out: &mut Outbox) -> Self {
        let (branch, tag) = (ids.branch(), ids.tag());
        let from = format!("{};tag={tag}", params.from);
        let flow = params.flow;
        let sent_by = SentBy {
            host: params.host,
            local: flow.local,
        };
        // RFC 3261 section 12.2.1.1, which section 8.1.1.1 applies to a route that is known beforehand.
        let strict = params.route.first().and_then(|first| strict_router(first));
        let mut draft = Request::new(&Method::Invite, strict.unwrap_or(params.request_uri))
            .via(flow.transport, sent_by, &branch)
            .from(&from)
            .to(params.to)
            .call_id(&params.call_id)
            .cseq(FIRST_CSEQ, &Method::Invite)
            .max_forwards(70)
            .contact(params.contact)
            .header(Name::Allow, params.allow);
        for route in params.route.iter().skip(usize::from(strict.is_some())) {
            draft = draft.route(route);
        }
        if strict.is_some() {
            draft = draft.route(format_args!("<{}>", params.request_uri));
        }
        for (name, value) in params.headers {
            draft = draft.raw(name, value.as_bytes());
        }
        if let Some(body) = &params.body {
            draft = draft.body(&body.content_type, &body.bytes);
        }
        let bytes = draft.finish();
        out.push(Effect::Request {
            id: INVITE,
            bytes,
            flow,
        });
        Self {
            state: State::Calling,
            origin: Origin {
                call_id: params.call_id.clone(),
                tag,
                from: from.into(),
                contact: params.contact.into(),
                target: params.request_uri.into(),
                cseq: FIRST_CSEQ,
                flow,
                host: params.host.map(Box::from),
            },
            branch,
            allow: params.allow,
            timers: params.timers,
            has_offered: params.body.is_some(),
            ending: None,
            early: Vec::new(),
            main: None,
            forks: Vec::new(),
        }
    }

    /// Takes one input. Never fails, never panics; effects are appended to `out`.
    pub fn handle(&mut self, now: Instant, input: Input<'_>, ids: &mut Ids, out: &mut Outbox) {
        self.dispatch(now, input, ids, out);
    }

    /// When [`Input::Timeout`] is due; it may change with each input.
    pub fn deadline(&self) -> Option<Instant> {
        self.early
            .iter()
            .chain(&self.main)
            .filter_map(Session::deadline)
            .min()
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Its Call-ID, the same for all dialogs of the INVITE.
    pub fn call_id(&self) -> &CallId {
        &self.origin.call_id
    }

    /// The dialog that the first 2xx confirmed.
    pub fn dialog(&self) -> Option<&Dialog> {
        self.main.as_ref().map(Session::dialog)
    }

    /// Sends what follows by another way: the phone came back over a new connection.
    pub fn set_flow(&mut self, flow: Flow) {
        self.origin.flow = flow;
        for session in self.early.iter_mut().chain(&mut self.main) {
            session.dialog_mut().set_flow(flow);
        }
    }
}
