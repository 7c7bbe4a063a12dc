//! What a phone does just now, told from the calls it takes part in.

use super::{Aor, CallState, CallView, Party};

/// What a phone does, as far as the server knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// Nothing.
    #[default]
    Free,
    /// It rings, or is about to.
    Ringing,
    /// Somebody lifted and waits for the other party.
    Waiting,
    /// Somebody talks.
    Talking,
}

impl Presence {
    /// The most that `aor` does in any of `calls`.
    pub fn among<'a>(calls: impl Iterator<Item = &'a CallView>, aor: &Aor) -> Self {
        calls
            .map(|call| Self::within(call, aor))
            .max()
            .unwrap_or_default()
    }

    fn within(call: &CallView, aor: &Aor) -> Self {
        let party = match aor {
            aor if *aor == call.from => Party::From,
            aor if *aor == call.to => Party::To,
            _ => return Self::Free,
        };
        let leg = &call.leg(call.side_of(party)).state;
        if leg.is_answered() {
            if call.state == CallState::Talking {
                Self::Talking
            } else {
                Self::Waiting
            }
        } else if leg.is_alerting() {
            Self::Ringing
        } else {
            Self::Free
        }
    }
}
