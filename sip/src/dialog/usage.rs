//! The words that both INVITE usages share: what goes in, what comes out, how it ends (RFC 3261 sections 13 to 15).

use bytes::Bytes;

use super::{Body, Reason, Refusal};
use crate::msg::{Message, Method};
use crate::name::{Branch, Flow};
use crate::transaction::ServerId;

/// Names one request of a usage. Whoever runs the client transaction keeps it and gives it back with what
/// becomes of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub(super) u32);

impl RequestId {
    /// A request whose fate is of no interest: the BYE to a dialog that was lost, or never wanted.
    pub(super) const NOBODY: Self = Self(0);
}

/// What a usage is told. Everything may come at any time: what makes no sense in a state changes nothing
/// (and is answered correctly when it is a request of the peer).
#[derive(Clone, Debug)]
pub enum Input<'a> {
    // From the transaction layer.
    /// A response to a request of this usage, each 2xx to an INVITE as often as it comes.
    Response {
        /// The request, as named in [`Effect::Request`].
        request: RequestId,
        /// The response.
        response: &'a Message,
        /// How it came.
        flow: &'a Flow,
    },
    /// A response that matched no transaction but carries this usage's Call-ID, e.g. a 2xx of a late fork
    /// (RFC 3261 section 13.2.2.4).
    Stray {
        /// The response.
        response: &'a Message,
        /// How it came.
        flow: &'a Flow,
    },
    /// Timer B or F of a request fired (RFC 3261 sections 17.1.1.2 and 17.1.2.2).
    TimedOut(RequestId),
    /// A request could not be sent: transport error, or the transaction layer is full.
    Unreachable(RequestId),
    /// A request of the peer with this usage's Call-ID, whatever its tags and method; never ACK or CANCEL.
    Request {
        /// Its server transaction, by which it is answered.
        id: ServerId,
        /// The request.
        request: &'a Message,
        /// How it came.
        flow: &'a Flow,
    },
    /// The peer's ACK to a 2xx of ours.
    PeerAck {
        /// The ACK.
        ack: &'a Message,
    },
    /// The peer cancelled this INVITE of its own; the CANCEL itself is already answered (RFC 3261 section 9.2).
    PeerCancel {
        /// The server transaction of the INVITE.
        id: ServerId,
        /// The `Reason` it gave.
        reason: Option<Reason>,
    },

    // From the user.
    /// Send the ACK that is held since [`Event::Answered`] or [`Event::Modified`]; with a body when the 2xx
    /// carried an offer (RFC 3261 section 13.2.2.4). Nothing held: nothing happens.
    Ack {
        /// The answer to the offer of the 2xx.
        body: Option<Body>,
    },
    /// End it, by what is right at this moment: CANCEL (once a 1xx came), ACK then BYE, or BYE. May be said in
    /// every state and more than once; only the first counts. [`Event::Ended`] follows within 64*T1 of the
    /// last thing the peer owed.
    HangUp {
        /// Goes into the `Reason` header of the CANCEL or BYE (RFC 3326).
        reason: Option<Reason>,
    },
    /// Send a re-INVITE (RFC 3261 section 14.1), as soon as no other INVITE or UPDATE of the dialog is under
    /// way; a 491 is retried after the back-off of that section. Only the newest wish is kept. Comes to an end
    /// with [`Event::Modified`] or [`Event::NotModified`].
    Reinvite {
        /// Our offer; `None` asks the peer for its offer, and holds the ACK until [`Input::Ack`] brings the answer.
        offer: Option<Body>,
    },
    /// Send an UPDATE (RFC 3311); otherwise like [`Input::Reinvite`], but there is no ACK.
    Update {
        /// Our offer; `None` only refreshes the target.
        offer: Option<Body>,
    },
    /// The last [`Input::Reinvite`] or [`Input::Update`] is not wanted any more: what has not left stays here, a re-INVITE
    /// under way is cancelled as soon as it may be (RFC 3261 section 9.1). [`Event::NotModified`] follows, or
    /// [`Event::Modified`] where the answer crosses.
    Withdraw,
    /// Send another in-dialog request (INFO, MESSAGE, OPTIONS, REFER, NOTIFY ...). Comes to an end with
    /// [`Event::Replied`].
    Send {
        /// The caller's own mark, given back in [`Event::Replied`].
        mark: u32,
        /// Neither INVITE, ACK, CANCEL, BYE nor UPDATE.
        method: &'a Method,
        /// More header fields: name and value.
        headers: &'a [(&'a str, &'a str)],
        /// The body.
        body: Option<Body>,
    },
    /// Answer a request of the peer, handed up as [`Event::Asked`]. 101 to 699. A 2xx to a re-INVITE is
    /// repeated here until its ACK comes.
    Respond {
        /// Which request; an unknown or answered one: nothing happens.
        id: ServerId,
        /// The status.
        status: u16,
        /// More header fields: name and value.
        headers: &'a [(&'a str, &'a str)],
        /// The body.
        body: Option<Body>,
    },
    /// Answer a request of the peer by the default that is correct for its method (see [`Event::Asked`]).
    Decline(ServerId),

    // From the clock.
    /// The deadline is reached.
    Timeout,
}

/// What a usage wants done, in this order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Start a client transaction. If that fails, say [`Input::Unreachable`].
    Request {
        /// To be given back with each [`Input`] about this request.
        id: RequestId,
        /// The whole request, its Via included.
        bytes: Bytes,
        /// Where to: the way the peer was last heard.
        flow: Flow,
    },
    /// Cancel the INVITE client transaction with this branch (RFC 3261 section 9.1). Its INVITE has had a 1xx.
    Cancel {
        /// Of the INVITE.
        branch: Branch,
        /// For the `Reason` header.
        reason: Option<Reason>,
    },
    /// Send once, outside of any transaction: the ACK to a 2xx.
    Transmit {
        /// The whole message.
        bytes: Bytes,
        /// Where to.
        flow: Flow,
    },
    /// Answer a server transaction; also again with the same 2xx, until its ACK comes.
    Respond {
        /// Which transaction.
        id: ServerId,
        /// The whole response.
        bytes: Bytes,
    },
    /// Tell the user.
    Event(Event),
}

/// What the user of a usage hears.
#[derive(Clone, Debug)]
pub enum Event {
    /// 100: the INVITE arrived at the next hop. (UAC)
    Trying,
    /// 101 to 199. Comes again for each one, from each fork. (UAC)
    Progress {
        /// The status: 180 rings, 183 may carry early media.
        status: u16,
        /// An offer or answer for early media.
        body: Option<Body>,
    },
    /// The first 2xx to our INVITE. Our ACK is now *held*: repeated 2xx are absorbed until [`Input::Ack`] or
    /// [`Input::HangUp`]; after that each is answered with the same ACK bytes. Phones give up after 64*T1 =
    /// 32 s without an ACK, and so does the usage ([`End::Lost`]). (UAC)
    Answered {
        /// The peer's answer, or its offer when our INVITE had none.
        body: Option<Body>,
    },
    /// The session stands: our ACK left (UAC, right after [`Input::Ack`]), or the peer's arrived (UAS).
    Confirmed {
        /// UAS: the body of the ACK, an answer when our 2xx had an offer.
        body: Option<Body>,
    },
    /// A 1xx to our [`Input::Reinvite`], but 100: somebody is asked.
    Modifying {
        /// The status.
        status: u16,
    },
    /// Our [`Input::Reinvite`] or [`Input::Update`] succeeded. After a re-INVITE without offer the ACK is held
    /// until [`Input::Ack`] brings the answer; else it is sent already.
    Modified {
        /// The peer's answer, or its offer when we made none.
        body: Option<Body>,
    },
    /// Our [`Input::Reinvite`] or [`Input::Update`] failed; the session goes on as it was (RFC 3261 section 14.1).
    NotModified {
        /// The final status (503: it could not be sent); `None` when a newer wish took its place, no answer came,
        /// or the session is not open or ends.
        status: Option<u16>,
    },
    /// What became of [`Input::Send`].
    Replied {
        /// The mark given there.
        mark: u32,
        /// The final response; `None` when none came, or the request could not be sent.
        response: Option<Message>,
    },
    /// The peer asks for something the user may answer with [`Input::Respond`]: a re-INVITE or UPDATE (with or
    /// without offer), INFO, MESSAGE, REFER or any other method. [`Input::Decline`], or no answer in time (4 s; a
    /// re-INVITE 20 s), answers the default: re-INVITE and UPDATE with an offer 488, UPDATE without 200, INFO
    /// without body 200, with Info-Package 469, with another body 415, known methods 405, unknown 501.
    ///
    /// BYE, OPTIONS, bad CSeq, unknown tags, unsupported `Require` and glare are answered by the usage itself.
    Asked {
        /// By which it is answered.
        id: ServerId,
        /// The request.
        request: Message,
    },
    /// A request handed up as [`Event::Asked`] needs no answer any more: the peer cancelled it, the dialog ended,
    /// or the default was sent.
    Withdrawn {
        /// Which.
        id: ServerId,
    },
    /// The ACK to our 2xx to a re-INVITE of the peer.
    PeerAck {
        /// The answer when our 2xx had an offer.
        body: Option<Body>,
    },
    /// It is over; the last event, said exactly once. The usage may be dropped now; kept until 64*T1 later it
    /// still answers what comes late (repeated 2xx, requests of the peer).
    Ended(End),
}

/// Why a usage ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The INVITE was answered 3xx to 6xx. After [`Input::HangUp`] this is anything but 487: the answer and our
    /// CANCEL crossed. (UAS: we refused it.)
    Refused(Refusal),
    /// No response to the INVITE came within 64*T1 (Timer B).
    TimedOut,
    /// The INVITE could not be sent.
    Unreachable,
    /// [`Input::HangUp`] is done: 487 after CANCEL, or the BYE is answered or timed out (Timer F).
    HungUp,
    /// The peer sent BYE; it is answered 200, and an ACK that was held is sent.
    RemoteBye {
        /// The `Reason` of its BYE.
        reason: Option<Reason>,
    },
    /// The peer cancelled its INVITE. (UAS)
    RemoteCancel {
        /// The `Reason` of its CANCEL.
        reason: Option<Reason>,
    },
    /// The dialog is gone without a BYE of the peer: 481 or 408 or no answer to a request of ours (RFC 3261
    /// section 12.2.1.2), no ACK to a 2xx of ours (13.3.1.4), or an ACK held longer than 64*T1. Where the peer may
    /// still believe in the dialog a BYE has been sent.
    Lost {
        /// The status that said so.
        status: Option<u16>,
    },
}

/// Where a usage puts its effects. The caller owns it, carries out the effects in order and clears it.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    /// In the order in which they are to happen.
    pub effects: Vec<Effect>,
}

impl Outbox {
    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(super) fn event(&mut self, event: Event) {
        self.effects.push(Effect::Event(event));
    }
}
