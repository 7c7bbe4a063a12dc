//! Domain event -> change of the board: the only translator between the words of the server and those of the page.
//!
//! Total: every event has a translation, or says nothing that the board does not know already. Knows no numbers.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::Arc;

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
    Fresh,
}

/// Translates, and remembers what it is told of each AOR: shards speak at the same time, so of one AOR the older news
/// may come last; and most news is that a phone prolonged its registration, which is seen here without looking it up
/// on the board.
#[derive(Debug, Default)]
pub(super) struct Projector {
    known: HashMap<Aor, Known>,
    /// AORs without bindings, oldest first: they are forgotten in this order.
    gone: VecDeque<(Aor, u64)>,
}

/// The last that was told of an AOR.
#[derive(Debug)]
struct Known {
    version: u64,
    /// Shared with the location service; none when it is gone from the board.
    bindings: Bindings,
}

impl Projector {
    /// The change that `what` makes to the board; `None` if it makes none.
    pub(super) fn project(&mut self, what: &What) -> Option<News> {
        match what {
            What::Phone(change) => self.phone(change),
            What::Call(call, change) => Some(News::Told(call_change(*call, change))),
        }
    }

    /// When the devices of a phone on the board run out, in their order.
    pub(super) fn refreshed(&self, owner: &Aor) -> Option<model::Refreshed> {
        let known = self.known.get(owner)?;
        let expiries = known.bindings.iter().map(|one| one.expires.unix_millis());
        Some(model::Refreshed {
            aor: aor(owner),
            expires_at: expiries.collect(),
        })
    }

    fn phone(&mut self, change: &PhoneChange) -> Option<News> {
        let now = Known {
            version: change.version,
            bindings: Arc::clone(&change.bindings),
        };
        let before = match self.known.get_mut(&change.aor) {
            Some(known) if change.version <= known.version => return None,
            Some(known) => mem::replace(known, now).bindings,
            None => {
                self.known.insert(change.aor.clone(), now);
                Bindings::default()
            }
        };
        if change.bindings.is_empty() {
            self.forget_later(&change.aor, change.version);
            return (!before.is_empty()).then(|| {
                News::Told(model::Change::PhoneGone {
                    aor: aor(&change.aor),
                    why: cause(change.why),
                })
            });
        }
        Some(if same_but_expiry(&before, &change.bindings) {
            News::Fresh
        } else {
            News::Told(model::Change::Phone {
                phone: phone(&change.aor, &change.bindings),
                why: cause(change.why),
            })
        })
    }

    fn forget_later(&mut self, aor: &Aor, version: u64) {
        self.gone.push_back((aor.clone(), version));
        if self.gone.len() > limits::GONE_PHONES_REMEMBERED
            && let Some((aor, version)) = self.gone.pop_front()
            && self
                .known
                .get(&aor)
                .is_some_and(|known| known.version == version)
        {
            self.known.remove(&aor);
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

/// Whether the page would see no difference but in the expiry.
fn same_but_expiry(before: &Bindings, now: &Bindings) -> bool {
    let same = |(before, now): (&Arc<Binding>, &Arc<Binding>)| {
        before.flow.peer == now.flow.peer
            && before.flow.transport == now.flow.transport
            && before.is_reachable() == now.is_reachable()
            && before.reach == now.reach
            && (before.shares_texts_of(now)
                || (before.contact() == now.contact()
                    && before.display_name() == now.display_name()
                    && before.user_agent() == now.user_agent()))
    };
    before.len() == now.len() && before.iter().zip(now.iter()).all(same)
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
        CallChange::Device(side, device) => model::Change::Device {
            call,
            side: match side {
                Side::A => model::Side::A,
                Side::B => model::Side::B,
            },
            name: device.short_name().to_owned(),
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
