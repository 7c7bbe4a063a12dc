//! What the four machines have in common: the words they speak, and one face for the layer.
//!
//! A machine is a table: from (state, input) to the next state and a row of [`Effect`]s. It holds no message
//! and no time; the layer carries the effects out.

use super::timer::{Slot, Timer};
use super::{client_invite, client_non_invite, server_invite, server_non_invite};

/// What a machine can hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Server: the request came again.
    Request,
    /// INVITE server: an ACK came.
    Ack,
    /// INVITE client: the user wants it cancelled. INVITE server: its CANCEL came.
    Cancel,
    /// 100-199: to a client from the network, to a server from its user.
    Provisional,
    /// 200-299.
    Success,
    /// 300-699.
    Failure,
    /// The repeating timer fired; which one it was follows from the state.
    Repeat,
    /// The ending timer fired; which one it was follows from the state.
    Expire,
    /// The transport could not send.
    Broken,
}

impl Input {
    /// A response with this status; `None` for what is no status.
    pub(super) const fn of_status(status: u16) -> Option<Self> {
        match status {
            100..=199 => Some(Self::Provisional),
            200..=299 => Some(Self::Success),
            300..=699 => Some(Self::Failure),
            _ => None,
        }
    }
}

/// What is to be done, in the order given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Send the stored message: the request or its ACK, or the last response.
    Send,
    /// Store the message at hand in place of the old one, and send it.
    Reply,
    /// Send the message at hand, and store nothing.
    Relay,
    /// Build the ACK for the response at hand, store it in place of the request, and send it (17.1.1.3).
    Acknowledge,
    /// Build 100 (Trying) from the stored request, and store it in its place.
    PrepareTrying,
    /// Build the CANCEL of the stored request, and send it in a transaction of its own (9.1).
    SendCancel,
    /// Drop the stored message: it will not be sent again.
    Forget,
    /// Give the message at hand to the user.
    Pass,
    /// Tell the user that no final response came.
    TellTimeout,
    /// Tell the user that something could not be sent.
    TellBroken,
    /// Tell the user that no ACK came.
    TellUnacknowledged,
    /// Start a timer; whatever ran in its slot is forgotten.
    Start(Timer),
    /// Start a repeating timer again, with twice the pause it had, up to its limit.
    Again(Timer),
    /// Stop what runs in a slot.
    Stop(Slot),
}

/// The next state and what is to be done.
pub(super) type Step<State> = (State, &'static [Effect]);

/// One of the four machines, in one of its states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Machine {
    InviteClient(client_invite::State),
    NonInviteClient(client_non_invite::State),
    InviteServer(server_invite::State),
    NonInviteServer(server_non_invite::State),
}

impl Machine {
    /// The machine of a request that we send.
    pub(super) fn client(is_invite: bool) -> Step<Self> {
        if is_invite {
            lift(Self::InviteClient, client_invite::START)
        } else {
            lift(Self::NonInviteClient, client_non_invite::START)
        }
    }

    /// The machine of a request that came.
    pub(super) fn server(is_invite: bool) -> Step<Self> {
        if is_invite {
            lift(Self::InviteServer, server_invite::START)
        } else {
            lift(Self::NonInviteServer, server_non_invite::START)
        }
    }

    /// What the table of this machine says.
    pub(super) fn step(self, input: Input) -> Step<Self> {
        match self {
            Self::InviteClient(state) => lift(Self::InviteClient, state.step(input)),
            Self::NonInviteClient(state) => lift(Self::NonInviteClient, state.step(input)),
            Self::InviteServer(state) => lift(Self::InviteServer, state.step(input)),
            Self::NonInviteServer(state) => lift(Self::NonInviteServer, state.step(input)),
        }
    }

    /// Whether the transaction is over.
    pub(super) const fn is_terminated(self) -> bool {
        match self {
            Self::InviteClient(state) => matches!(state, client_invite::State::Terminated),
            Self::NonInviteClient(state) => matches!(state, client_non_invite::State::Terminated),
            Self::InviteServer(state) => matches!(state, server_invite::State::Terminated),
            Self::NonInviteServer(state) => matches!(state, server_non_invite::State::Terminated),
        }
    }
}

fn lift<State>(machine: fn(State) -> Machine, (state, effects): Step<State>) -> Step<Machine> {
    (machine(state), effects)
}
