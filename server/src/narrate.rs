//! Events as log lines that read alone: phones that come and go, calls up and down.
//!
//! Texts from the wire are quoted, so that no phone can write a log line of its own.

use crate::event::{CallChange, CallRef, CallState, Event, PhoneCause, PhoneChange, What};

/// Logs one event. What repeats itself all day (a phone that registers again, each move of a leg) is DEBUG.
pub(crate) fn tell(event: &Event) {
    match &event.what {
        What::Phone(change) => phone(change),
        What::Call(call, change) => self::call(*call, change),
    }
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
        PhoneCause::FlowLost => tracing::info!(aor, devices, "phone lost: its connection closed"),
    }
}

fn call(call: CallRef, change: &CallChange) {
    match change {
        CallChange::Opened { from, to, first } => {
            tracing::info!(%call, from = from.as_str(), to = to.as_str(), ?first, "call placed");
        }
        CallChange::Leg(side, state) => tracing::debug!(%call, ?side, ?state, "leg"),
        CallChange::State(CallState::Talking) => tracing::info!(%call, "call connected"),
        CallChange::State(CallState::Done(outcome)) => tracing::info!(%call, ?outcome, "call over"),
        CallChange::State(state) => tracing::debug!(%call, ?state, "call"),
    }
}
