//! The peer's requests within a dialog (RFC 3261 sections 12.2.2, 14.2 and 15.1.2; RFC 3311 section 5.2): what is
//! answered at once, what the user is asked, and the answer if it gives none.
//!
//! Every request gets a final response. Knows nothing of what bodies say.

use std::time::Duration;

use bytes::Bytes;

use super::repeat::Repeat;
use super::{Fate, Phase, Session};
use crate::dialog::{Body, Effect, Event, Outbox, Reason};
use crate::limits::MAX_ASKED;
use crate::msg::build::Response;
use crate::msg::{Message, Method, Name};
use crate::name::{Flow, Ids};
use crate::time::Instant;
use crate::transaction::ServerId;

/// After this long the default is sent. A client repeats a non-INVITE request for 32 s, and slowly after 4 s.
const PATIENCE: Duration = Duration::from_secs(4);

/// The same for a re-INVITE, over which the other leg's phone may ask its owner. Below the 32 s after which the
/// other leg's own answer would be given up.
const INVITE_PATIENCE: Duration = Duration::from_secs(20);

/// A request that waits for the user's answer.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) id: ServerId,
    pub(super) due: Instant,
    request: Message,
}

/// What the user answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a Body>,
}

impl Answer<'static> {
    const fn plain(status: u16) -> Self {
        Self {
            status,
            headers: &[],
            body: None,
        }
    }
}

impl Question {
    fn is(&self, method: &Method) -> bool {
        self.request.method() == Some(method)
    }
}

/// Answers a request that belongs to no dialog (RFC 3261 section 12.2.2).
pub(in crate::dialog) fn no_dialog(id: ServerId, request: &Message, out: &mut Outbox) {
    let bytes = Response::to(request, 481, None, None).finish();
    out.push(Effect::Respond { id, bytes });
}

impl Session {
    /// Takes a request of the peer.
    pub(super) fn ask(
        &mut self,
        now: Instant,
        id: ServerId,
        request: &Message,
        flow: &Flow,
        ids: &mut Ids,
        out: &mut Outbox,
    ) -> Fate {
        let Some(method) = request.method() else {
            return Fate::Stands;
        };
        if self.phase == Phase::Closed && *method != Method::Bye {
            no_dialog(id, request, out);
            return Fate::Stands;
        }
        if let Err(reject) = self.dialog.receive(request) {
            reply(id, request, reject.status, out);
            return Fate::Stands;
        }
        self.dialog.heard(flow);
        // A BYE is never refused for what it requires: the peer is gone in any case.
        let has_require = request.raw(Name::Require).is_some();
        if has_require && *method != Method::Bye {
            respond_unsupported(id, request, out);
            return Fate::Stands;
        }
        match method {
            Method::Bye => return self.bye(id, request, ids, out),
            Method::Options => self.options(id, request, out),
            Method::Update if request.body().is_empty() => {
                self.accept_update(id, request, Answer::plain(200), out)
            }
            Method::Invite | Method::Update => {
                if let Some(status) = self.glare() {
                    self.put_off(id, request, status, ids, out);
                } else {
                    self.hand_up(now, id, request, ids, out);
                }
            }
            // Its 1xx was never sent reliably (RFC 3262 section 3).
            Method::Prack => no_dialog(id, request, out),
            Method::Info
            | Method::Message
            | Method::Notify
            | Method::Publish
            | Method::Refer
            | Method::Register
            | Method::Subscribe
            | Method::Extension(_) => self.hand_up(now, id, request, ids, out),
            // Neither is a request that is answered here.
            Method::Ack | Method::Cancel => {}
        }
        Fate::Stands
    }

    /// The user's answer.
    pub(super) fn respond(
        &mut self,
        now: Instant,
        id: ServerId,
        answer: Answer<'_>,
        out: &mut Outbox,
    ) {
        let Some(at) = self.asked.iter().position(|question| question.id == id) else {
            return;
        };
        let is_invite = self.asked[at].is(&Method::Invite);
        match answer.status {
            101..=199 if is_invite => {
                let bytes = self.written(&self.asked[at].request, answer);
                out.push(Effect::Respond { id, bytes });
            }
            200..=299 if is_invite => {
                let request = self.asked.remove(at).request;
                self.dialog.refresh(&request);
                let bytes = self.written(&request, answer);
                let cseq = request.cseq().map_or(0, |(number, _)| number);
                self.repeat = Some(Repeat::start(now, self.timers, id, cseq, bytes, out));
            }
            status @ 200..=699 => {
                let request = self.asked.remove(at).request;
                if status < 300 && request.method() == Some(&Method::Update) {
                    self.accept_update(id, &request, answer, out);
                } else {
                    let bytes = self.written(&request, answer);
                    out.push(Effect::Respond { id, bytes });
                }
            }
            // 100 is sent by the transaction layer; to a non-INVITE request nothing else of 1xx may be
            // (RFC 4320 section 4.1); the rest is no status.
            _ => {}
        }
    }

    /// The answer of a user that does not know what to say.
    pub(super) fn decline(&mut self, id: ServerId, out: &mut Outbox) {
        if let Some(at) = self.asked.iter().position(|question| question.id == id) {
            let question = self.asked.remove(at);
            let bytes = self.declined(&question.request);
            out.push(Effect::Respond { id, bytes });
        }
    }

    /// Declines what the user has left unanswered for too long.
    pub(super) fn answer_overdue(&mut self, now: Instant, out: &mut Outbox) {
        while let Some(late) = self.asked.iter().find(|question| question.due <= now) {
            let id = late.id;
            self.decline(id, out);
            out.event(Event::Withdrawn { id });
        }
    }

    /// The peer cancelled its re-INVITE (RFC 3261 section 9.2).
    pub(super) fn peer_cancel(&mut self, id: ServerId, out: &mut Outbox) {
        let is_it = |question: &Question| question.id == id && question.is(&Method::Invite);
        if let Some(at) = self.asked.iter().position(is_it) {
            let question = self.asked.remove(at);
            reply(id, &question.request, 487, out);
            out.event(Event::Withdrawn { id });
        }
    }

    /// The session ends: what waits is answered 487 (RFC 3261 section 15.1.2).
    pub(super) fn withdraw_all(&mut self, out: &mut Outbox) {
        for Question { id, request, .. } in self.asked.drain(..) {
            reply(id, &request, 487, out);
            out.event(Event::Withdrawn { id });
        }
    }

    /// Whether the user is asked for a change of the session.
    pub(super) fn is_asked_to_modify(&self) -> bool {
        let is_change = |q: &Question| q.is(&Method::Invite) || q.is(&Method::Update);
        self.asked.iter().any(is_change)
    }

    fn bye(&mut self, id: ServerId, request: &Message, ids: &mut Ids, out: &mut Outbox) -> Fate {
        // The 2xx wants its ACK also from who is not to talk any more (RFC 3261 section 13.2.2.4).
        self.release_unanswered(ids, out);
        self.dissolve(out);
        reply(id, request, 200, out);
        Fate::RemoteBye(Reason::of(request))
    }

    /// RFC 3261 section 11.2.
    fn options(&self, id: ServerId, request: &Message, out: &mut Outbox) {
        let bytes = Response::to(request, 200, None, None)
            .header(Name::Allow, self.allow)
            .header(Name::Accept, "application/sdp")
            .header(Name::AcceptEncoding, "identity")
            .header(Name::AcceptLanguage, "en")
            .header(Name::Supported, "")
            .finish();
        out.push(Effect::Respond { id, bytes });
    }

    fn accept_update(
        &mut self,
        id: ServerId,
        request: &Message,
        answer: Answer<'_>,
        out: &mut Outbox,
    ) {
        self.dialog.refresh(request);
        let bytes = self.written(request, answer);
        out.push(Effect::Respond { id, bytes });
    }

    /// Why the peer may not offer now: 491 when ours is pending, 500 when its own is (RFC 3261 section 14.2,
    /// RFC 3311 section 5.2).
    fn glare(&self) -> Option<u16> {
        let is_ours_pending = self.phase != Phase::Open
            || self.held.is_some()
            || self.repeat.is_some()
            || self.modify.is_pending();
        if is_ours_pending {
            Some(491)
        } else {
            self.is_asked_to_modify().then_some(500)
        }
    }

    fn hand_up(
        &mut self,
        now: Instant,
        id: ServerId,
        request: &Message,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        if self.asked.len() >= MAX_ASKED {
            self.put_off(id, request, 500, ids, out);
            return;
        }
        let is_invite = request.method() == Some(&Method::Invite);
        let patience = if is_invite { INVITE_PATIENCE } else { PATIENCE };
        self.asked.push(Question {
            id,
            due: now + patience,
            request: request.clone(),
        });
        out.event(Event::Asked {
            id,
            request: request.clone(),
        });
    }

    /// RFC 3261 section 14.2: 500 says when to come back, 0 to 10 s.
    fn put_off(
        &self,
        id: ServerId,
        request: &Message,
        status: u16,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        let mut draft = Response::to(request, status, None, None);
        if status == 500 {
            draft = draft.retry_after(ids.random_u64() % 11);
        }
        let bytes = draft.finish();
        out.push(Effect::Respond { id, bytes });
    }

    /// A response of the user's, with what the method and the status demand.
    fn written(&self, request: &Message, answer: Answer<'_>) -> Bytes {
        let Answer {
            status,
            headers,
            body,
        } = answer;
        let mut draft = Response::to(request, status, None, None);
        let is_change = matches!(request.method(), Some(Method::Invite | Method::Update));
        if is_change && status < 300 {
            draft = draft.contact(self.dialog.contact());
        }
        let is_accepted = is_change && (200..300).contains(&status);
        if is_accepted || status == 405 {
            draft = draft.header(Name::Allow, self.allow);
        }
        if is_accepted {
            draft = draft.header(Name::Supported, "");
        }
        for (name, value) in headers {
            draft = draft.raw(name, value.as_bytes());
        }
        if let Some(body) = body {
            draft = draft.body(&body.content_type, &body.bytes);
        }
        draft.finish()
    }

    /// The default of [`Event::Asked`].
    fn declined(&self, request: &Message) -> Bytes {
        let answer = |status| Response::to(request, status, None, None);
        let draft = match request.method() {
            // Section 14.2.
            Some(Method::Invite | Method::Update) => answer(488).header(
                Name::Warning,
                format_args!(
                    "399 {} \"nobody here changes the session\"",
                    self.dialog.flow().local
                ),
            ),
            Some(Method::Info) if request.raw(Name::InfoPackage).is_some() => {
                answer(469).header(Name::RecvInfo, "")
            }
            Some(Method::Info) if request.body().is_empty() => answer(200),
            Some(Method::Info) => answer(415).header(Name::Accept, ""),
            Some(Method::Extension(_)) => answer(501),
            Some(method) if self.allow.split(',').any(|m| m.trim() == method.as_str()) => {
                answer(603)
            }
            Some(_) | None => answer(405).header(Name::Allow, self.allow),
        };
        draft.finish()
    }
}

fn reply(id: ServerId, request: &Message, status: u16, out: &mut Outbox) {
    let bytes = Response::to(request, status, None, None).finish();
    out.push(Effect::Respond { id, bytes });
}

/// RFC 3261 section 8.2.2.3: no extension is supported here.
fn respond_unsupported(id: ServerId, request: &Message, out: &mut Outbox) {
    let mut draft = Response::to(request, 420, None, None);
    for value in request.all(Name::Require) {
        draft = draft.raw(Name::Unsupported.as_str(), value);
    }
    let bytes = draft.finish();
    out.push(Effect::Respond { id, bytes });
}
