//! The proxy: requests from one phone to another (RFC 3261 section 16), found by their registrations.
//!
//! ```text
//! destination   Routes of ours, Request-URI; whose it is       16.4
//! judge         may it go on at all                            16.3, RFC 5393
//! targets       where to                                       16.5
//! elsewhere     other domains, their servers in turn           16.5, RFC 3263
//! context       one request, its branches, its answer          16.6
//! hearing       responses, silence, CANCEL, timer C            16.7 to 16.10
//! flows         one that is dead                               RFC 5626
//! best          which of several answers                       16.7 step 6
//! trunk         passwords for peers                            22.2
//! rewrite       what it looks like when it leaves              16.6, 16.7
//! wishes        another address, server or party, as applications wish it
//! instead       who rings where the called party is not to be had
//! mark, token   what our Via and our Record-Route say
//! stateless     ACK to a 2xx, late 2xx, what finds no room     16.11
//! tracker       the calls that pass, for the board; followed: their outer side
//! ```
//!
//! Sans-IO: `handle(now, input, out)` and `deadline()`. Reads `location`; knows no transactions, no registrar and no call of
//! call control. Every dialog that begins here stands by us: our Record-Route carries a flow token for each side, so that
//! what follows takes the flows it began on.

mod best;
mod branch;
mod context;
mod destination;
mod effect;
mod elsewhere;
mod flows;
mod followed;
mod hearing;
mod instead;
mod judge;
mod mark;
mod rewrite;
mod stateless;
mod targets;
mod token;
mod tracker;
mod trunk;
mod wishes;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use sip::msg::{Message, response_flow};
use sip::name::{Flow, Ids};
use sip::time::Instant;
use sip::transaction::ServerId;
use smallvec::SmallVec;

use crate::identity::Identity;
use crate::limits;
use crate::location::Location;
use context::{Context, Phase, Surroundings};
pub use destination::{Destination, Detour, Target};
use effect::ContextId;
pub use effect::{Effect, Input, Lookup, Mark, Outbox};
use judge::Refusal;
use mark::Marks;
use targets::Targets;
use token::Tokens;
use tracker::{Found, Tracker};
use trunk::{Proof, Trunks};

/// What a proxy is made of.
#[derive(Debug)]
pub struct Setup {
    /// Which shard this is.
    pub shard: u8,
    /// By what we are known.
    pub identity: Identity,
    /// Where the phones are.
    pub location: Arc<Location>,
    /// 64*T1: for how long a 2xx may still be repeated.
    pub give_up: Duration,
    /// Whether TCP is spoken here.
    pub tcp: bool,
    /// The realm whose credentials are for us, where there is one.
    pub realm: Option<Box<str>>,
    /// How many requests may be sent on at once.
    pub contexts: usize,
    /// How many calls may be followed at once.
    pub followed: usize,
    /// Branches and tags of this shard, and the secrets of its tokens.
    pub ids: Ids,
}

/// The requests that one shard sends on.
#[derive(Debug)]
pub struct Proxy {
    setup: Setup,
    marks: Marks,
    tokens: Tokens,
    places: Vec<Place>,
    free: Vec<u32>,
    /// By the transaction of the INVITE, for its CANCEL.
    invites: HashMap<ServerId, u32>,
    due: BTreeSet<(Instant, u32)>,
    trunks: Trunks,
    tracker: Tracker,
}

/// A place for one context after another.
#[derive(Debug, Default)]
struct Place {
    /// How many it has held: an old name finds nothing.
    generation: u32,
    context: Option<Context>,
}

impl Proxy {
    /// One that has nothing to do.
    pub fn new(mut setup: Setup) -> Self {
        let mut secret = || setup.ids.random_bytes();
        Self {
            marks: Marks::new(&secret()),
            tokens: Tokens::new(&secret()),
            tracker: Tracker::new(setup.shard, setup.followed, &secret()),
            setup,
            places: Vec::new(),
            free: Vec::new(),
            invites: HashMap::new(),
            due: BTreeSet::new(),
            trunks: Trunks::default(),
        }
    }

    /// Where a request that came by `flow` is to go.
    pub fn destination(&self, request: &Message, flow: &Flow) -> Destination {
        Destination::of(request, flow, &self.setup.identity, &self.tokens)
    }

    /// Takes one input.
    pub fn handle(&mut self, now: Instant, input: Input<'_>, out: &mut Outbox) {
        match input {
            Input::Request {
                id,
                request,
                flow,
                destination,
            } => self.request(now, id, request, flow, destination, out),
            Input::Passing {
                request,
                flow,
                destination,
            } => self.pass(now, request, flow, &destination, out),
            Input::Ack { ack, flow } => self.ack(now, ack, flow, out),
            Input::Cancel { id, cancel } => {
                if let Some(slot) = self.invites.get(&id).copied() {
                    self.with(now, slot, out, |context, cx| context.cancelled(cancel, cx));
                }
            }
            Input::Response { mark, response } => self.response(now, mark, response, out),
            Input::Stray { response, flow } => self.stray(response, flow, out),
            Input::TimedOut(mark) => {
                self.unanswered(now, mark, Found::Silent, out, Context::timed_out);
            }
            Input::Unreachable(mark) => {
                self.unanswered(now, mark, Found::Silent, out, Context::unreachable);
            }
            Input::NoRoom(mark) => {
                self.unanswered(now, mark, Found::Unasked, out, Context::without_room);
            }
            Input::Closed(flow) => self.tracker.closed(now, flow),
            Input::Located { lookup, found } => {
                self.tell(now, lookup.0, out, |context, cx| context.located(found, cx));
            }
            Input::Timeout => {
                while let Some(&(at, slot)) = self.due.first()
                    && at <= now
                {
                    self.with(now, slot, out, Context::timeout);
                }
                let (tracker, mut asker) = self.asker();
                tracker.timeout(now, &mut asker, out);
            }
        }
    }

    /// When [`Input::Timeout`] is due; it may change with each input.
    pub fn deadline(&self) -> Option<Instant> {
        let contexts = self.due.first().map(|(at, _)| *at);
        contexts.into_iter().chain(self.tracker.deadline()).min()
    }

    /// How many requests are being sent on.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn request(
        &mut self,
        now: Instant,
        id: ServerId,
        request: &Message,
        flow: &Flow,
        destination: Destination,
        out: &mut Outbox,
    ) {
        let trail = self.marks.trail(request);
        let mut destination = self.present(now, destination);
        let admitted = judge::admit(request, trail).and_then(|breadth| {
            let targets = self.targets(now, request, flow, &destination)?;
            if self.has_room(request, &destination) {
                Ok((breadth, targets))
            } else {
                Err(Refusal::Full)
            }
        });
        let (breadth, mut targets) = match admitted {
            Ok(admitted) => admitted,
            // Section 16: a proxy may become stateless as long as it has neither forked nor answered.
            Err(Refusal::Full) if destination.needs_no_memory(request) => {
                out.push(Effect::Forget { id });
                return self.pass(now, request, flow, &destination, out);
            }
            Err(refusal) => {
                tracing::debug!(peer = %flow.peer, ?refusal, "request not sent on");
                let tag = self.setup.ids.tag();
                let bytes = refusal.response(request, &tag);
                return out.push(Effect::Respond { id, bytes });
            }
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place::default());
            u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
        });
        let Some(place) = self.places.get_mut(slot as usize) else {
            return;
        };
        let is_invite = context::is_invite(request);
        let context = ContextId {
            slot,
            generation: place.generation,
        };
        let part = match (&destination.target, &targets) {
            (Target::Phone(to), Targets::Phones(_)) if is_invite => {
                let ids = &mut self.setup.ids;
                self.tracker.invite(now, request, to, context, ids, out)
            }
            _ => self.tracker.request(now, request, out),
        };
        if let Targets::Servers(beyond) = &mut targets {
            destination.is_abroad = destination.detour.is_none();
            destination.asked = beyond.asked.take().or(destination.asked);
        }
        place.context = Some(Context {
            rings_until: None,
            id: context,
            server: id,
            request: Some(request.clone()),
            is_invite,
            back: response_flow(request, flow),
            destination,
            trail,
            breadth,
            branches: SmallVec::new(),
            waiting: VecDeque::new(),
            spare: Vec::new(),
            best: best::Best::default(),
            phase: Phase::Open,
            withdrawn: false,
            part,
            redirections: 0,
            next_turn: None,
            servers: VecDeque::new(),
            located_by: None,
            peer: None,
            proof: Proof::default(),
        });
        if is_invite {
            self.invites.insert(id, slot);
        }
        self.with(now, slot, out, |context, cx| {
            match targets {
                Targets::Peer(way) => context.send(way, breadth, cx),
                Targets::Phones(phones) => {
                    context.waiting = phones.first;
                    context.spare = phones.spare;
                    context.rings_until = context.patience().map(|after| cx.now + after);
                    context.take_turn(cx);
                }
                Targets::Servers(beyond) => context.locate(beyond, cx),
            }
            context.advance(cx);
        });
    }

    /// What belongs to a dialog has room of its own above the bound.
    fn has_room(&self, request: &Message, destination: &Destination) -> bool {
        let reserve = if destination.is_in_dialog(request) {
            self.setup
                .contexts
                .div_ceil(limits::PROXIED_RESERVE as usize)
        } else {
            0
        };
        self.len() < self.setup.contexts + reserve
    }

    fn tell(
        &mut self,
        now: Instant,
        context: ContextId,
        out: &mut Outbox,
        act: impl FnOnce(&mut Context, &mut Surroundings<'_>),
    ) {
        let ContextId { slot, generation } = context;
        let place = self.places.get(slot as usize);
        if place.is_some_and(|place| place.generation == generation) {
            self.with(now, slot, out, act);
        }
    }

    /// Lets a context act, and keeps its deadline; forgets it when it is over.
    fn with(
        &mut self,
        now: Instant,
        slot: u32,
        out: &mut Outbox,
        act: impl FnOnce(&mut Context, &mut Surroundings<'_>),
    ) {
        let Some(place) = self.places.get_mut(slot as usize) else {
            return;
        };
        let Some(context) = &mut place.context else {
            return;
        };
        let before = context.deadline();
        let mut cx = Surroundings {
            now,
            ids: &mut self.setup.ids,
            identity: &self.setup.identity,
            tokens: &self.tokens,
            location: &self.setup.location,
            give_up: self.setup.give_up,
            tcp: self.setup.tcp,
            realm: self.setup.realm.as_deref(),
            tracker: &mut self.tracker,
            trunks: &mut self.trunks,
            out,
        };
        act(context, &mut cx);
        let mut after = context.deadline();
        if context.is_over(now) {
            self.invites.remove(&context.server);
            place.context = None;
            place.generation = place.generation.wrapping_add(1);
            self.free.push(slot);
            after = None;
        }
        if before != after {
            if let Some(at) = before {
                self.due.remove(&(at, slot));
            }
            if let Some(at) = after {
                self.due.insert((at, slot));
            }
        }
    }
}
