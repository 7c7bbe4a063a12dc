//! Domain event -> change of the board: the only translator between the words of the server and those of the page.
//!
//! Total: every event has a translation, or says nothing that the board does not know already. Knows no numbers.

use std::collections::{HashMap, VecDeque};

use app::model;
use sip::name::{Aor, Transport};

use crate::binding::{Binding, Bindings, Reach};
use crate::event::{
    CallChange, CallRef, CallState, EndedBy, LegEnd, LegState, Outcome, PhoneCause, PhoneChange,
    Placed, Side, What,
};
use crate::limits;

/// What an event means for the board.
#[derive(Debug)]
pub(super) enum News {
    /// To be told at once.
    Told(model::Change),
    /// Nothing but expiry moved: that can wait for others.
    Fresh(model::Refreshed),
}

/// Translates, and remembers how far it is told of each AOR: shards speak at the same time, so of one AOR the
/// older news may come last.
#[derive(Debug, Default)]
pub(super) struct Projector {
    versions: HashMap<Aor, u64>,
    /// AORs without bindings, oldest first: their versions are forgotten in this order.
    gone: VecDeque<(Aor, u64)>,
}

impl Projector {
    /// The change that `what` makes to a board on which `shown` is the phone it speaks of; `None` if it makes none.
    pub(super) fn project(&mut self, what: &What, shown: Option<&model::Phone>) -> Option<News> {
        match what {
            What::Phone(change) => self.phone(change, shown),
            What::Call(call, change) => Some(News::Told(call_change(*call, change))),
        }
    }

    fn phone(&mut self, change: &PhoneChange, shown: Option<&model::Phone>) -> Option<News> {
        let known = self.versions.get(&change.aor).copied().unwrap_or(0);
        if change.version <= known {
            return None;
        }
        self.versions.insert(change.aor.clone(), change.version);
        let why = cause(change.why);
        if change.bindings.is_empty() {
            self.forget_later(&change.aor, change.version);
            return shown.map(|shown| {
                News::Told(model::Change::PhoneGone {
                    aor: shown.aor.clone(),
                    why,
                })
            });
        }
        let phone = phone(&change.aor, &change.bindings);
        Some(match shown {
            Some(shown) if same_but_expiry(shown, &phone) => News::Fresh(model::Refreshed {
                aor: phone.aor,
                expires_at: phone
                    .devices
                    .iter()
                    .map(|device| device.expires_at)
                    .collect(),
            }),
            Some(_) | None => News::Told(model::Change::Phone { phone, why }),
        })
    }

    fn forget_later(&mut self, aor: &Aor, version: u64) {
        self.gone.push_back((aor.clone(), version));
        if self.gone.len() > limits::GONE_PHONES_REMEMBERED
            && let Some((aor, version)) = self.gone.pop_front()
            && self.versions.get(&aor) == Some(&version)
        {
            self.versions.remove(&aor);
        }
    }
}

/// The name under which the page knows an AOR.
pub(super) fn aor(aor: &Aor) -> model::Aor {
    model::Aor::new(aor.as_str())
}

/// The name under which the page knows a call.
pub(super) fn call_ref(call: CallRef) -> model::CallRef {
    model::CallRef::new(&call.to_string())
}

fn phone(owner: &Aor, bindings: &Bindings) -> model::Phone {
    let name = bindings.iter().find_map(|binding| binding.display_name());
    model::Phone {
        aor: aor(owner),
        name: name.map(str::to_owned),
        devices: bindings.iter().map(|binding| device(binding)).collect(),
    }
}

fn device(binding: &Binding) -> model::Device {
    model::Device {
        contact: binding.contact().to_owned(),
        user_agent: binding.user_agent().map(str::to_owned),
        address: binding.flow.peer.to_string(),
        transport: match binding.flow.transport {
            Transport::Udp => model::Transport::Udp,
            Transport::Tcp => model::Transport::Tcp,
            Transport::Tls => model::Transport::Tls,
            Transport::Ws => model::Transport::Ws,
            Transport::Wss => model::Transport::Wss,
        },
        expires_at: binding.expires.unix_millis(),
        unreachable: !binding.is_reachable(),
        reach: match binding.reach {
            Reach::Unknown => None,
            Reach::Answers(millis) => Some(model::Reach::Answers(millis)),
            Reach::Silent => Some(model::Reach::Silent),
        },
    }
}

fn same_but_expiry(shown: &model::Phone, now: &model::Phone) -> bool {
    let same = |(shown, now): (&model::Device, &model::Device)| {
        shown.contact == now.contact
            && shown.user_agent == now.user_agent
            && shown.address == now.address
            && shown.transport == now.transport
            && shown.unreachable == now.unreachable
            && shown.reach == now.reach
    };
    shown.name == now.name
        && shown.devices.len() == now.devices.len()
        && shown.devices.iter().zip(&now.devices).all(same)
}

fn cause(why: PhoneCause) -> model::PhoneCause {
    match why {
        PhoneCause::Bound => model::PhoneCause::Bound,
        PhoneCause::Refreshed => model::PhoneCause::Refreshed,
        PhoneCause::Removed => model::PhoneCause::Removed,
        PhoneCause::Expired => model::PhoneCause::Expired,
        PhoneCause::FlowLost => model::PhoneCause::FlowLost,
    }
}

fn call_change(call: CallRef, change: &CallChange) -> model::Change {
    let call = call_ref(call);
    match change {
        CallChange::Opened {
            from,
            to,
            first,
            by: _,
            placed,
        } => model::Change::CallOpened {
            call,
            from: aor(from),
            to: aor(to),
            // Leg A is `from` unless the order was turned round.
            first: match first {
                Side::A => model::Party::From,
                Side::B => model::Party::To,
            },
            placed: match placed {
                Placed::Board => model::Placed::Board,
                Placed::Phone => model::Placed::Phone,
            },
        },
        CallChange::Leg(side, state) => model::Change::Leg {
            call,
            side: match side {
                Side::A => model::Side::A,
                Side::B => model::Side::B,
            },
            state: leg(state),
        },
        CallChange::State(state) => model::Change::CallState {
            call,
            state: call_state(*state),
        },
    }
}

fn leg(state: &LegState) -> model::LegState {
    match state {
        LegState::Planned => model::LegState::Planned,
        LegState::Inviting => model::LegState::Inviting,
        LegState::Ringing => model::LegState::Ringing,
        LegState::EarlyMedia => model::LegState::EarlyMedia,
        LegState::Answered => model::LegState::Answered,
        LegState::Confirmed => model::LegState::Confirmed,
        LegState::Ending => model::LegState::Ending,
        LegState::Ended(LegEnd { by, code, reason }) => model::LegState::Ended(model::LegEnd {
            by: match by {
                EndedBy::A => model::EndedBy::A,
                EndedBy::B => model::EndedBy::B,
                EndedBy::Operator => model::EndedBy::Operator,
                EndedBy::Policy => model::EndedBy::Policy,
                EndedBy::Timer => model::EndedBy::Timer,
                EndedBy::Network => model::EndedBy::Network,
            },
            code: *code,
            reason: reason.as_deref().map(str::to_owned),
        }),
    }
}

fn call_state(state: CallState) -> model::CallState {
    match state {
        CallState::CallingA => model::CallState::CallingA,
        CallState::AWaiting => model::CallState::AWaiting,
        CallState::CallingB => model::CallState::CallingB,
        CallState::Connecting => model::CallState::Connecting,
        CallState::Talking => model::CallState::Talking,
        CallState::Releasing => model::CallState::Releasing,
        CallState::Done(outcome) => model::CallState::Done(match outcome {
            Outcome::Answered => model::Outcome::Answered,
            Outcome::Declined => model::Outcome::Declined,
            Outcome::Busy => model::Outcome::Busy,
            Outcome::NoAnswer => model::Outcome::NoAnswer,
            Outcome::Cancelled => model::Outcome::Cancelled,
            Outcome::Unreachable => model::Outcome::Unreachable,
            Outcome::MediaMismatch => model::Outcome::MediaMismatch,
            Outcome::Failed => model::Outcome::Failed,
        }),
    }
}
