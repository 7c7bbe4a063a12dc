//! What the API shows of calls and registrations: words that are written out and stay as they are.
//!
//! The live feed has the same facts under names that are short and may change with the page; these may not. Every
//! member is always there, `null` where there is nothing to say. Texts of phones are repeated as they came.

use app::model::{self, CallState, CallView, Device, LegState, LegView, Party, Phone};
use serde::Serialize;
use utoipa::ToSchema;

use super::openapi::words;
use super::timestamp::Timestamp;

/// An address of record with the devices that are registered for it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Registration<'a> {
    aor: &'a str,
    #[schema(required = true)]
    display_name: Option<&'a str>,
    /// The preferred one first; never empty.
    devices: Vec<RegisteredDevice<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RegisteredDevice<'a> {
    contact: &'a str,
    #[schema(required = true)]
    user_agent: Option<&'a str>,
    /// Where its packets come from.
    address: &'a str,
    #[schema(schema_with = words::transport)]
    transport: &'static str,
    expires_at: Timestamp,
    /// Whether there is a way to it.
    reachable: bool,
    /// Whether it answered when it was last asked; `null` where it was not.
    #[schema(required = true)]
    answers: Option<bool>,
    /// How long that answer took, in milliseconds.
    #[schema(required = true)]
    round_trip_ms: Option<u32>,
}

/// A call with its two legs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Call<'a> {
    id: &'a str,
    from: &'a str,
    to: &'a str,
    /// Whether leg A is `from` or `to`.
    #[schema(schema_with = words::party)]
    ring_first: &'static str,
    /// `board`, or `phone` when `from` dialled.
    #[schema(schema_with = words::placed)]
    placed: &'static str,
    #[schema(schema_with = words::call_state)]
    state: &'static str,
    /// What became of it; `null` until `state` is `done`.
    #[schema(schema_with = words::outcome, required = true)]
    outcome: Option<&'static str>,
    /// The leg that is invited first.
    a: Leg<'a>,
    b: Leg<'a>,
    opened_at: Timestamp,
    #[schema(required = true)]
    talking_since: Option<Timestamp>,
    #[schema(required = true)]
    ended_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Leg<'a> {
    #[schema(schema_with = words::leg_state)]
    state: &'static str,
    /// When it came to this state.
    since: Timestamp,
    #[schema(required = true)]
    answered_at: Option<Timestamp>,
    /// The device that answered, by its name.
    device: Option<&'a str>,
    /// How it ended; `null` until `state` is `ended`.
    #[schema(required = true)]
    ended: Option<Ended<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Ended<'a> {
    #[schema(schema_with = words::ended_by)]
    by: &'static str,
    /// The SIP status, where one says it.
    #[schema(required = true)]
    code: Option<u16>,
    #[schema(required = true)]
    reason: Option<&'a str>,
}

impl<'a> From<&'a Phone> for Registration<'a> {
    fn from(phone: &'a Phone) -> Self {
        Self {
            aor: phone.aor.as_str(),
            display_name: phone.name.as_deref(),
            devices: phone.devices.iter().map(RegisteredDevice::from).collect(),
        }
    }
}

impl<'a> From<&'a Device> for RegisteredDevice<'a> {
    fn from(device: &'a Device) -> Self {
        Self {
            contact: &device.contact,
            user_agent: device.user_agent.as_deref(),
            address: &device.address,
            transport: match device.transport {
                model::Transport::Udp => "udp",
                model::Transport::Tcp => "tcp",
                model::Transport::Tls => "tls",
                model::Transport::Ws => "ws",
                model::Transport::Wss => "wss",
            },
            expires_at: Timestamp(device.expires_at),
            reachable: !device.unreachable,
            answers: device
                .reach
                .map(|reach| matches!(reach, model::Reach::Answers(_))),
            round_trip_ms: match device.reach {
                Some(model::Reach::Answers(millis)) => Some(millis),
                Some(model::Reach::Silent) | None => None,
            },
        }
    }
}

impl<'a> From<&'a CallView> for Call<'a> {
    fn from(call: &'a CallView) -> Self {
        let (state, outcome) = state(call.state);
        Self {
            id: call.id.as_str(),
            from: call.from.as_str(),
            to: call.to.as_str(),
            ring_first: match call.first {
                Party::From => "from",
                Party::To => "to",
            },
            placed: call.placed.word(),
            state,
            outcome,
            a: Leg::from(&call.a),
            b: Leg::from(&call.b),
            opened_at: Timestamp(call.opened_at),
            talking_since: call.talking_since.map(Timestamp),
            ended_at: call.ended_at.map(Timestamp),
        }
    }
}

impl<'a> From<&'a LegView> for Leg<'a> {
    fn from(leg: &'a LegView) -> Self {
        let (state, ended) = match &leg.state {
            LegState::Planned => ("planned", None),
            LegState::Inviting => ("inviting", None),
            LegState::Ringing => ("ringing", None),
            LegState::EarlyMedia => ("early_media", None),
            LegState::Answered => ("answered", None),
            LegState::Confirmed => ("confirmed", None),
            LegState::Ending => ("ending", None),
            LegState::Ended(end) => ("ended", Some(end)),
        };
        Self {
            state,
            since: Timestamp(leg.since),
            answered_at: leg.answered_at.map(Timestamp),
            device: leg.device.as_deref(),
            ended: ended.map(|end| Ended {
                by: end.by.word(),
                code: end.code,
                reason: end.reason.as_deref(),
            }),
        }
    }
}

const fn state(state: CallState) -> (&'static str, Option<&'static str>) {
    match state {
        CallState::CallingA => ("calling_a", None),
        CallState::AWaiting => ("a_waiting", None),
        CallState::CallingB => ("calling_b", None),
        CallState::Connecting => ("connecting", None),
        CallState::Talking => ("talking", None),
        CallState::Releasing => ("releasing", None),
        CallState::Done(outcome) => ("done", Some(outcome.word())),
    }
}
