//! Why a call ends: from what was heard on the wire, or a limit, or a click, to a word of the board, a line
//! for people, and the Reason that the other phone is given (RFC 3326, RFC 3725 section 6).

use std::time::Duration;

use sip::dialog::{End, Reason, Refusal};
use sip::msg::reason_phrase;

use crate::event::{EndedBy, LegEnd, Outcome, Side};
use crate::limits::REASON_TEXT;

/// Why a call, or one leg of it, ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    by: EndedBy,
    outcome: Outcome,
    code: Option<u16>,
    text: Box<str>,
    reason: Reason,
}

impl Cause {
    /// The usage of this side ended by itself.
    pub(super) fn leg(side: Side, end: &End) -> Self {
        match end {
            End::Refused(refusal) => Self::refused(side, refusal),
            End::RemoteBye { reason } | End::RemoteCancel { reason } => {
                Self::hung_up(side, reason.as_ref())
            }
            // RFC 3261 section 8.1.3.1: no response counts as 408, a transport that fails as 503.
            End::TimedOut => Self::network(408, "The phone does not respond"),
            End::Unreachable => Self::network(503, "The phone cannot be reached"),
            End::Lost { status } => {
                Self::network(status.unwrap_or(408), "The phone has lost the call")
            }
            // Only after a hang-up of ours, whose own cause comes first.
            End::HungUp => Self::operator(false),
        }
    }

    /// A final response of 300 to 699.
    fn refused(side: Side, refusal: &Refusal) -> Self {
        let phrase = match &*refusal.phrase {
            "" => reason_phrase(refusal.status),
            phrase => cut(phrase),
        };
        let text = match refusal.contacts.first() {
            Some(target) if refusal.status < 400 => format!("{phrase}: {}", cut(target)).into(),
            Some(_) | None => phrase.into(),
        };
        Self {
            by: ended_by(side),
            outcome: Outcome::of_status(refusal.status),
            code: Some(refusal.status),
            text,
            reason: Reason::sip(refusal.status, phrase),
        }
    }

    /// The phone sent BYE. Its own Reason, if it gave one, is passed on.
    fn hung_up(side: Side, reason: Option<&Reason>) -> Self {
        let said = reason.and_then(|reason| reason.text.as_deref());
        Self {
            by: ended_by(side),
            outcome: match side {
                Side::A => Outcome::Cancelled,
                Side::B => Outcome::Declined,
            },
            code: None,
            text: cut(said.unwrap_or("Hung up")).into(),
            reason: reason.cloned().unwrap_or_else(clearing),
        }
    }

    /// The phone is silent, or there is no way to it.
    fn network(code: u16, text: &str) -> Self {
        Self {
            by: EndedBy::Network,
            outcome: Outcome::Unreachable,
            code: None,
            text: text.into(),
            reason: Reason::sip(code, reason_phrase(code)),
        }
    }

    /// Somebody ended it on the page or by the API. `talking`: the phones have been joined before.
    ///
    /// Never `SIP;cause=200`: by that a phone is told that the call was answered elsewhere, and shows no missed
    /// call (RFC 3326 section 2).
    pub(super) fn operator(talking: bool) -> Self {
        let text = "Ended by the operator";
        Self {
            by: EndedBy::Operator,
            outcome: Outcome::Cancelled,
            code: None,
            text: text.into(),
            reason: if talking {
                Reason::q850(16, text)
            } else {
                Reason::sip(487, text)
            },
        }
    }

    /// The phone has rung as long as it may.
    pub(super) fn no_answer(limit: Duration) -> Self {
        Self {
            by: EndedBy::Timer,
            outcome: Outcome::NoAnswer,
            code: None,
            text: format!("No answer within {} s", limit.as_secs()).into(),
            reason: Reason::sip(408, "No answer"),
        }
    }

    /// The ring limit is over and the phone has not said a word, not even 100.
    pub(super) fn no_response() -> Self {
        Self::network(408, "The phone does not respond")
    }

    /// The phone is not registered any more at the moment it is to be invited (RFC 3261 section 21.4.18).
    pub(super) fn not_registered() -> Self {
        Self {
            by: EndedBy::Policy,
            outcome: Outcome::Unreachable,
            code: None,
            text: "The phone is no longer registered".into(),
            reason: Reason::sip(480, reason_phrase(480)),
        }
    }

    /// A 2xx had no session description where one must be (RFC 3261 section 13.2.1).
    pub(super) fn no_session() -> Self {
        Self {
            by: EndedBy::Policy,
            outcome: Outcome::MediaMismatch,
            code: None,
            text: "The phone answered without a session description".into(),
            reason: Reason::sip(488, reason_phrase(488)),
        }
    }

    /// In words.
    #[cfg(test)]
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What became of the call, if the phones were not joined before.
    pub(super) const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// For the CANCEL or BYE of a leg that is released for this cause.
    pub(super) fn reason(&self) -> Reason {
        self.reason.clone()
    }

    /// The same for the board.
    pub(super) fn leg_end(&self) -> LegEnd {
        LegEnd {
            by: self.by,
            code: self.code,
            reason: Some(self.text.clone()),
        }
    }
}

const fn ended_by(side: Side) -> EndedBy {
    match side {
        Side::A => EndedBy::A,
        Side::B => EndedBy::B,
    }
}

/// ITU-T Q.850: one of the two hung up.
fn clearing() -> Reason {
    Reason::q850(16, "Normal call clearing")
}

/// Texts of a peer are repeated to the board and to the other phone, but not at any length.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(REASON_TEXT)]
}

#[cfg(test)]
mod tests;
