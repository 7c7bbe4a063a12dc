//! The two ends of a dialog that stands by us (RFC 3261 section 12), as far as it takes to end it: a BYE to each phone is
//! written in the name of the other, with the CSeq that the other would use next; and as far as it takes to ask whether a
//! phone is still in it.

use bytes::Bytes;
use sip::dialog::Reason;
use sip::msg::build::Request;
use sip::msg::{Contact, Message, Method, Name, NameAddr};
use sip::name::{Aor, Branch, Flow};

use crate::event::Side;
use crate::proxy::rewrite::Signature;

/// A cause of ITU-T Q.850 and a text.
type Cause = (u16, &'static str);

/// Somebody has ended the call on the board.
pub(super) const BY_OPERATOR: Cause = (16, "Ended by the operator");

/// The other phone does not answer any more.
pub(super) const GONE: Cause = (27, "The other phone is gone");

/// Both of them.
#[derive(Debug)]
pub(super) struct Ends {
    call_id: Box<str>,
    a: End,
    b: End,
    confirmed: bool,
}

/// One phone.
#[derive(Debug)]
struct End {
    /// Its From, or To, with the tag.
    name: Box<str>,
    tag: Box<str>,
    /// Where it wants requests (its Contact).
    target: Box<str>,
    /// Proxies between it and us.
    routes: Vec<Box<str>>,
    flow: Flow,
    /// The highest CSeq that it has used.
    cseq: u32,
}

impl Ends {
    /// From the INVITE and its 2xx. `flows` lead to A and to B; `is_token` knows the Record-Route values of ours.
    pub(super) fn of(
        invite: &Message,
        answer: &Message,
        flows: [Flow; 2],
        is_token: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let (from, to) = (answer.from().ok()?, answer.to().ok()?);
        let routes: Vec<&str> = answer
            .record_routes()
            .filter_map(Result::ok)
            .map(|route| route.uri_text())
            .collect();
        // Ours stand in the middle, one for each side: above them what is between us and B, the farthest first; below them
        // what is between A and us, which is ourselves again where it has come by another server and back.
        let above = routes.iter().take_while(|uri| !is_token(uri)).count();
        let below = routes.len().saturating_sub(above + 2);
        let boxed = |uri: &&str| Box::from(*uri);
        let text = |name| answer.text(name).map(|value| Box::from(&*value));
        Some(Self {
            call_id: answer.call_id().ok()?.into(),
            a: End {
                name: text(Name::From)?,
                tag: from.tag()?.into(),
                target: target(invite)?,
                routes: routes[routes.len() - below..].iter().map(boxed).collect(),
                flow: flows[0],
                cseq: invite.cseq().ok()?.0,
            },
            b: End {
                name: text(Name::To)?,
                tag: to.tag()?.into(),
                target: target(answer)?,
                routes: routes[..above].iter().rev().map(boxed).collect(),
                flow: flows[1],
                cseq: 0,
            },
            confirmed: false,
        })
    }

    pub(super) fn tag_of_b(&self) -> &str {
        &self.b.tag
    }

    /// Whether the ACK has passed, which opens the dialog for BYE of either side.
    pub(super) const fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// A message of a phone within the dialog passes.
    pub(super) fn heard(&mut self, side: Side, message: &Message) {
        let Ok((number, method)) = message.cseq() else {
            return;
        };
        self.confirmed |= method == Method::Ack;
        let end = self.end_mut(side);
        end.cseq = end.cseq.max(number);
        if is_refresh(&method)
            && let Some(target) = target(message)
        {
            end.target = target;
        }
    }

    /// A 2xx of a phone within the dialog passes.
    pub(super) fn answered(&mut self, side: Side, response: &Message) {
        if response.cseq().is_ok_and(|(_, method)| is_refresh(&method))
            && let Some(target) = target(response)
        {
            self.end_mut(side).target = target;
        }
    }

    /// The BYE that ends it for the phone on `side`.
    pub(super) fn bye(
        &self,
        side: Side,
        branch: &Branch,
        signature: Signature<'_>,
        (cause, text): Cause,
    ) -> (Bytes, Flow) {
        let flow = self.end(side).flow;
        let cseq = self.end(side.other()).cseq.saturating_add(1);
        let bye = self.request(&Method::Bye, side, flow, cseq, branch, signature);
        let bye = bye.header(Name::Reason, Reason::q850(cause, text));
        (bye.finish(), flow)
    }

    /// The question whether the phone on `side` is still in the dialog. It has the number of the last request of the
    /// other one, so that the next one's is free.
    pub(super) fn question(
        &self,
        side: Side,
        flow: Flow,
        branch: &Branch,
        signature: Signature<'_>,
    ) -> Bytes {
        let cseq = self.end(side.other()).cseq;
        let options = self.request(&Method::Options, side, flow, cseq, branch, signature);
        options.header(Name::Accept, "application/sdp").finish()
    }

    /// By which way a phone is reached.
    pub(super) const fn flow(&self, side: Side) -> Flow {
        self.end(side).flow
    }

    /// A phone is reached by another way now.
    pub(super) const fn move_to(&mut self, side: Side, flow: Flow) {
        self.end_mut(side).flow = flow;
    }

    /// Whose phone it is, if it says so, and where it wants requests.
    pub(super) fn address(&self, side: Side) -> (Option<Aor>, &str) {
        let end = self.end(side);
        let name = NameAddr::parse(end.name.as_bytes());
        let aor = name
            .ok()
            .and_then(|name| Aor::from_uri(name.uri().ok()?).ok());
        (aor, &end.target)
    }

    fn request(
        &self,
        method: &Method,
        side: Side,
        flow: Flow,
        cseq: u32,
        branch: &Branch,
        signature: Signature<'_>,
    ) -> Request<'_> {
        let (to, from) = (self.end(side), self.end(side.other()));
        let host = signature.identity.sent_by(&flow);
        let mut draft = Request::new(method, &to.target)
            .via(flow.transport, host, branch)
            .from(&from.name)
            .to(&to.name)
            .call_id(&self.call_id)
            .cseq(cseq, method)
            .max_forwards(70);
        for route in &to.routes {
            draft = draft.route(format_args!("<{route}>"));
        }
        draft
    }

    const fn end(&self, side: Side) -> &End {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    const fn end_mut(&mut self, side: Side) -> &mut End {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }
}

/// Whether a request with this method, and its 2xx, may move the remote target (section 12.2).
fn is_refresh(method: &Method) -> bool {
    matches!(method, Method::Invite | Method::Update)
}

fn target(message: &Message) -> Option<Box<str>> {
    match message.contacts().next()?.ok()? {
        Contact::Address(address) => Some(address.uri_text().into()),
        Contact::Star => None,
    }
}
