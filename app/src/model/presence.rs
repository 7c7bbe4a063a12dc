//! What a phone does just now, told from the calls it takes part in.

use super::{Aor, CallState, CallView, Party, Phone};

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

/// Whether there is a phone that could be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// At least one device can be reached.
    Reachable,
    /// None of its devices can be reached before it registers again.
    Unreachable,
    /// It is not registered.
    Gone,
}

impl Standing {
    /// That of a phone of the board, or of one that has left it.
    pub fn of(phone: Option<&Phone>) -> Self {
        match phone {
            Some(phone) if phone.devices.iter().all(|device| device.unreachable) => {
                Self::Unreachable
            }
            Some(_) => Self::Reachable,
            None => Self::Gone,
        }
    }
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
