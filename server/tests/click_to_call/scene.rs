//! A server and the phones of Alice and Bob, and the story of what happens between them.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use server::config::Config;
use server::event::{CallRef, CallState, Side, What};
use server::switch::{HangUpError, PlaceCall, PlaceError};
use sip::msg::Name;
use sip::name::{Aor, Transport};
use testkit::clock::Clock;
use testkit::ladder::Ladder;
use testkit::net::{Handle, VirtualNet};
use testkit::phone::{self, Deed, Phone, Script};

use crate::support::{House, SERVER, addr, laws, told, with_shards};

/// Who clicks.
pub const ALICE: &str = "sip:alice@click.test";
/// Whom she wants.
pub const BOB: &str = "sip:bob@click.test";

/// No call is older than this when it ends: both rang as long as they may, and nobody answered the last request.
pub const LONGEST: Duration = Duration::from_secs(60 + 25 + 32 + 32);

/// One network with everybody on it. The clock starts with the registrations; the click comes a second later.
pub struct Scene {
    pub net: VirtualNet,
    pub house: Handle<House>,
    pub alice: Handle<Phone>,
    pub bob: Handle<Phone>,
    /// Their further devices.
    pub more: Vec<Handle<Phone>>,
    pub call: Option<CallRef>,
    /// How many messages the registrations took.
    registered: usize,
}

/// What differs from one scene to another.
#[derive(Clone)]
pub struct Cast {
    pub alice: Script,
    pub bob: Script,
    /// More devices: whose, where they stand, what they do, and their `q`.
    pub more: Vec<(&'static str, &'static str, Script, &'static str)>,
    pub transports: [Transport; 2],
    pub seed: u64,
    pub shards: u8,
}

impl Cast {
    /// Phones over UDP, a server with one shard.
    pub fn new(alice: Script, bob: Script) -> Self {
        Self {
            alice,
            bob,
            more: Vec::new(),
            transports: [Transport::Udp; 2],
            seed: 1,
            shards: 1,
        }
    }

    /// With one more device.
    pub fn and(
        mut self,
        aor: &'static str,
        address: &'static str,
        does: Script,
        q: &'static str,
    ) -> Self {
        self.more.push((aor, address, does, q));
        self
    }

    /// The same over other transports.
    pub fn over(mut self, alice: Transport, bob: Transport) -> Self {
        self.transports = [alice, bob];
        self
    }
}

impl Scene {
    /// Both have registered, and nothing else has happened.
    pub fn new(cast: Cast) -> Self {
        let mut net = VirtualNet::new(cast.seed);
        let phone = |aor, name, address, script, transport| {
            Phone::new(aor, addr(address), SERVER)
                .named(name)
                .scripted(script)
                .over(transport)
        };
        let [over_a, over_b] = cast.transports;
        let alice = phone(ALICE, "Alice", "10.0.0.2:5060", cast.alice, over_a).join(&mut net);
        let house = House::new(cast.shards, Arc::new(Config::default()));
        let house = net.add("server", &[SERVER], house);
        let bob = phone(BOB, "Bob", "10.0.0.3:5060", cast.bob, over_b).join(&mut net);
        let mut more = Vec::new();
        for (aor, address, does, q) in cast.more {
            let phone = Phone::new(aor, addr(address), SERVER);
            let phone = phone.scripted(does).preferred(q).made_by("Pocket/2 (test)");
            more.push(phone.join(&mut net));
        }
        for phone in [alice, bob].into_iter().chain(more.iter().copied()) {
            net.act(phone, |phone, now, out| phone.register(now, 7200, out));
        }
        net.run_until(Clock::START + Duration::from_secs(1));
        let registered = net.trace().len();
        Self {
            net,
            house,
            alice,
            bob,
            more,
            call: None,
            registered,
        }
    }

    /// Alice clicks on Bob.
    pub fn click(&mut self) {
        self.place(Side::A).unwrap();
    }

    /// Somebody clicks on the cell of Alice and Bob.
    pub fn place(&mut self, ring_first: Side) -> Result<CallRef, PlaceError> {
        let place = PlaceCall {
            from: Aor::parse(ALICE).unwrap(),
            to: Aor::parse(BOB).unwrap(),
            ring_first,
            by: "test".into(),
            manner: server::command::Manner::default(),
        };
        let act = |house: &mut House, now, out: &mut _| house.place(now, &place, out);
        let placed = self.net.act(self.house, act);
        self.call = placed.as_ref().ok().copied().or(self.call);
        placed
    }

    /// Somebody clicks on "End".
    pub fn end(&mut self) -> Result<(), HangUpError> {
        let call = self.call.unwrap();
        let act = |house: &mut House, now, out: &mut _| house.hang_up(now, call, out);
        self.net.act(self.house, act)
    }

    /// The owner of a phone does something.
    pub fn act(&mut self, phone: Handle<Phone>, deed: Deed) {
        self.net
            .act(phone, |phone, now, out| phone.act(now, deed, out));
    }

    /// Lets time pass.
    pub fn run_for(&mut self, seconds: u64) {
        self.net.run_for(Duration::from_secs(seconds));
    }

    /// Lets time pass until the call has come so far.
    pub fn run_to(&mut self, state: CallState) {
        let (house, call) = (self.house, self.call.unwrap());
        let is_there = |net: &VirtualNet| {
            let told = laws::fold(&net.node(house).events);
            told[&call].state == state
        };
        assert!(self.net.run_to(LONGEST, is_there), "never {state:?}");
    }

    /// What has become of the call.
    pub fn state(&self) -> CallState {
        let told = laws::fold(&self.net.node(self.house).events);
        told[&self.call.unwrap()].state
    }

    /// Lets everything come to its end, and checks that it has: no call, no transaction, no phone that rings or waits.
    pub fn finish(&mut self) {
        self.net.run_for(LONGEST);
        self.assert_over();
    }

    /// That nothing is left of any call.
    pub fn assert_over(&self) {
        let house = self.net.node(self.house);
        for (call, told) in laws::fold(&house.events) {
            assert!(told.is_done(), "{call} is not done: {told:?}");
        }
        assert_eq!((house.calls(), house.transactions()), (0, 0));
        for phone in [self.alice, self.bob].iter().chain(&self.more) {
            let phone = self.net.node(*phone);
            assert!(!phone.is_ringing() && !phone.is_off_hook(), "{phone:?}");
            assert_eq!(begun(phone), ended(phone), "{:#?}", phone.story());
        }
    }

    /// The ladder, what was told, and what the owners lived through.
    pub fn story(&self) -> String {
        let mut text = self.ladder();
        text.push_str("\ntold:\n");
        let events = self.net.node(self.house).events.iter();
        let of_calls = events.filter(|event| matches!(event.what, What::Call(..)));
        text.push_str(&told::print(&of_calls.cloned().collect::<Vec<_>>()));
        let two = [("alice", self.alice), ("bob", self.bob)];
        let more = self.more.iter().map(|phone| ("more", *phone));
        for (name, phone) in two.into_iter().chain(more) {
            let _ = writeln!(text, "\n{name}:");
            for line in self.net.node(phone).story() {
                let (at, what) = line.split_once(' ').unwrap();
                let _ = writeln!(text, "{at:>10} {what}");
            }
        }
        text
    }

    /// Without the registrations.
    fn ladder(&self) -> String {
        let text = Ladder::of(&self.net).with(Name::Reason).print();
        let rows = text.lines().skip(self.registered);
        rows.map(|row| row.trim_end().to_owned() + "\n").collect()
    }
}

/// Plays a scene with one shard and with four: the same happens.
pub fn story_of(cast: Cast, play: impl Fn(&mut Scene)) -> String {
    let stories = std::cell::RefCell::new(Vec::new());
    with_shards(|shards| {
        let mut scene = Scene::new(Cast {
            shards,
            ..cast.clone()
        });
        play(&mut scene);
        scene.finish();
        stories.borrow_mut().push(scene.story());
    });
    let [one, four] = <[String; 2]>::try_from(stories.into_inner()).unwrap();
    assert_eq!(one, four, "not the same with four shards");
    one
}

/// Seconds.
pub const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Milliseconds.
pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub fn begun(phone: &Phone) -> usize {
    let begins = |heard: &&phone::Heard| matches!(heard.what, phone::What::Invited { .. });
    phone.heard().iter().filter(begins).count()
}

pub fn ended(phone: &Phone) -> usize {
    use phone::What::{Cancelled, GaveUp, HungUp, Left};
    let ends =
        |heard: &&phone::Heard| matches!(heard.what, Cancelled(_) | HungUp(_) | Left | GaveUp);
    phone.heard().iter().filter(ends).count()
}
