//! What the owner does, and the phone by itself, as inputs of the INVITE usage.

use sip::dialog::{self, Body, Input};
use sip::msg::Method;
use sip::time::Instant;
use sip::transaction::Transmit;

use super::heard::What;
use super::media::Direction;
use super::script::Deed;
use super::{Owner, Phone};

impl Phone {
    /// Does what the owner, or the script, wants in a call.
    pub(super) fn carry_out(
        &mut self,
        now: Instant,
        number: u32,
        deed: Deed,
        out: &mut Vec<Transmit>,
    ) {
        let Some(call) = self.call(number) else {
            return;
        };
        let mut effects = dialog::Outbox::default();
        let input = match deed {
            Deed::Ring => {
                call.ring(&mut effects);
                None
            }
            Deed::PlayEarlyMedia => {
                call.play_early_media(&mut effects);
                None
            }
            Deed::Answer => {
                call.answer(now, &mut effects);
                None
            }
            Deed::Decline(status) => {
                if let Some(usage) = call.usage.called() {
                    usage.refuse(status, &[], &mut effects);
                }
                None
            }
            Deed::Redirect(status, targets) => {
                let contacts: Vec<String> = targets.iter().map(|uri| format!("<{uri}>")).collect();
                let headers: Vec<(&str, &str)> = contacts
                    .iter()
                    .map(|contact| ("Contact", contact.as_str()))
                    .collect();
                if let Some(usage) = call.usage.called() {
                    usage.refuse(status, &headers, &mut effects);
                }
                None
            }
            Deed::Bye => {
                self.leave_rudely(now, number, out);
                None
            }
            Deed::HangUp => Some(Input::HangUp { reason: None }),
            Deed::Hold => Some(Input::Reinvite {
                offer: Some(call.offer(Direction::SendOnly)),
            }),
            Deed::Resume => Some(Input::Reinvite {
                offer: Some(call.offer(Direction::SendRecv)),
            }),
            Deed::Update => Some(Input::Update {
                offer: Some(call.description()),
            }),
            Deed::Info(text) => Some(Input::Send {
                mark: 0,
                method: &Method::Info,
                headers: &[],
                body: Some(Body {
                    content_type: "application/dtmf-relay".into(),
                    bytes: text.into(),
                }),
            }),
            Deed::Options => Some(Input::Send {
                mark: 0,
                method: &Method::Options,
                headers: &[],
                body: None,
            }),
            Deed::Refer(target) => {
                let refer_to = format!("<{target}>");
                let input = Input::Send {
                    mark: 0,
                    method: &Method::Refer,
                    headers: &[("Refer-To", &refer_to)],
                    body: None,
                };
                self.tell(now, number, input, out);
                None
            }
        };
        self.effect(now, number, effects, out);
        if let Some(input) = input {
            self.tell(now, number, input, out);
        }
    }

    /// BYE without regard to the usage, whose rules forbid it before the ACK.
    fn leave_rudely(&mut self, now: Instant, number: u32, out: &mut Vec<Transmit>) {
        let Some(at) = self.calls.iter().position(|call| call.number() == number) else {
            return;
        };
        let call = self.calls.remove(at);
        let Some(mut dialog) = call.usage.dialog().cloned() else {
            return;
        };
        let bytes = dialog.request(&Method::Bye, &self.ids.branch()).finish();
        self.send(now, bytes, *dialog.flow(), Owner::Rude, out);
        self.hears(now, What::Left);
    }
}
