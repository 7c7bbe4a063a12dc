//! The two ends of a dialog that stands by us (RFC 3261 section 12), as far as it takes to end it: a BYE to each phone is
//! written in the name of the other, with the CSeq that the other would use next.

use bytes::Bytes;
use sip::dialog::Reason;
use sip::msg::build::Request;
use sip::msg::{Contact, Message, Method, Name};
use sip::name::{Branch, Flow};

use crate::event::Side;
use crate::proxy::rewrite::{Host, Signature};

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
    ) -> (Bytes, Flow) {
        let (to, from) = match side {
            Side::A => (&self.a, &self.b),
            Side::B => (&self.b, &self.a),
        };
        let host = Host(to.flow.local, signature.advertised);
        let mut draft = Request::new(&Method::Bye, &to.target)
            .via(to.flow.transport, host, branch)
            .from(&from.name)
            .to(&to.name)
            .call_id(&self.call_id)
            .cseq(from.cseq.saturating_add(1), &Method::Bye)
            .max_forwards(70);
        for route in &to.routes {
            draft = draft.route(format_args!("<{route}>"));
        }
        let reason = Reason::q850(16, "Ended by the operator");
        (draft.header(Name::Reason, reason).finish(), to.flow)
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
