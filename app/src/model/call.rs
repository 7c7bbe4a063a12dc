//! Calls: two legs, where each stands, and what became of it.
//!
//! The words are those of the records and the API; only the names on the wire are short.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::sorted::Keyed;
use super::{Aor, Placed, UnixMillis};

/// Names one call: a UUID version 7 as text, so that the order of names is the order of opening.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct CallRef(Arc<str>);

impl CallRef {
    /// Takes the text as it is.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for CallRef {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<CallRef> for String {
    fn from(call: CallRef) -> Self {
        call.0.as_ref().to_owned()
    }
}

impl fmt::Display for CallRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One call as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallView {
    /// Its name.
    pub id: CallRef,
    /// The row: who wants to talk.
    pub from: Aor,
    /// The column: whom they want.
    pub to: Aor,
    /// Which of the two is leg A, the one that rings first.
    pub first: Party,
    /// From where it was placed.
    #[serde(default, skip_serializing_if = "Placed::is_board")]
    pub placed: Placed,
    /// Where the call stands.
    pub state: CallState,
    /// The leg that is invited first.
    pub a: LegView,
    /// The other leg.
    pub b: LegView,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it came to its present state.
    pub since: UnixMillis,
    /// When both were connected; stays after they hung up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub talking_since: Option<UnixMillis>,
    /// When its release began, or, without one, when it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UnixMillis>,
}

impl Keyed for CallView {
    type Key = CallRef;

    fn key(&self) -> &CallRef {
        &self.id
    }
}

impl CallView {
    /// A call that has just been opened: state [`CallState::CallingA`], both legs [`LegState::Planned`].
    pub fn opened(id: CallRef, from: Aor, to: Aor, first: Party, at: UnixMillis) -> Self {
        let planned = LegView {
            state: LegState::Planned,
            since: at,
            answered_at: None,
            device: None,
        };
        Self {
            id,
            from,
            to,
            first,
            placed: Placed::Board,
            state: CallState::CallingA,
            a: planned.clone(),
            b: planned,
            opened_at: at,
            since: at,
            talking_since: None,
            ended_at: None,
        }
    }

    /// The leg on a side.
    pub const fn leg(&self, side: Side) -> &LegView {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    /// The leg on a side, to change it.
    pub const fn leg_mut(&mut self, side: Side) -> &mut LegView {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    /// Whether it is over and only shown so that people can read what became of it.
    pub const fn is_done(&self) -> bool {
        matches!(self.state, CallState::Done(_))
    }

    /// The side because of which nobody talked, when the call has failed: B is invited only when A has answered, so
    /// it is the first that did not.
    pub fn failed_side(&self) -> Option<Side> {
        let CallState::Done(outcome) = self.state else {
            return None;
        };
        let side = if self.a.answered_at.is_none() {
            Side::A
        } else {
            Side::B
        };
        (!matches!(outcome, Outcome::Answered | Outcome::Cancelled)).then_some(side)
    }

    /// Who or what ended it, when it is over: the leg that ended first knows.
    pub fn ended_by(&self) -> Option<EndedBy> {
        let end = |leg: &LegView| match &leg.state {
            LegState::Ended(end) => Some((leg.since, end.by)),
            LegState::Planned
            | LegState::Inviting
            | LegState::Ringing
            | LegState::EarlyMedia
            | LegState::Answered
            | LegState::Confirmed
            | LegState::Ending => None,
        };
        let ends = [&self.a, &self.b].into_iter().filter_map(end);
        let first = ends.min_by_key(|(since, _)| *since);
        first.filter(|_| self.is_done()).map(|(_, by)| by)
    }

    /// The side on which a party stands.
    pub fn side_of(&self, party: Party) -> Side {
        if party == self.first {
            Side::A
        } else {
            Side::B
        }
    }

    /// Who stands on a side.
    pub fn party(&self, side: Side) -> &Aor {
        let row = self.side_of(Party::From) == side;
        if row { &self.from } else { &self.to }
    }
}

/// The two parties by their place in the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The row.
    #[default]
    From,
    /// The column.
    To,
}

/// The two legs by the order in which they are invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Invited first.
    A,
    /// Invited when A has answered.
    B,
}

impl Side {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// One leg with the moment of its last move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegView {
    /// Where it stands.
    pub state: LegState,
    /// Since when.
    pub since: UnixMillis,
    /// When it was answered; stays to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<UnixMillis>,
    /// The device that answered, by its name. From the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// Where a leg stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegState {
    /// Not invited yet.
    Planned,
    /// Invited; the phone has not said that it rings.
    Inviting,
    /// The phone rings.
    Ringing,
    /// The phone sends sound before it answers.
    EarlyMedia,
    /// Answered; our ACK is due.
    Answered,
    /// The dialog stands.
    Confirmed,
    /// It is being ended.
    Ending,
    /// Gone. Final.
    Ended(LegEnd),
}

impl LegState {
    /// Whether the phone has been answered and is still there.
    pub const fn is_answered(&self) -> bool {
        matches!(self, Self::Answered | Self::Confirmed)
    }

    /// Whether the phone is being made to ring.
    pub const fn is_alerting(&self) -> bool {
        matches!(self, Self::Inviting | Self::Ringing | Self::EarlyMedia)
    }
}

/// How a leg ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegEnd {
    /// Who or what ended it.
    pub by: EndedBy,
    /// The SIP status, where one says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// The reason phrase or Reason text that came with it. From the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Who or what ended a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The phone of side A.
    A,
    /// The phone of side B.
    B,
    /// An operator, by page or API.
    Operator,
    /// A rule of the server.
    Policy,
    /// A named time limit.
    Timer,
    /// The network or a silent peer.
    Network,
}

impl EndedBy {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::A,
        Self::B,
        Self::Operator,
        Self::Policy,
        Self::Timer,
        Self::Network,
    ];

    /// As the API and the metrics spell it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::Operator => "operator",
            Self::Policy => "policy",
            Self::Timer => "timer",
            Self::Network => "network",
        }
    }
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// A is being invited.
    CallingA,
    /// A answered and waits; B's invitation is about to leave.
    AWaiting,
    /// B is being invited.
    CallingB,
    /// B answered; the last messages are on their way.
    Connecting,
    /// They talk.
    Talking,
    /// Somebody ended it; the legs are being released.
    Releasing,
    /// Both legs are gone. Final.
    Done(Outcome),
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They talked.
    Answered,
    /// A party refused.
    Declined,
    /// A party was busy.
    Busy,
    /// A party did not answer in time.
    NoAnswer,
    /// An operator, or the first party, gave up before it was connected.
    Cancelled,
    /// A party could not be reached.
    Unreachable,
    /// The phones have no media in common.
    MediaMismatch,
    /// Anything else.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Answered,
        Self::Declined,
        Self::Busy,
        Self::NoAnswer,
        Self::Cancelled,
        Self::Unreachable,
        Self::MediaMismatch,
        Self::Failed,
    ];

    /// As the API and the metrics spell it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Declined => "declined",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::Cancelled => "cancelled",
            Self::Unreachable => "unreachable",
            Self::MediaMismatch => "media_mismatch",
            Self::Failed => "failed",
        }
    }

    /// How long a finished call stays on the board, in milliseconds, so that people can read what became of it.
    pub const fn linger_millis(self) -> u64 {
        match self {
            Self::Answered | Self::Cancelled => 4_000,
            Self::Declined
            | Self::Busy
            | Self::NoAnswer
            | Self::Unreachable
            | Self::MediaMismatch
            | Self::Failed => 12_000,
        }
    }
}
