//! REGISTER from the phone's side (RFC 3261 section 10.2). No refresh by itself: a test says when.

use sip::msg::build::{Address, Request};
use sip::msg::{Message, Method, Name};
use sip::name::{CallId, Ids};
use sip::time::Instant;
use sip::transaction::{Outbox, Transmit};

use super::heard::What;
use super::{Owner, Phone};

/// What the phone remembers of its registration.
#[derive(Debug)]
pub(super) struct Registration {
    call_id: CallId,
    cseq: u32,
    granted: u32,
}

impl Registration {
    pub(super) fn new(ids: &mut Ids) -> Self {
        Self {
            call_id: ids.call_id(),
            cseq: 0,
            granted: 0,
        }
    }

    pub(super) const fn is_registered(&self) -> bool {
        self.granted > 0
    }
}

impl Phone {
    pub(super) fn send_register(&mut self, now: Instant, expires: u32, out: &mut Vec<Transmit>) {
        self.registration.cseq += 1;
        let registrar = match self.aor.split_once('@') {
            Some((_, domain)) => format!("sip:{domain}"),
            None => self.aor.clone(),
        };
        let mut address = Address::new(&self.aor);
        address.display = self.name.as_deref().unwrap_or("");
        let to = address.to_string();
        let tag = self.ids.tag();
        let q = self.q.as_ref().map(|q| format!(";q={q}"));
        let bytes = Request::new(&Method::Register, registrar)
            .via(self.transport, self.address, &self.ids.branch())
            .from(format_args!("{to};tag={tag}"))
            .to(&to)
            .call_id(&self.registration.call_id)
            .cseq(self.registration.cseq, &Method::Register)
            .max_forwards(70)
            .contact(format_args!(
                "<{}>{}",
                self.contact_uri(),
                q.unwrap_or_default()
            ))
            .header(Name::Expires, expires)
            .header(Name::UserAgent, &self.user_agent)
            .finish();
        let mut outbox = Outbox::new();
        let flow = self.flow();
        self.layer
            .request(now, bytes, flow, Owner::Registration, &mut outbox)
            .expect("a phone has room for a transaction");
        self.pump(now, outbox, out);
    }

    /// The answer to a REGISTER; `None`: there was none.
    pub(super) fn registered(&mut self, now: Instant, response: Option<&Message>) {
        let status = response.and_then(Message::status);
        let what = match (status, response) {
            (Some(100..=199), _) => return,
            (Some(200..=299), Some(response)) => {
                self.registration.granted = self.granted(response);
                What::Registered(self.registration.granted)
            }
            (_, _) => {
                self.registration.granted = 0;
                What::NotRegistered(status)
            }
        };
        self.hears(now, what);
    }

    /// The seconds that the registrar granted this contact (RFC 3261 section 10.2.4); 0 if it is not listed.
    fn granted(&self, response: &Message) -> u32 {
        let own = self.contact_uri();
        response
            .contacts()
            .filter_map(|contact| contact.ok()?.address())
            .find(|address| address.uri_text() == own)
            .and_then(|address| address.expires().or_else(|| response.expires()))
            .unwrap_or(0)
    }
}
