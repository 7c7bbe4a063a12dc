//! A network in virtual time: nodes at addresses, datagrams in all weathers, streams in order.
//!
//! A [`Node`] is any state machine that takes messages and gives messages. Nothing here waits: time jumps
//! to the next arrival or deadline. The same seed and the same nodes give the same run, to the microsecond.
//!
//! Knows nothing of SIP: a message is a row of bytes that arrives whole, on streams too.

mod delivery;
mod streams;
mod trace;
mod weather;

use std::any::Any;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use sip::name::{ConnectionId, Flow};
use sip::time::Instant;
use sip::transaction::Transmit;

use self::delivery::{Load, Parcel};
use self::streams::Streams;
pub use self::trace::{Fate, Sent};
pub use self::weather::Weather;
use crate::chance::Chance;
use crate::clock::Clock;

/// Whatever stands on the network. Each answer goes into `out`; its `flow.local` must be an own address.
pub trait Node: Any {
    /// A message came. To answer the way it came, send on `flow`.
    fn receive(&mut self, now: Instant, flow: Flow, bytes: Bytes, out: &mut Vec<Transmit>);

    /// A message could not be sent on this flow, or its connection was cut. Who opened that connection
    /// hears it of the flow with [`ConnectionId::NONE`] too, because that is what it may have sent on.
    fn broken(&mut self, now: Instant, flow: Flow, out: &mut Vec<Transmit>) {
        let _ = (now, flow, out);
    }

    /// When [`Node::timeout`] is due.
    fn deadline(&self) -> Option<Instant>;

    /// The deadline has come.
    fn timeout(&mut self, now: Instant, out: &mut Vec<Transmit>);
}

/// Names a node of a [`VirtualNet`], and remembers what it is.
pub struct Handle<N> {
    index: usize,
    kind: PhantomData<fn() -> N>,
}

impl<N> Clone for Handle<N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Handle<N> {}

impl<N> fmt::Debug for Handle<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({})", self.index)
    }
}

/// Says of each datagram whether it is to be lost.
type Choice = Box<dyn FnMut(&[u8]) -> bool>;

struct Place {
    name: String,
    node: Box<dyn Node>,
    plugged: bool,
}

/// The network. See the [module](self).
pub struct VirtualNet {
    clock: Clock,
    chance: Chance,
    weather: Weather,
    places: Vec<Place>,
    addresses: BTreeMap<SocketAddr, usize>,
    under_way: BinaryHeap<Reverse<Parcel>>,
    streams: Streams,
    trace: Vec<Sent>,
    lose: Option<Choice>,
    parcels: u64,
}

impl VirtualNet {
    /// How often in a row a node may be woken at the same instant before it counts as stuck.
    const PATIENCE: u32 = 10_000;

    /// A network without nodes, in calm weather.
    pub fn new(seed: u64) -> Self {
        Self {
            clock: Clock::new(),
            chance: Chance::new(seed),
            weather: Weather::CALM,
            places: Vec::new(),
            addresses: BTreeMap::new(),
            under_way: BinaryHeap::new(),
            streams: Streams::default(),
            trace: Vec::new(),
            lose: None,
            parcels: 0,
        }
    }

    /// Puts a node on the network, at all of `addresses`.
    ///
    /// # Panics
    /// If one of the addresses is taken.
    pub fn add<N: Node>(&mut self, name: &str, addresses: &[SocketAddr], node: N) -> Handle<N> {
        let index = self.places.len();
        for &address in addresses {
            let before = self.addresses.insert(address, index);
            assert!(before.is_none(), "{address} is taken");
        }
        self.places.push(Place {
            name: name.to_owned(),
            node: Box::new(node),
            plugged: true,
        });
        Handle {
            index,
            kind: PhantomData,
        }
    }

    /// Changes the weather for what is sent from now on.
    pub fn set_weather(&mut self, weather: Weather) {
        self.weather = weather;
    }

    /// Loses each datagram of which `lost` says so, whatever the weather. Replaces what was set before.
    pub fn lose_if(&mut self, lost: impl FnMut(&[u8]) -> bool + 'static) {
        self.lose = Some(Box::new(lost));
    }

    /// Pulls a node's cable, or plugs it in again: without it nothing reaches it and nothing leaves it, and
    /// nobody is told.
    pub fn set_plugged<N>(&mut self, handle: Handle<N>, plugged: bool) {
        self.places[handle.index].plugged = plugged;
    }

    /// Cuts the connections between two addresses. What is under way on them is lost, both ends are told.
    pub fn cut(&mut self, one: SocketAddr, other: SocketAddr) {
        for connection in self.streams.between(one, other) {
            let Some(stream) = self.streams.cut(connection) else {
                continue;
            };
            let (opener, accepter) = (stream.opener, stream.accepter);
            self.tell_broken(stream.flow(connection, accepter, opener));
            self.tell_broken(stream.flow(connection, opener, accepter));
            self.tell_broken(stream.flow(ConnectionId::NONE, opener, accepter));
        }
    }

    /// What time it is.
    pub const fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Everything that was sent, in order of sending.
    pub fn trace(&self) -> &[Sent] {
        &self.trace
    }

    /// Forgets what was sent, but for what is still under way.
    pub fn forget(&mut self) {
        let sent = |Reverse(parcel): &Reverse<Parcel>| match parcel.load {
            Load::Message { sent, .. } => Some(sent),
            Load::Broken(_) => None,
        };
        let first = self.under_way.iter().filter_map(sent).min();
        let first = first.unwrap_or(self.trace.len());
        self.trace.drain(..first);
        self.trace.shrink_to_fit();
        let mut under_way = std::mem::take(&mut self.under_way).into_vec();
        for Reverse(parcel) in &mut under_way {
            if let Load::Message { sent, .. } = &mut parcel.load {
                *sent -= first;
            }
        }
        self.under_way = under_way.into();
    }

    /// The names of all nodes, in the order they were added, and their addresses.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, Vec<SocketAddr>)> {
        self.places.iter().enumerate().map(|(index, place)| {
            let own = self
                .addresses
                .iter()
                .filter(move |&(_, &owner)| owner == index);
            (
                place.name.as_str(),
                own.map(|(&address, _)| address).collect(),
            )
        })
    }

    /// A look at a node.
    pub fn node<N: Node>(&self, handle: Handle<N>) -> &N {
        let node: &dyn Any = self.places[handle.index].node.as_ref();
        node.downcast_ref().expect("a handle knows its node's type")
    }

    /// Lets a node do something of its own accord, and sends what it gives out.
    pub fn act<N: Node, R>(
        &mut self,
        handle: Handle<N>,
        act: impl FnOnce(&mut N, Instant, &mut Vec<Transmit>) -> R,
    ) -> R {
        let now = self.now();
        let mut out = Vec::new();
        let node: &mut dyn Any = self.places[handle.index].node.as_mut();
        let node = node.downcast_mut().expect("a handle knows its node's type");
        let result = act(node, now, &mut out);
        self.send_all(handle.index, out);
        result
    }

    /// Runs until `until`, that instant included.
    pub fn run_until(&mut self, until: Instant) {
        while self.step(until) {}
        self.clock.advance_to(until);
    }

    /// Runs for `span`.
    pub fn run_for(&mut self, span: Duration) {
        self.run_until(self.now() + span);
    }

    /// Runs until `happened` is true, and says whether it became so within `limit`.
    pub fn run_to(&mut self, limit: Duration, mut happened: impl FnMut(&Self) -> bool) -> bool {
        let until = self.now() + limit;
        loop {
            if happened(self) {
                return true;
            }
            if !self.step(until) {
                self.clock.advance_to(until);
                return happened(self);
            }
        }
    }

    /// Runs until nothing is under way and no node waits for anything. The clock then shows when that was.
    ///
    /// # Panics
    /// If that is not so within `limit`.
    pub fn run_until_quiet(&mut self, limit: Duration) -> Instant {
        let until = self.now() + limit;
        while self.step(until) {}
        let waiting: Vec<&str> = self
            .places
            .iter()
            .filter(|place| place.node.deadline().is_some())
            .map(|place| place.name.as_str())
            .collect();
        assert!(
            waiting.is_empty() && self.under_way.is_empty(),
            "not quiet after {limit:?}: {waiting:?} still wait, {} messages are under way",
            self.under_way.len(),
        );
        self.now()
    }

    /// Does what is next, if it is due at `until` or before; arrivals go before deadlines.
    fn step(&mut self, until: Instant) -> bool {
        let arrival = self.under_way.peek().map(|Reverse(parcel)| parcel.arrival);
        let wake = (0..self.places.len())
            .filter_map(|index| Some((self.places[index].node.deadline()?, index)))
            .min();
        match (arrival, wake) {
            (Some(arrival), _) if arrival <= until && wake.is_none_or(|(at, _)| arrival <= at) => {
                self.clock.advance_to(arrival);
                self.arrive();
                true
            }
            (_, Some((at, index))) if at <= until => {
                self.clock.advance_to(at);
                self.wake(index);
                true
            }
            (Some(_) | None, Some(_) | None) => false,
        }
    }

    fn arrive(&mut self) {
        let Some(Reverse(Parcel { to, load, .. })) = self.under_way.pop() else {
            return;
        };
        let now = self.now();
        let mut out = Vec::new();
        match load {
            Load::Broken(flow) => self.places[to].node.broken(now, flow, &mut out),
            Load::Message { sent, connection } => {
                let cut = connection != ConnectionId::NONE && !self.streams.stands(connection);
                if cut || !self.places[to].plugged {
                    self.trace[sent].fate = Fate::Lost;
                    return;
                }
                let flow = self.trace[sent].arrival_flow(connection);
                let bytes = self.trace[sent].bytes.clone();
                self.places[to].node.receive(now, flow, bytes, &mut out);
            }
        }
        self.send_all(to, out);
    }

    /// Wakes a node until its deadline lies ahead.
    fn wake(&mut self, index: usize) {
        let now = self.now();
        for _ in 0..Self::PATIENCE {
            let place = &mut self.places[index];
            if place.node.deadline().is_none_or(|at| at > now) {
                return;
            }
            let mut out = Vec::new();
            place.node.timeout(now, &mut out);
            self.send_all(index, out);
        }
        panic!(
            "{} is woken again and again and gets nowhere",
            self.places[index].name
        );
    }
}

impl fmt::Debug for VirtualNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self
            .places
            .iter()
            .map(|place| place.name.as_str())
            .collect();
        f.debug_struct("VirtualNet")
            .field("now", &self.now())
            .field("nodes", &names)
            .field("sent", &self.trace.len())
            .finish_non_exhaustive()
    }
}
