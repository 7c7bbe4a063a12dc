//! The switch: transactions, registrar and call control put together behind one contract.
//!
//! `handle(now, input, out)` and `deadline()`: pure, so that tests drive it on virtual time. It is run as N
//! shards, one thread each; a message belongs to the shard of its Call-ID ([`sip::name::Owners`]), a call
//! to the shard of its pair ([`shard_of_pair`]).
//!
//! ```text
//! Input::Message --> intake: stamp, verify --> transaction layer --> dispatch --> call        what its legs hear
//!                                                   ^                        +--> registrar   REGISTER
//!                                                   |                        +--> answer      what is for the server
//!                                                   |                        +--> admit --> proxy   everything else
//!                                                   +------------ settle <-------- effects of call and proxy
//! ```
//!
//! Knows no sockets and no clock, and no rule of registration or of calls.

mod admit;
mod answer;
mod dispatch;
mod fingerprint;
mod io;
mod merged;
mod reachability;
mod route;
mod settle;
mod tag;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use bytes::Bytes;
use sip::name::{Aor, Ids};
use sip::time::Instant;
use sip::transaction::{self, Layer};

use crate::auth::Auth;
use crate::call::{self, CallControl, Tally};
pub use crate::command::{HangUpError, PlaceCall, PlaceError};
use crate::event::{CallRef, Event, PhoneChange, What};
use crate::limits;
use crate::location::Location;
use crate::peers::Peers;
use crate::proxy::{self, Proxy};
use crate::qualify::{Qualify, is_asked};
use crate::registrar::Registrar;
use crate::router::Router;
pub use io::{Input, Load, Outbox, Setup};
use merged::Merged;
use tag::Tags;

/// One shard of the SIP side of the server.
#[derive(Debug)]
pub struct Switch {
    shard: u8,
    tally: Arc<Tally>,
    location: Arc<Location>,
    router: Arc<Router>,
    peers: Peers,
    door: Arc<Auth>,
    registrar: Registrar,
    calls: CallControl,
    proxy: Proxy,
    qualify: Qualify,
    layer: Layer<Owner>,
    tags: Tags,
    merged: Merged,
    draining: bool,
    /// Between the layer and us; empty whenever the switch is left.
    heard: transaction::Outbox<Owner>,
    /// Between call control and us; empty whenever the switch is left.
    wanted: call::Outbox,
    /// Between the proxy and us; empty whenever the switch is left.
    passed: proxy::Outbox,
}

/// Whose a client transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A leg's.
    Call(call::Mark),
    /// A request that is sent on.
    Proxy(proxy::Mark),
    /// A question to a phone, by its number.
    Qualify(u64),
}

impl Switch {
    /// An idle one.
    pub fn new(setup: Setup) -> Self {
        let Setup {
            shard,
            shards: _,
            config,
            identity,
            location,
            auth: door,
            router,
            tally,
            timers,
            seed,
        } = setup;
        let realm = door.realm().map(Into::into);
        let count = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
        if !config.sip.qualify.is_zero() {
            location.remember_newcomers(shard, is_asked);
        }
        let mut ids = Ids::new(seed, shard);
        let (layer_seed, tag_key) = (ids.random_bytes(), ids.random_u64());
        // More generators of the same shard: call control, proxy and qualify each draw their own names.
        let (proxy_seed, qualify_seed) = (ids.random_bytes(), ids.random_bytes());
        Self {
            shard,
            tally: Arc::clone(&tally),
            door,
            router,
            peers: Peers::new(&config.peers),
            registrar: Registrar::new(&config),
            calls: CallControl::new(call::Setup {
                shard,
                times: config.calls,
                tally,
                identity: identity.clone(),
                timers,
                location: Arc::clone(&location),
                ids,
            }),
            proxy: Proxy::new(proxy::Setup {
                shard,
                identity: identity.clone(),
                location: Arc::clone(&location),
                give_up: timers.t1 * 64,
                tcp: !config.sip.tcp.is_empty(),
                realm,
                contexts: count(config.limits.proxied),
                followed: count(config.limits.followed),
                ids: Ids::new(proxy_seed, shard),
            }),
            qualify: Qualify::new(config.sip.qualify, identity, Ids::new(qualify_seed, shard)),
            layer: Layer::new(timers, count(config.limits.transactions), layer_seed),
            tags: Tags::new(tag_key),
            merged: Merged::new(timers.t1 * 64, limits::REQUESTS_REMEMBERED),
            draining: false,
            heard: transaction::Outbox::new(),
            wanted: call::Outbox::default(),
            passed: proxy::Outbox::default(),
            location,
        }
    }

    /// Takes back what an earlier process kept of calls of this shard ([`Outbox::journal`]), before any input. No call can
    /// be taken up again yet: all are forgotten.
    pub fn restore(&mut self, _now: Instant, saved: Vec<(CallRef, Bytes)>, out: &mut Outbox) {
        out.journal
            .extend(saved.into_iter().map(|(call, _)| (call, None)));
    }

    /// Takes one input.
    pub fn handle(&mut self, now: Instant, input: Input, out: &mut Outbox) {
        match input {
            Input::Message { message, flow } => self.intake(now, message, flow, out),
            Input::Broken(flow) => {
                self.layer
                    .handle(now, transaction::Input::Broken(flow), &mut self.heard);
            }
            Input::Closed(flow) => {
                self.layer
                    .handle(now, transaction::Input::Broken(flow), &mut self.heard);
                self.proxy
                    .handle(now, proxy::Input::Closed(&flow), &mut self.passed);
                let changes = self.location.connection_closed(flow.connection);
                out.events
                    .extend(changes.into_iter().map(|change| phone(now, change)));
            }
            Input::Untaken(flow) => {
                let changes = self.location.unreachable(flow.transport, flow.peer);
                out.events
                    .extend(changes.into_iter().map(|change| phone(now, change)));
            }
            Input::Located { lookup, found } => {
                let input = proxy::Input::Located { lookup, found };
                self.proxy.handle(now, input, &mut self.passed);
            }
            Input::KeepAlive(flow) => self.location.heard(now, &flow),
            Input::Unreachable(flow) => {
                let changes = self.location.flow_failed(&flow);
                out.events
                    .extend(changes.into_iter().map(|change| phone(now, change)));
            }
            Input::Timeout => {
                self.layer
                    .handle(now, transaction::Input::Timeout, &mut self.heard);
                self.calls
                    .handle(now, call::Input::Timeout, &mut self.wanted);
                self.proxy
                    .handle(now, proxy::Input::Timeout, &mut self.passed);
                self.ask_phones(now);
                let changes = self.location.expire(self.shard, now);
                out.events
                    .extend(changes.into_iter().map(|change| phone(now, change)));
            }
        }
        self.settle(now, out);
    }

    /// Begins a call. Ask the shard of the pair ([`shard_of_pair`]).
    pub fn place_call(
        &mut self,
        now: Instant,
        place: &PlaceCall,
        out: &mut Outbox,
    ) -> Result<CallRef, PlaceError> {
        let placed = self.calls.place(now, place, &mut self.wanted);
        self.settle(now, out);
        placed
    }

    /// Ends a call, at whatever point it is. Ask the shard of the call ([`CallRef::shard_among`]). To end one that is
    /// being ended already is no error.
    pub fn hang_up(
        &mut self,
        now: Instant,
        call: CallRef,
        out: &mut Outbox,
    ) -> Result<(), HangUpError> {
        let done = match self.calls.hang_up(now, call, &mut self.wanted) {
            Err(HangUpError::NoSuchCall(_)) if self.proxy.hang_up(now, call, &mut self.passed) => {
                Ok(())
            }
            done => done,
        };
        self.settle(now, out);
        done
    }

    /// Refuses new work from now on: REGISTER and INVITE get 503 with Retry-After, calls that stand go on.
    pub fn drain(&mut self) {
        self.draining = true;
        self.calls.drain();
    }

    /// Ends all calls of this shard, but those of phones among themselves that are answered: these need no server.
    pub fn hang_up_all(&mut self, now: Instant, out: &mut Outbox) {
        self.calls.hang_up_all(now, &mut self.wanted);
        self.proxy.cancel_all(now, &mut self.passed);
        self.settle(now, out);
    }

    /// When [`Input::Timeout`] is due; it may change with each input.
    pub fn deadline(&self) -> Option<Instant> {
        [
            self.layer.deadline(),
            self.calls.deadline(),
            self.proxy.deadline(),
            self.qualify.deadline(),
            self.location.deadline(self.shard),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What it holds now.
    pub fn load(&self) -> Load {
        Load {
            transactions: self.layer.len(),
            calls: self.calls.len(),
            legs: self.calls.legs(),
            proxied: self.proxy.len(),
            followed: self.proxy.calls(),
            remembered: self.merged.len(),
            asked: self.qualify.len(),
        }
    }
}

/// The shard that owns all calls between these two, whoever of them calls: so the same pair is never called
/// twice at once.
pub fn shard_of_pair(one: &Aor, other: &Aor, shards: u8) -> u8 {
    let mut hasher = DefaultHasher::new();
    one.min(other).hash(&mut hasher);
    one.max(other).hash(&mut hasher);
    u8::try_from(hasher.finish() % u64::from(shards.max(1))).unwrap_or(0)
}

fn phone(at: Instant, change: PhoneChange) -> Event {
    Event {
        at,
        what: What::Phone(change),
    }
}
