//! Third-party call control (RFC 3725): two phones are rung one after the other and joined.
//!
//! One [`CallControl`] holds the calls of one shard. Sans-IO: `handle(now, input, out)` and `deadline()`. It
//! knows no sockets, no transactions and no sessions: what the phones tell each other about media passes
//! through it unread.

#[expect(
    clippy::module_inception,
    reason = "a call is what call control is about"
)]
mod call;
mod cause;
mod devices;
mod effect;
mod leg;
mod offer_plan;
mod steps;
mod tables;
mod tally;

use std::sync::Arc;
use std::time::Duration;

use sip::dialog;
use sip::msg::Message;
use sip::name::{Aor, Ids};
use sip::time::Instant;
use sip::transaction::Timers;

use crate::command::Manner;
pub use crate::command::{HangUpError, PlaceCall, PlaceError};
use crate::config::{Calls, WhenBusy};
use crate::event::{CallChange, CallRef, Placed, Side};
use crate::identity::Identity;
use crate::location::Location;
use call::{Call, Context};
use devices::reachable;
pub use effect::{DeviceId, Effect, Input, Mark, Outbox};
use leg::Leg;
use tables::{Line, Tables};
pub use tally::Tally;

/// What call control is made of.
#[derive(Debug)]
pub struct Setup {
    /// The shard that owns the calls.
    pub shard: u8,
    /// How long phones may ring.
    pub times: Calls,
    /// How many calls there may be; shared by all shards.
    pub tally: Arc<Tally>,
    /// By what phones know us.
    pub identity: Identity,
    /// T1, T2 and T4.
    pub timers: Timers,
    /// Where the phones are.
    pub location: Arc<Location>,
    /// Call-IDs, tags and branches of this shard.
    pub ids: Ids,
}

impl Setup {
    fn ring_limit(&self, side: Side) -> Duration {
        match side {
            Side::A => self.times.ring_a,
            Side::B => self.times.ring_b,
        }
    }
}

/// The calls of one shard.
#[derive(Debug)]
pub struct CallControl {
    setup: Setup,
    tables: Tables,
    draining: bool,
}

impl CallControl {
    /// Without a call.
    pub fn new(setup: Setup) -> Self {
        // A phone repeats a 2xx for 64*T1 (RFC 3261 section 13.3.1.4).
        let tables = Tables::new(setup.timers.t1 * 64, Arc::clone(&setup.tally));
        Self {
            setup,
            tables,
            draining: false,
        }
    }

    /// Begins a call: both parties must have a phone, and this shard must own the pair.
    pub fn place(
        &mut self,
        now: Instant,
        place: &PlaceCall,
        out: &mut Outbox,
    ) -> Result<CallRef, PlaceError> {
        let PlaceCall {
            from,
            to,
            ring_first,
            by,
            manner,
        } = place;
        if from == to {
            return Err(PlaceError::SameParty(from.clone()));
        }
        if self.draining {
            return Err(PlaceError::Draining);
        }
        if let Some(call) = self.tables.between(from, to) {
            return Err(PlaceError::AlreadyInCall(call));
        }
        let (row, column) = (self.party(now, from)?, self.party(now, to)?);
        self.disturbs_nobody([from, to], *manner)?;
        if !self.setup.tally.admit() {
            let limit = self.setup.tally.limit();
            return Err(PlaceError::TooManyCalls { limit });
        }
        let reference = CallRef::new(now, self.setup.shard, self.setup.ids.random_u64());
        let plan = &offer_plan::DIRECT;
        tracing::debug!(call = %reference, plan = plan.name, "offer plan");
        let opened = CallChange::Opened {
            from: from.clone(),
            to: to.clone(),
            first: *ring_first,
            by: by.clone(),
            placed: Placed::Board,
        };
        let (mut a, b) = match ring_first {
            Side::A => (row, column),
            Side::B => (column, row),
        };
        let times = &self.setup.times;
        a.answers_itself = manner.auto_answer.unwrap_or(times.auto_answer);
        let call = Call::new(reference, plan, a, b);
        self.tables.insert(reference, call);
        self.with(now, reference, out, |call, cx| call.open(opened, cx));
        Ok(reference)
    }

    /// Ends a call, at whatever point it is. To end one that is being ended already is no error.
    pub fn hang_up(
        &mut self,
        now: Instant,
        call: CallRef,
        out: &mut Outbox,
    ) -> Result<(), HangUpError> {
        if !self.tables.is_open(call) {
            return Err(HangUpError::NoSuchCall(call));
        }
        self.with(now, call, out, Call::hang_up);
        Ok(())
    }

    /// Ends all calls.
    pub fn hang_up_all(&mut self, now: Instant, out: &mut Outbox) {
        for call in self.tables.open() {
            self.with(now, call, out, Call::hang_up);
        }
    }

    /// Takes no new calls from now on; those that are go on.
    pub fn drain(&mut self) {
        self.draining = true;
    }

    /// Whether messages with this Call-ID are for a leg of ours.
    pub fn knows(&self, call_id: &str) -> bool {
        self.tables.line(call_id).is_some()
    }

    /// Takes one input.
    pub fn handle(&mut self, now: Instant, input: Input<'_>, out: &mut Outbox) {
        match input {
            Input::Response {
                mark,
                response,
                flow,
            } => {
                let request = mark.request;
                let input = dialog::Input::Response {
                    request,
                    response,
                    flow,
                };
                self.tell(now, mark.into(), input, out);
            }
            Input::TimedOut(mark) => {
                let input = dialog::Input::TimedOut(mark.request);
                self.tell(now, mark.into(), input, out);
            }
            Input::Unreachable(mark) => {
                let input = dialog::Input::Unreachable(mark.request);
                self.tell(now, mark.into(), input, out);
            }
            Input::Stray { response, flow } => {
                let input = dialog::Input::Stray { response, flow };
                self.route(now, response, input, out);
            }
            Input::Request { id, request, flow } => {
                let input = dialog::Input::Request { id, request, flow };
                self.route(now, request, input, out);
            }
            Input::Ack(ack) => self.route(now, ack, dialog::Input::PeerAck { ack }, out),
            // What was cancelled is a re-INVITE that is refused anyway: nobody asks why.
            Input::Cancel { id, cancel } => {
                let input = dialog::Input::PeerCancel { id, reason: None };
                self.route(now, cancel, input, out);
            }
            Input::Timeout => {
                // Each gets its turn once, whatever its next deadline is.
                for call in self.tables.due(now) {
                    self.with(now, call, out, Call::timeout);
                }
            }
        }
    }

    /// When [`Input::Timeout`] is due; it may change with each input.
    pub fn deadline(&self) -> Option<Instant> {
        self.tables.deadline()
    }

    /// How many calls there are that are not done.
    pub fn len(&self) -> usize {
        self.tables.len()
    }

    /// How many legs there are, those of done calls included that still wait for what phones may repeat.
    pub fn legs(&self) -> usize {
        self.tables.legs()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A leg with the phones of this party, of which there must be one.
    fn party(&self, now: Instant, aor: &Aor) -> Result<Leg, PlaceError> {
        let targets = self.setup.location.lookup(aor, now);
        if targets.is_empty() {
            return Err(PlaceError::NotRegistered(aor.clone()));
        }
        Ok(Leg::new(aor.clone(), reachable(targets)))
    }

    /// Whether both may be rung though one may be in another call, wherever that is.
    fn disturbs_nobody(&self, parties: [&Aor; 2], manner: Manner) -> Result<(), PlaceError> {
        let may_insist = match self.setup.times.when_busy {
            WhenBusy::Allow => return Ok(()),
            WhenBusy::Ask if manner.despite_busy => return Ok(()),
            WhenBusy::Ask => true,
            WhenBusy::Refuse => false,
        };
        let mut parties = parties.into_iter();
        match parties.find(|aor| self.setup.tally.is_engaged(aor)) {
            Some(aor) => Err(PlaceError::PartyBusy {
                aor: aor.clone(),
                may_insist,
            }),
            None => Ok(()),
        }
    }

    /// An input that is found by its Call-ID.
    fn route(
        &mut self,
        now: Instant,
        message: &Message,
        input: dialog::Input<'_>,
        out: &mut Outbox,
    ) {
        let line = message.call_id().ok().and_then(|id| self.tables.line(id));
        if let Some(line) = line {
            self.tell(now, line, input, out);
        }
    }

    fn tell(&mut self, now: Instant, line: Line, input: dialog::Input<'_>, out: &mut Outbox) {
        let device = (line.side, line.device);
        self.with(now, line.call, out, |call, cx| {
            call.tell_device(device, input, cx);
        });
    }

    fn with(
        &mut self,
        now: Instant,
        reference: CallRef,
        out: &mut Outbox,
        act: impl FnOnce(&mut Call, &mut Context<'_>),
    ) {
        if let Some((call, dialogs)) = self.tables.change(reference) {
            let setup = &mut self.setup;
            let mut cx = Context {
                now,
                setup,
                dialogs,
                out,
            };
            act(call, &mut cx);
            self.tables.settle(now, reference);
        }
    }
}
