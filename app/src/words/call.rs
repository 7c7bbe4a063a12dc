//! Calls in words: where a leg stands, what a cell says, what became of it.

use super::names::{brief, plain};
use super::time;
use crate::model::{
    CallState, CallView, EndedBy, LegEnd, LegState, Outcome, Party, Placed, Side, UnixMillis,
};

/// The longest text of a peer that is shown, in characters.
const PEER_TEXT: usize = 60;

/// Names of the two parties of a call.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The row.
    pub from: &'a str,
    /// The column.
    pub to: &'a str,
}

impl<'a> Names<'a> {
    fn of(self, view: &CallView, side: Side) -> &'a str {
        if view.side_of(Party::From) == side {
            self.from
        } else {
            self.to
        }
    }
}

/// One leg in a word or two.
const fn leg(state: &LegState) -> &'static str {
    match state {
        LegState::Planned => "is next",
        LegState::Inviting => "is being called",
        LegState::Ringing | LegState::EarlyMedia => "rings",
        LegState::Answered | LegState::Confirmed => "answered",
        LegState::Ending => "is being released",
        LegState::Ended(_) => "is free",
    }
}

/// Both legs in a sentence.
fn legs(view: &CallView, names: Names<'_>) -> String {
    let part = |party| {
        let side = view.side_of(party);
        match (view.placed, side, &view.leg(side).state) {
            (Placed::Phone, Side::A, LegState::Answered) => "dialled",
            (_, _, state) => leg(state),
        }
    };
    format!(
        "{} {}, {} {}",
        names.from,
        part(Party::From),
        names.to,
        part(Party::To)
    )
}

/// What the cell says: who is waited for, how long they talk, why it ended.
pub fn caption(view: &CallView, names: Names<'_>, now: UnixMillis) -> String {
    let (from, to) = (brief(names.from), brief(names.to));
    let names = Names {
        from: &from,
        to: &to,
    };
    match view.state {
        CallState::CallingA => alerting(&view.a.state, names.of(view, Side::A)),
        CallState::AWaiting => format!("{} answered", names.of(view, Side::A)),
        CallState::CallingB => alerting(&view.b.state, names.of(view, Side::B)),
        CallState::Connecting => "Connecting".into(),
        CallState::Talking => time::stopwatch(view.talking_since.unwrap_or(view.since), now),
        CallState::Releasing => "Ending".into(),
        CallState::Done(outcome) => ended(view, outcome, names),
    }
}

fn alerting(state: &LegState, name: &str) -> String {
    match state {
        LegState::Ringing | LegState::EarlyMedia => format!("{name} rings"),
        LegState::Answered | LegState::Confirmed => format!("{name} answered"),
        LegState::Planned | LegState::Inviting | LegState::Ending | LegState::Ended(_) => {
            format!("Calling {name}")
        }
    }
}

/// Why a call is over, in plain words.
fn ended(view: &CallView, outcome: Outcome, names: Names<'_>) -> String {
    let failed = view.failed_side();
    let who = failed.map_or("Somebody", |side| names.of(view, side));
    match outcome {
        Outcome::Answered => {
            let since = view.talking_since.unwrap_or(view.opened_at);
            let talked = time::stopwatch(since, view.ended_at.unwrap_or(view.since));
            match hung_up(view) {
                Some(side) => format!("{} hung up after {talked}", names.of(view, side)),
                None => format!("Ended after {talked}"),
            }
        }
        Outcome::Declined => format!("{who} declined"),
        Outcome::Busy => format!("{who} is busy"),
        Outcome::NoAnswer => format!("{who} did not answer"),
        Outcome::Cancelled => match hung_up(view) {
            Some(side) => format!("{} hung up", names.of(view, side)),
            None => "Cancelled".into(),
        },
        Outcome::Unreachable => format!("{who} cannot be reached"),
        Outcome::MediaMismatch => "No common audio format".into(),
        Outcome::Failed => match answer(view) {
            Some(answer) => format!("{who}’s phone refused: {answer}"),
            None => "The call failed".into(),
        },
    }
}

/// Everything there is to say of a call in one line: both legs, or why it is over with the SIP answer behind it.
pub fn detail(view: &CallView, names: Names<'_>) -> String {
    let CallState::Done(outcome) = view.state else {
        return legs(view, names);
    };
    let why = ended(view, outcome, names);
    match answer(view) {
        Some(answer) if outcome != Outcome::Failed => format!("{why} ({answer})"),
        Some(_) | None => why,
    }
}

/// Whether [`caption`] changes with the clock.
pub const fn counts_seconds(view: &CallView) -> bool {
    matches!(view.state, CallState::Talking)
}

/// What an operator wants to hear when a leg has moved; silence for steps that only matter to machines.
pub fn heard_leg(state: &LegState, name: &str) -> Option<String> {
    match state {
        LegState::Ringing | LegState::EarlyMedia => Some(format!("{name} rings")),
        LegState::Answered => Some(format!("{name} answered")),
        LegState::Planned
        | LegState::Inviting
        | LegState::Confirmed
        | LegState::Ending
        | LegState::Ended(_) => None,
    }
}

/// What an operator wants to hear when a call has moved.
pub fn heard_call(view: &CallView, names: Names<'_>) -> Option<String> {
    match view.state {
        CallState::Talking => Some(format!("{} and {} are talking", names.from, names.to)),
        CallState::Done(outcome) => {
            let why = ended(view, outcome, names);
            Some(format!("Call {} to {}: {why}", names.from, names.to))
        }
        CallState::CallingA
        | CallState::AWaiting
        | CallState::CallingB
        | CallState::Connecting
        | CallState::Releasing => None,
    }
}

/// The side whose phone ended the call, if it was a phone.
fn hung_up(view: &CallView) -> Option<Side> {
    [&view.a, &view.b]
        .into_iter()
        .find_map(|leg| match &leg.state {
            LegState::Ended(LegEnd { by: EndedBy::A, .. }) => Some(Side::A),
            LegState::Ended(LegEnd { by: EndedBy::B, .. }) => Some(Side::B),
            _ => None,
        })
}

/// The SIP answer because of which a call failed, such as `486 Busy Here`.
fn answer(view: &CallView) -> Option<String> {
    let LegState::Ended(LegEnd {
        code: Some(code),
        reason,
        ..
    }) = &view.leg(view.failed_side()?).state
    else {
        return None;
    };
    let reason = plain(reason.as_deref().unwrap_or_default(), PEER_TEXT);
    Some(format!("{code} {reason}").trim_end().to_owned())
}
