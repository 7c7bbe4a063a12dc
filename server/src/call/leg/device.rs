//! One device of a party, invited for a leg: its binding and the INVITE usage with it.

use std::sync::Arc;

use sip::dialog::invite_uac::{InviteUac, State};
use sip::time::Instant;

use crate::binding::{Binding, Bindings};
use crate::call::DeviceId;
use crate::event;

/// One device.
#[derive(Debug)]
pub(in crate::call) struct Device {
    pub(in crate::call) id: DeviceId,
    pub(in crate::call) binding: Arc<Binding>,
    pub(in crate::call) uac: InviteUac,
    pub(super) fate: Fate,
}

/// What became of its invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It may answer, or has.
    Open,
    /// Another one was faster, or its time is over: it was told to stop.
    Dismissed,
    /// Over. Until then it is kept, because its phone may repeat a 2xx (RFC 6026 section 7.2).
    Over(Instant),
}

impl Device {
    /// Whether it has said nothing so far, not even 100.
    pub(super) fn is_silent(&self) -> bool {
        self.uac.state() == State::Calling
    }

    /// Sends what follows the way by which the device last registered, if that is another one now. A device is known
    /// by its instance (RFC 5626 section 4.1), or by the Call-ID that it uses for all its registrations (RFC 3261
    /// section 10.2.4).
    pub(super) fn follow(&mut self, bindings: &Bindings) {
        let rung = &self.binding;
        let is_it = |binding: &&Arc<Binding>| match (binding.instance(), rung.instance()) {
            (Some(now), Some(then)) => now == then,
            (None, None) => binding.call_id() == rung.call_id(),
            (Some(_), None) | (None, Some(_)) => false,
        };
        let moved = bindings.iter().find(is_it);
        if let Some(binding) = moved.filter(|binding| binding.flow != rung.flow) {
            self.uac.set_flow(binding.flow);
        }
    }

    /// What is told of it when it has answered.
    pub(super) fn described(&self) -> event::Device {
        event::Device {
            user_agent: self.binding.user_agent().map(Box::from),
            contact: self.binding.contact().into(),
            transport: self.binding.flow.transport,
            call_id: self.uac.call_id().as_str().into(),
        }
    }
}
