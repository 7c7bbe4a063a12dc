//! What the events of a call mean to the owner of the phone, and what the phone answers by itself.

use sip::dialog::{Body, End, Event, Input};
use sip::msg::{Message, Method};
use sip::time::Instant;
use sip::transaction::{ServerId, Transmit};

use super::Phone;
use super::call::Call;
use super::heard::What;

impl Phone {
    /// Takes one event of a call.
    pub(super) fn lives_through(
        &mut self,
        now: Instant,
        number: u32,
        event: Event,
        out: &mut Vec<Transmit>,
    ) {
        match event {
            Event::Confirmed { body } => {
                self.described(now, number, body.as_ref(), false);
                self.hears(now, What::Connected);
                if let Some(call) = self.call(number) {
                    call.connected(now);
                }
            }
            Event::PeerAck { body } | Event::Modified { body } => {
                self.described(now, number, body.as_ref(), false);
            }
            Event::NotModified { status } => self.hears(now, What::Refused(status)),
            Event::Replied { response, .. } => {
                let status = response.as_ref().and_then(Message::status);
                self.hears(now, What::Replied(status));
            }
            Event::Asked { id, request } => self.asked(now, number, id, &request, out),
            Event::Ended(end) => self.ended(now, number, end),
            Event::Progress { status, body } => {
                self.hears(now, What::Ringback(status));
                self.described(now, number, body.as_ref(), false);
            }
            Event::Answered { body } => {
                self.described(now, number, body.as_ref(), false);
                self.tell(now, number, Input::Ack { body: None }, out);
            }
            Event::Trying | Event::Modifying { .. } | Event::Withdrawn { .. } => {}
        }
    }

    /// A description came: an offer, or the answer to ours.
    pub(super) fn described(
        &mut self,
        now: Instant,
        number: u32,
        body: Option<&Body>,
        is_offer: bool,
    ) {
        let news = self.call(number).and_then(|call| call.take(body, is_offer));
        if let Some(media) = news {
            self.hears(now, What::Media(media));
        }
    }

    fn asked(
        &mut self,
        now: Instant,
        number: u32,
        id: ServerId,
        request: &Message,
        out: &mut Vec<Transmit>,
    ) {
        let Some(method) = request.method() else {
            return;
        };
        self.hears(now, What::Asked(method.clone()));
        let refuses = self
            .call(number)
            .is_some_and(|call| call.script().quirks.refuses_changes);
        let respond = |status, body| Input::Respond {
            id,
            status,
            headers: &[],
            body,
        };
        let input = match method {
            Method::Invite | Method::Update if refuses => respond(488, None),
            Method::Invite | Method::Update => {
                self.described(now, number, Body::of(request).as_ref(), true);
                let body = self.call(number).map(Call::description);
                respond(200, body)
            }
            Method::Info | Method::Message | Method::Notify => respond(200, None),
            Method::Refer => respond(202, None),
            Method::Ack
            | Method::Bye
            | Method::Cancel
            | Method::Options
            | Method::Prack
            | Method::Publish
            | Method::Register
            | Method::Subscribe
            | Method::Extension(_) => Input::Decline(id),
        };
        self.tell(now, number, input, out);
    }

    fn ended(&mut self, now: Instant, number: u32, end: End) {
        let is_own = self
            .call(number)
            .is_some_and(|call| call.usage.called().is_none());
        self.calls.retain(|call| call.number() != number);
        let what = match end {
            End::RemoteBye { reason } => What::HungUp(reason),
            End::RemoteCancel { reason } => What::Cancelled(reason),
            End::Refused(refusal) if is_own => What::Unanswered(refusal.status),
            End::HungUp | End::Refused(_) => What::Left,
            End::Lost { .. } | End::TimedOut | End::Unreachable => What::GaveUp,
        };
        self.hears(now, what);
    }
}
