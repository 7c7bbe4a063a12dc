//! What an operator may ask of the switch, and why it may be refused.
//!
//! Page, API and tests speak these words; call control obeys them.

use sip::name::Aor;

use crate::event::{CallRef, Side};

/// Ring `from` and `to` and let them talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceCall {
    /// The row of the matrix: the one who clicks.
    pub from: Aor,
    /// The column: the one who is wanted.
    pub to: Aor,
    /// Who rings first: [`Side::A`] is `from`, as the manual has it.
    pub ring_first: Side,
    /// Who asks, for the records: `page`, `api`, later a user's name.
    pub by: Box<str>,
    /// What this call wants otherwise than others.
    pub manner: Manner,
}

/// What one call wants otherwise than the settings say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Whether the phone that rings first is asked to answer by itself; `None`: as `calls.auto_answer` says.
    pub auto_answer: Option<bool>,
    /// Whether it is placed though a party is in another call, where `calls.when_busy` asks.
    pub despite_busy: bool,
}

/// Why a call is not placed. Nothing has happened then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Nobody calls himself.
    #[error("{0} cannot be called from itself")]
    SameParty(Aor),
    /// No phone is registered under this address of record.
    #[error("no phone is registered as {0}")]
    NotRegistered(Aor),
    /// These two, in either order, are in a call already.
    #[error("these two are already in call {0}")]
    AlreadyInCall(CallRef),
    /// This party is in another call, and `calls.when_busy` is not `allow`.
    #[error("{aor} is in another call")]
    PartyBusy {
        /// Who.
        aor: Aor,
        /// Whether [`Manner::despite_busy`] helps.
        may_insist: bool,
    },
    /// [`crate::limits::CALLS`] is reached.
    #[error("too many calls at once ({limit}); try again when one has ended")]
    TooManyCalls {
        /// The limit.
        limit: u32,
    },
    /// An application of the router refuses it.
    #[error("the application router refuses it: {status} {reason}")]
    Refused {
        /// What a phone that dialled would be answered.
        status: u16,
        /// Its reason phrase.
        reason: Box<str>,
    },
    /// The server is about to stop.
    #[error("the server is stopping and places no new calls")]
    Draining,
}

/// Why a call is not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HangUpError {
    /// There is no such call (any more).
    #[error("there is no call {0}")]
    NoSuchCall(CallRef),
}
