//! Events as lines of text, for snapshots.

use std::fmt::Write as _;

use server::event::{CallChange, Event, PhoneChange, What};
use testkit::clock::Clock;

use super::story;

/// One line for each event: the seconds since the clock started, and what happened. Calls are numbered in the order in
/// which they first appear. Which device answered is left out.
pub fn print(events: &[Event]) -> String {
    let start = Clock::new().now();
    let mut calls = Vec::new();
    let mut text = String::new();
    for event in events {
        // Where a party has one device there is nothing to tell.
        if let What::Call(_, CallChange::Device(..)) = &event.what {
            continue;
        }
        let seconds = event.at.since(start).as_secs_f64();
        let _ = match &event.what {
            What::Phone(change) => writeln!(text, "{seconds:7.3}  {}", phone(change)),
            What::Call(call, change) => {
                let known = calls.iter().position(|known| known == call);
                let number = known.unwrap_or_else(|| {
                    calls.push(*call);
                    calls.len() - 1
                });
                writeln!(
                    text,
                    "{seconds:7.3}  call {}: {}",
                    number + 1,
                    story::line(change)
                )
            }
        };
    }
    text
}

fn phone(change: &PhoneChange) -> String {
    let mut text = format!("{} {:?}:", change.aor, change.why);
    for binding in change.bindings.iter() {
        let _ = write!(
            text,
            " <{}> by {} {} q={}",
            binding.contact(),
            binding.flow.transport,
            binding.flow.peer,
            binding.q
        );
        if let Some(device) = binding.user_agent() {
            let _ = write!(text, " ({device})");
        }
    }
    if change.bindings.is_empty() {
        text.push_str(" gone");
    }
    text
}
