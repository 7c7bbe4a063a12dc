//! From where a call was placed: the board, or the phone of the one who called.

use serde::{Deserialize, Serialize};

use super::{CallState, CallView, LegState};

/// From where a call was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placed {
    /// From the board.
    #[default]
    Board,
    /// On the phone of leg A.
    Phone,
}

impl Placed {
    /// Whether it is the usual one, which goes without saying.
    pub const fn is_board(&self) -> bool {
        matches!(self, Self::Board)
    }

    /// As the API spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Board => "board",
            Self::Phone => "phone",
        }
    }
}

impl CallView {
    /// The same call, placed from there. A phone that dialled is off the hook from the beginning.
    #[must_use]
    pub fn placed_on(mut self, placed: Placed) -> Self {
        self.placed = placed;
        if placed == Placed::Phone {
            self.state = CallState::CallingB;
            self.a.state = LegState::Answered;
            self.a.answered_at = Some(self.opened_at);
        }
        self
    }
}
