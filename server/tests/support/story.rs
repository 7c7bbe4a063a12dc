//! What is told of a call, a line for each change.

use server::event::{CallChange, LegState, Placed, Side};

/// `A ringing`, `B ended by b: 486 Busy Here`, `calling_b`.
pub fn line(change: &CallChange) -> String {
    match change {
        CallChange::Opened {
            from,
            to,
            first,
            by: _,
            placed,
        } => {
            let order = match first {
                Side::A => "",
                Side::B => " (who rings first)",
            };
            let placed = match placed {
                Placed::Board => "",
                Placed::Phone => " (by phone)",
            };
            format!("opened: {from} to {to}{order}{placed}")
        }
        CallChange::Leg(side, LegState::Ended(end)) => {
            let by = snake(&end.by);
            let code = end.code.map_or(String::new(), |code| format!(" {code}"));
            let reason = end.reason.as_deref().unwrap_or("");
            format!("{side:?} ended by {by}:{code} {reason}")
        }
        CallChange::Leg(side, state) => format!("{side:?} {}", snake(state)),
        CallChange::Device(side, device) => format!("{side:?} is {}", device.short_name()),
        CallChange::State(state) => snake(state),
    }
}

/// `CallingB` as `calling_b`.
fn snake(word: &impl std::fmt::Debug) -> String {
    let mut text = String::new();
    for c in format!("{word:?}").chars() {
        if c.is_uppercase() && !text.is_empty() && !text.ends_with('(') {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
