//! The INVITE usage of a call, whichever of the two called.

use sip::dialog::invite_uac::{self, InviteUac};
use sip::dialog::invite_uas::{self, InviteUas};
use sip::dialog::{Dialog, Input, Outbox};
use sip::name::{CallId, Ids};
use sip::time::Instant;

/// Of a call that came in, or of one that the owner dialled.
#[derive(Debug)]
pub(super) enum Usage {
    Called(Box<InviteUas>),
    Dialled(Box<InviteUac>),
}

/// Where it stands, in words that both sides share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Unanswered,
    Answered,
    Established,
    Over,
}

impl Usage {
    pub(super) fn handle(
        &mut self,
        now: Instant,
        input: Input<'_>,
        ids: &mut Ids,
        out: &mut Outbox,
    ) {
        match self {
            Self::Called(usage) => usage.handle(now, input, ids, out),
            Self::Dialled(usage) => usage.handle(now, input, ids, out),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Called(usage) => usage.deadline(),
            Self::Dialled(usage) => usage.deadline(),
        }
    }

    pub(super) fn call_id(&self) -> &CallId {
        match self {
            Self::Called(usage) => usage.call_id(),
            Self::Dialled(usage) => usage.call_id(),
        }
    }

    /// None before the other party answered a call of ours.
    pub(super) fn dialog(&self) -> Option<&Dialog> {
        match self {
            Self::Called(usage) => Some(usage.dialog()),
            Self::Dialled(usage) => usage.dialog(),
        }
    }

    pub(super) fn stage(&self) -> Stage {
        match self {
            Self::Called(usage) => match usage.state() {
                invite_uas::State::Proceeding => Stage::Unanswered,
                invite_uas::State::Answered => Stage::Answered,
                invite_uas::State::Established => Stage::Established,
                invite_uas::State::Releasing | invite_uas::State::Ended => Stage::Over,
            },
            Self::Dialled(usage) => match usage.state() {
                invite_uac::State::Calling | invite_uac::State::Proceeding => Stage::Unanswered,
                invite_uac::State::Answered => Stage::Answered,
                invite_uac::State::Established => Stage::Established,
                invite_uac::State::Cancelling
                | invite_uac::State::Releasing
                | invite_uac::State::Ended => Stage::Over,
            },
        }
    }

    /// The usage of a call that came in; what only who is called can do falls flat otherwise.
    pub(super) fn called(&mut self) -> Option<&mut InviteUas> {
        match self {
            Self::Called(usage) => Some(usage),
            Self::Dialled(_) => None,
        }
    }
}
