//! Why a wish was not granted, with what to do about it.

use super::names::plain;
use crate::model::AppError;

/// The longest text of a request that is repeated, in characters.
const REPEATED: usize = 60;

/// A sentence or two for the operator.
pub fn refusal(error: &AppError) -> String {
    match error {
        AppError::NotRegistered(aor) => format!(
            "{} is not registered. Check that the phone is switched on and connected.",
            plain(aor.short(), REPEATED)
        ),
        AppError::SameParty => "A phone cannot call itself. Choose two different phones.".into(),
        AppError::AlreadyInCall => {
            "These two are in a call with each other already. End it before you start another."
                .into()
        }
        AppError::PartyBusy { aor, may_insist } => {
            let remedy = if *may_insist {
                "End it first, or place the call by the API with despite_busy."
            } else {
                "Try again when it has ended."
            };
            let name = plain(aor.short(), REPEATED);
            format!("{name} is in another call. {remedy}")
        }
        AppError::CallGone => "That call has ended already.".into(),
        AppError::BadAor(text) => format!(
            "“{}” is not a SIP address. Write it like sip:alice@example.com.",
            plain(text, REPEATED)
        ),
        AppError::ByRule(answer) => format!(
            "A rule of this server refuses that call: {}. Its rules stand under [router] in its settings.",
            plain(answer, REPEATED)
        ),
        AppError::TooManyCalls => {
            "The server has as many calls as it may. Try again when one has ended.".into()
        }
        AppError::Busy => "The server is very busy. Try again in a moment.".into(),
        AppError::Draining => {
            "The server is shutting down and takes no new calls. Try again when it is back.".into()
        }
        AppError::Forbidden => "The server refused that: it may not be done from here.".into(),
        AppError::Unreachable => {
            "The server cannot be reached. Look at the board before you try again.".into()
        }
        AppError::Garbled => {
            "This page and the server do not understand each other. Reload the page.".into()
        }
    }
}
