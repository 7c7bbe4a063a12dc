//! Events as log lines that read alone: phones that come and go, calls up and down.
//!
//! Texts from the wire are quoted, so that no phone can write a log line of its own. A call is remembered until it is
//! over, so that its last line tells the whole of it.

use std::collections::HashMap;
use std::time::Duration;

use sip::name::Aor;
use sip::time::Instant;

use crate::event::{
    CallChange, CallRef, CallState, Event, LegEnd, LegState, PhoneCause, PhoneChange, What,
};

/// Logs events.
#[derive(Debug, Default)]
pub(crate) struct Narrator {
    calls: HashMap<CallRef, Story>,
}

/// What the last line of a call needs.
#[derive(Debug)]
struct Story {
    from: Aor,
    to: Aor,
    opened: Instant,
    talking: Option<Instant>,
    released: Option<Instant>,
    /// Of the leg that ended first: why the call did.
    cause: Option<LegEnd>,
}

impl Narrator {
    /// Logs one event. What repeats itself all day (a phone that registers again, each move of a leg) is DEBUG.
    pub(crate) fn tell(&mut self, event: &Event) {
        match &event.what {
            What::Phone(change) => phone(change),
            What::Call(call, change) => self.call(event.at, *call, change),
        }
    }

    fn call(&mut self, at: Instant, call: CallRef, change: &CallChange) {
        match change {
            CallChange::Opened {
                from,
                to,
                first,
                by,
                placed: _,
            } => {
                tracing::info!(%call, %from, %to, ?first, by, "call placed");
                let story = Story {
                    from: from.clone(),
                    to: to.clone(),
                    opened: at,
                    talking: None,
                    released: None,
                    cause: None,
                };
                self.calls.insert(call, story);
            }
            CallChange::Leg(side, state) => {
                tracing::debug!(%call, ?side, ?state, "leg");
                if let (LegState::Ended(end), Some(story)) = (state, self.calls.get_mut(&call)) {
                    story.cause.get_or_insert_with(|| end.clone());
                }
            }
            CallChange::Device(side, device) => {
                let device = device.short_name();
                tracing::debug!(%call, ?side, device, "device");
            }
            CallChange::State(state) => {
                tracing::debug!(%call, ?state, "call");
                match state {
                    CallState::Talking => {
                        let ringing = self.calls.get_mut(&call).map(|story| {
                            story.talking = Some(at);
                            seconds(at.since(story.opened))
                        });
                        tracing::info!(%call, ringing, "call connected");
                    }
                    CallState::Releasing => {
                        if let Some(story) = self.calls.get_mut(&call) {
                            story.released = Some(at);
                        }
                    }
                    CallState::Done(outcome) => {
                        // All that was opened is known; what was not has nothing to tell.
                        if let Some(story) = self.calls.remove(&call) {
                            story.over(call, at, outcome);
                        }
                    }
                    CallState::CallingA
                    | CallState::AWaiting
                    | CallState::CallingB
                    | CallState::Connecting => {}
                }
            }
        }
    }
}

impl Story {
    fn over(self, call: CallRef, at: Instant, outcome: &crate::event::Outcome) {
        let end = self.released.unwrap_or(at);
        let talked = self.talking.map(|since| seconds(end.since(since)));
        let ended_by = self.cause.as_ref().map(|cause| cause.by);
        let code = self.cause.as_ref().and_then(|cause| cause.code);
        let why = self
            .cause
            .as_ref()
            .and_then(|cause| cause.reason.as_deref());
        tracing::info!(
            %call,
            from = %self.from,
            to = %self.to,
            ?outcome,
            ended_by = ended_by.map(tracing::field::debug),
            code,
            why,
            lasted = seconds(at.since(self.opened)),
            talked,
            "call over"
        );
    }
}

/// To a tenth.
fn seconds(span: Duration) -> f64 {
    (span.as_secs_f64() * 10.0).round() / 10.0
}

fn phone(change: &PhoneChange) {
    let aor = change.aor.as_str();
    let devices = change.bindings.len();
    match change.why {
        PhoneCause::Bound => match change.bindings.iter().max_by_key(|binding| binding.expires) {
            Some(binding) => tracing::info!(
                aor,
                devices,
                transport = %binding.flow.transport,
                address = %binding.flow.peer,
                user_agent = binding.user_agent().unwrap_or_default(),
                "phone registered"
            ),
            None => tracing::info!(aor, devices, "phone registered"),
        },
        PhoneCause::Refreshed => tracing::debug!(aor, devices, "phone registered again"),
        PhoneCause::Removed => tracing::info!(aor, devices, "phone unregistered"),
        PhoneCause::Expired => tracing::info!(aor, devices, "registration expired"),
        PhoneCause::FlowLost => tracing::info!(aor, devices, "phone lost: no connection to it"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::event::{EndedBy, Outcome, Side};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_call_is_placed_connected_and_over_in_one_line_each() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .without_time()
            .with_target(false)
            .finish();
        let (opened, call) = (Instant::default(), CallRef::new(Instant::default(), 0, 1));
        let end = LegEnd {
            by: EndedBy::B,
            code: None,
            reason: Some("x\nforged".into()),
        };
        let second_end = LegEnd {
            by: EndedBy::Network,
            ..end.clone()
        };
        let story = [
            (
                0,
                CallChange::Opened {
                    from: Aor::parse("sip:alice@x").unwrap(),
                    to: Aor::parse("sip:bob@x").unwrap(),
                    first: Side::A,
                    by: "page".into(),
                    placed: crate::event::Placed::Board,
                },
            ),
            (4, CallChange::State(CallState::Talking)),
            (64, CallChange::Leg(Side::B, LegState::Ended(end))),
            (64, CallChange::State(CallState::Releasing)),
            (65, CallChange::Leg(Side::A, LegState::Ended(second_end))),
            (65, CallChange::State(CallState::Done(Outcome::Answered))),
        ];
        tracing::subscriber::with_default(subscriber, || {
            let mut narrator = Narrator::default();
            for (second, change) in story {
                narrator.tell(&Event {
                    at: opened + Duration::from_secs(second),
                    what: What::Call(call, change),
                });
            }
            assert!(narrator.calls.is_empty());
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let told: Vec<_> = text.lines().map(str::trim_start).collect();
        assert_eq!(
            told,
            [
                format!(
                    "INFO call placed call={call} from=sip:alice@x to=sip:bob@x first=A by=\"page\""
                ),
                format!("INFO call connected call={call} ringing=4.0"),
                format!(
                    "INFO call over call={call} from=sip:alice@x to=sip:bob@x outcome=Answered ended_by=B \
                     why=\"x\\nforged\" lasted=65.0 talked=60.0"
                ),
            ]
        );
    }
}
