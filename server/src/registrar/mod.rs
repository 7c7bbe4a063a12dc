//! The registrar: REGISTER in, bindings and a response out (RFC 3261 section 10.3).
//!
//! ```text
//! policy     may this one register, and for how long        step 1, 3 to 5, 7
//! outbound   which of them are flows                      RFC 5626 section 6
//! wishes     what the Contact headers ask for               step 6, 7
//! revise     bindings before -> bindings after, or not      step 6, 7
//! response   200 with all bindings, or why not              step 8
//! ```
//!
//! All or nothing: the bindings change in one step under the lock of their partition, or not at all. Knows no
//! transactions: whether a request is repeated is known to whoever asks, and where it is forgotten the bindings still
//! show that all is done already.

mod outbound;
mod policy;
mod refusal;
mod response;
mod revise;
mod wishes;

use std::time::Duration;

use bytes::Bytes;
use sip::msg::Message;
use sip::name::{Aor, Flow, Tag};
use sip::time::Instant;

use crate::config::Config;
use crate::event::PhoneChange;
use crate::limits;
use crate::location::{Location, Revision, Updated};
use policy::Policy;
pub use policy::is_near;
use refusal::Refusal;
use revise::Registration;

/// Extensions of REGISTER that are understood here (RFC 3261 section 8.2.2.3): Path (RFC 3327) and flows (RFC
/// 5626).
pub const SUPPORTED: &[&str] = &["path", outbound::TAG];

/// Registers phones according to a policy. Holds no state of its own.
#[derive(Debug)]
pub struct Registrar {
    policy: Policy,
}

/// What became of a REGISTER.
#[derive(Debug)]
pub struct Outcome {
    /// The response, ready to be sent.
    pub response: Bytes,
    /// Whether it is a 200.
    pub accepted: bool,
    /// What to tell; `None` when nothing changed.
    pub change: Option<PhoneChange>,
    /// How long the flow of the request may be silent from now on; `None`: as long as it likes.
    pub keep_alive: Option<Duration>,
    /// The shard whose next expiry has become earlier, if one has.
    pub wake: Option<u8>,
}

impl Registrar {
    /// A registrar with the policy that the settings ask for.
    pub fn new(config: &Config) -> Self {
        Self {
            policy: Policy::new(config),
        }
    }

    /// Carries out a REGISTER. The request is well formed, and `to_tag` goes into the response.
    pub fn register(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        to_tag: &Tag,
        location: &Location,
    ) -> Outcome {
        let updated = self.try_register(now, request, flow, location);
        self.outcome(now, request, flow, to_tag, updated)
    }

    /// Answers a REGISTER that has been carried out before, and changes nothing: what came after it stands.
    pub fn repeated(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        to_tag: &Tag,
        location: &Location,
    ) -> Outcome {
        let updated = self
            .admit(request, flow)
            .and_then(|aor| location.update(now, &aor, |_| Ok(Revision::Keep)));
        self.outcome(now, request, flow, to_tag, updated)
    }

    fn outcome(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        to_tag: &Tag,
        updated: Result<Updated, Refusal>,
    ) -> Outcome {
        match updated {
            Ok(updated) => {
                let timer = outbound::flow_timer(request, flow, self.policy.flow_timer);
                let route = self.policy.service_route(request, flow);
                let bindings = &updated.bindings;
                Outcome {
                    response: response::ok(now, request, to_tag, bindings, route, timer),
                    accepted: true,
                    change: updated.change,
                    keep_alive: timer.map(|timer| timer + limits::FLOW_GRACE),
                    wake: updated.wake,
                }
            }
            Err(refusal) => {
                refusal.log(request, flow);
                let response = response::refused(request, to_tag, flow, &refusal);
                Outcome {
                    response,
                    accepted: false,
                    change: None,
                    keep_alive: None,
                    wake: None,
                }
            }
        }
    }

    fn try_register(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        location: &Location,
    ) -> Result<Updated, Refusal> {
        let aor = self.admit(request, flow)?;
        let wishes = wishes::read(request, flow, &self.policy)?;
        let registration = Registration::read(now, request, flow)?;
        location.update(now, &aor, |before| {
            revise::revise(before, &wishes, &registration, self.policy.bindings_per_aor)
        })
    }

    /// Whose registration it is, if it may come this way.
    fn admit(&self, request: &Message, flow: &Flow) -> Result<Aor, Refusal> {
        self.policy.admit_source(flow.peer.ip())?;
        self.policy.admit_target(request)?;
        self.policy.aor(request)
    }
}
