//! The owner dials: an INVITE with an offer, sent to the server.

use sip::dialog::invite_uac::{InviteParams, InviteUac};
use sip::dialog::{self};
use sip::time::Instant;
use sip::transaction::{Timers, Transmit};

use super::Phone;
use super::call::Call;
use super::heard::What;
use super::media::{Direction, Media};
use super::node::ALLOW;
use super::usage::Usage;

impl Phone {
    /// Calls a URI. What follows is in [`Phone::heard`]; [`super::Deed::HangUp`] gives up, or hangs up.
    pub fn dial(&mut self, now: Instant, uri: &str, out: &mut Vec<Transmit>) {
        self.dial_by(now, uri, &[], out);
    }

    /// The same with Route values of its own.
    pub fn dial_by(&mut self, now: Instant, uri: &str, route: &[&str], out: &mut Vec<Transmit>) {
        self.hears(now, What::Dialled(uri.to_owned()));
        let own = Media {
            address: self.audio_address(),
            direction: Direction::SendRecv,
        };
        let offer = own.describe(self.user(), 1);
        let from = match &self.name {
            Some(name) => format!("\"{name}\" <{}>", self.aor),
            None => format!("<{}>", self.aor),
        };
        let params = InviteParams {
            call_id: self.ids.call_id(),
            from: &from,
            to: &format!("<{uri}>"),
            request_uri: uri,
            contact: &format!("<{}>", self.contact_uri()),
            flow: self.flow(),
            host: None,
            route,
            headers: &[],
            body: Some(offer),
            allow: ALLOW,
            timers: Timers::RFC,
        };
        let mut effects = dialog::Outbox::default();
        let usage = InviteUac::start(&params, &mut self.ids, &mut effects);
        self.calls_made += 1;
        let number = self.calls_made;
        let usage = (None, Usage::Dialled(Box::new(usage)));
        let call = Call::new(now, number, usage, &self.script, (self.user(), own));
        self.calls.push(call);
        self.effect(now, number, effects, out);
    }
}
