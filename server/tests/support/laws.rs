//! The laws of what is told about calls (the words of `server::event`): whoever folds the events of a call, in
//! order, never sees a step that cannot be, and sees its end.

use std::collections::BTreeMap;

use server::event::{CallChange, CallRef, CallState, Event, LegState, Outcome, Placed, Side, What};

/// One call, folded from its events.
#[derive(Clone, Debug)]
pub struct Told {
    /// The call as a whole.
    pub state: CallState,
    /// Leg A.
    pub a: LegState,
    /// Leg B.
    pub b: LegState,
    talked: bool,
    /// Whether the devices of leg A and leg B have been named.
    known: [bool; 2],
}

/// Folds all events and holds each one against the laws.
///
/// # Panics
/// When one is broken.
pub fn fold(events: &[Event]) -> BTreeMap<CallRef, Told> {
    let mut calls = BTreeMap::new();
    for pair in events.windows(2) {
        assert!(pair[0].at <= pair[1].at, "time went back: {pair:?}");
    }
    for event in events {
        let What::Call(call, change) = &event.what else {
            continue;
        };
        if let CallChange::Opened {
            from, to, placed, ..
        } = change
        {
            assert_ne!(from, to, "{call}: to itself");
            let before = calls.insert(*call, Told::opened(*placed));
            assert!(before.is_none(), "{call}: opened twice");
            continue;
        }
        let told = calls.get_mut(call);
        let told = told.unwrap_or_else(|| panic!("{call}: {change:?} before it was opened"));
        told.take(*call, change);
    }
    calls
}

impl Told {
    fn opened(placed: Placed) -> Self {
        let (state, a) = match placed {
            Placed::Board => (CallState::CallingA, LegState::Planned),
            Placed::Phone => (CallState::CallingB, LegState::Answered),
        };
        Self {
            state,
            a,
            b: LegState::Planned,
            talked: false,
            known: [false; 2],
        }
    }

    /// Whether it is over.
    pub fn is_done(&self) -> bool {
        matches!(self.state, CallState::Done(_))
    }

    fn take(&mut self, call: CallRef, change: &CallChange) {
        let before = format!("{self:?}");
        let is_lawful = !self.is_done()
            && match change {
                CallChange::Opened { .. } => false,
                CallChange::Leg(side, state) => {
                    let leg = match side {
                        Side::A => &mut self.a,
                        Side::B => &mut self.b,
                    };
                    let may = leg_may_become(leg, state);
                    *leg = state.clone();
                    may && (*state != LegState::Inviting || self.may_invite(*side))
                }
                // Who answers, and only once.
                CallChange::Device(side, _) => {
                    let (leg, is_known) = match side {
                        Side::A => (&self.a, &mut self.known[0]),
                        Side::B => (&self.b, &mut self.known[1]),
                    };
                    let is_first = !std::mem::replace(is_known, true);
                    is_first && *leg == LegState::Answered
                }
                CallChange::State(state) => {
                    let may = self.may_become(*state);
                    self.state = *state;
                    may
                }
            };
        assert!(is_lawful, "{call}: {change:?} after {before}");
        self.talked |= self.state == CallState::Talking;
    }

    /// B is rung when A has answered, and nobody when the call is being released.
    fn may_invite(&self, side: Side) -> bool {
        match side {
            Side::A => self.state == CallState::CallingA,
            Side::B => self.state == CallState::CallingB && self.a == LegState::Answered,
        }
    }

    fn may_become(&self, next: CallState) -> bool {
        use CallState::{AWaiting, CallingA, CallingB, Connecting, Done, Releasing, Talking};
        match (self.state, next) {
            (CallingA, AWaiting) => self.a == LegState::Answered,
            (AWaiting, CallingB) => self.b == LegState::Planned,
            (CallingB, Connecting) => self.b == LegState::Answered,
            (Connecting, Talking) => self.a == LegState::Confirmed && self.b == LegState::Confirmed,
            (CallingA | AWaiting | CallingB | Connecting | Talking, Releasing) => true,
            (Releasing, Done(outcome)) => {
                let are_gone = [&self.a, &self.b].map(|leg| matches!(leg, LegState::Ended(_)));
                are_gone == [true, true] && (outcome == Outcome::Answered) == self.talked
            }
            (CallingA | AWaiting | CallingB | Connecting | Talking | Releasing | Done(_), _) => {
                false
            }
        }
    }
}

fn leg_may_become(now: &LegState, next: &LegState) -> bool {
    use LegState::{Answered, Confirmed, EarlyMedia, Ended, Ending, Inviting, Planned, Ringing};
    match now {
        Planned => matches!(next, Inviting | Ended(_)),
        Inviting => matches!(next, Ringing | EarlyMedia | Answered | Ending | Ended(_)),
        Ringing => matches!(next, EarlyMedia | Answered | Ending | Ended(_)),
        EarlyMedia => matches!(next, Answered | Ending | Ended(_)),
        Answered => matches!(next, Confirmed | Ending | Ended(_)),
        Confirmed => matches!(next, Ending | Ended(_)),
        Ending => matches!(next, Ended(_)),
        Ended(_) => false,
    }
}
