//! A server and some phones that dial each other.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use server::config::Config;
use server::event::CallState;
use server::switch::HangUpError;
use sip::msg::Name;
use sip::name::Transport;
use testkit::clock::Clock;
use testkit::ladder::Ladder;
use testkit::net::{Handle, VirtualNet};
use testkit::phone::{Deed, Phone, Script, What};

use crate::support::{House, SERVER, addr, laws, told, with_shards};

pub const BOB: &str = "sip:bob@click.test";

/// Longer than anything takes that nobody ends: a phone that rings, then silence.
pub const LONGEST: Duration = Duration::from_secs(185 + 4 * 32);

/// One network with everybody on it. The first phone is Alice's, who dials.
pub struct Scene {
    pub net: VirtualNet,
    pub house: Handle<House>,
    pub phones: Vec<Handle<Phone>>,
    registered: usize,
}

/// A phone to be.
#[derive(Clone)]
pub struct Cast {
    pub aor: String,
    pub script: Script,
    pub transport: Transport,
}

/// A phone of `user@click.test`, over UDP.
pub fn phone(user: &str, script: Script) -> Cast {
    Cast {
        aor: format!("sip:{user}@click.test"),
        script,
        transport: Transport::Udp,
    }
}

impl Cast {
    pub fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }
}

impl Scene {
    /// All have registered, and nothing else has happened.
    pub fn new(shards: u8, seed: u64, config: Config, casts: &[Cast]) -> Self {
        let mut net = VirtualNet::new(seed);
        let mut phones = Vec::new();
        let mut house = None;
        for (n, cast) in casts.iter().enumerate() {
            let address = addr(&format!("10.0.0.{}:5060", n + 2));
            let phone = Phone::new(&cast.aor, address, SERVER)
                .scripted(cast.script.clone())
                .over(cast.transport);
            phones.push(phone.join(&mut net));
            // Who dials stands left of the server, who is called right of it.
            if n == 0 {
                let server = House::new(shards, Arc::new(config.clone()));
                house = Some(net.add("server", &[SERVER], server));
            }
        }
        for phone in &phones {
            net.act(*phone, |phone, now, out| phone.register(now, 7200, out));
        }
        net.run_until(Clock::START + Duration::from_secs(1));
        let registered = net.trace().len();
        Self {
            net,
            house: house.unwrap(),
            phones,
            registered,
        }
    }

    pub fn dial(&mut self, uri: &str) {
        self.net
            .act(self.phones[0], |alice, now, out| alice.dial(now, uri, out));
    }

    pub fn act(&mut self, phone: usize, deed: Deed) {
        self.net.act(self.phones[phone], |phone, now, out| {
            phone.act(now, deed, out)
        });
    }

    pub fn run_for(&mut self, seconds: u64) {
        self.net.run_for(Duration::from_secs(seconds));
    }

    pub fn phone(&self, phone: usize) -> &Phone {
        self.net.node(self.phones[phone])
    }

    /// Whether the owner of a phone lived through that.
    pub fn heard(&self, phone: usize, what: &What) -> bool {
        self.phone(phone).has_heard(|heard| heard == what)
    }

    /// Somebody clicks on "End" in the cell of the one call there is.
    pub fn end(&mut self) -> Result<(), HangUpError> {
        let house = self.net.node(self.house);
        let call = *laws::fold(&house.events).keys().next_back().unwrap();
        let act = |house: &mut House, now, out: &mut _| house.hang_up(now, call, out);
        self.net.act(self.house, act)
    }

    /// The same, if there is one.
    pub fn try_end(&mut self) -> Result<(), HangUpError> {
        let house = self.net.node(self.house);
        if laws::fold(&house.events).is_empty() {
            return Ok(());
        }
        self.end()
    }

    /// What the board shows of the one call there is.
    pub fn state(&self) -> CallState {
        let house = self.net.node(self.house);
        let told = laws::fold(&house.events);
        told.values().next_back().unwrap().state
    }

    /// What was told of calls.
    pub fn told(&self) -> String {
        let events = self.net.node(self.house).events.iter();
        let of_calls = events.filter(|event| matches!(event.what, server::event::What::Call(..)));
        told::print(&of_calls.cloned().collect::<Vec<_>>())
    }

    /// Lets everything come to its end, and checks that nothing is left of it.
    pub fn finish(&mut self) {
        self.net.run_for(LONGEST);
        let house = self.net.node(self.house);
        assert_eq!((house.proxied(), house.transactions()), (0, 0));
        for (call, told) in laws::fold(&house.events) {
            assert!(told.is_done(), "{call} is not done: {told:?}");
        }
        for phone in &self.phones {
            let phone = self.net.node(*phone);
            assert!(!phone.is_ringing(), "{phone:?}");
        }
    }

    /// The ladder without the registrations, and what the owners lived through.
    pub fn story(&self) -> String {
        let text = Ladder::of(&self.net).with(Name::Reason).print();
        let rows = text.lines().skip(self.registered);
        let mut text: String = rows.map(|row| row.trim_end().to_owned() + "\n").collect();
        text.push_str("\ntold:\n");
        text.push_str(&self.told());
        for (n, phone) in self.phones.iter().enumerate() {
            let _ = writeln!(text, "\nphone {}:", n + 1);
            for line in self.net.node(*phone).story() {
                let (at, what) = line.split_once(' ').unwrap();
                let _ = writeln!(text, "{at:>10} {what}");
            }
        }
        text
    }
}

/// Plays a scene with one shard and with four: the same happens.
pub fn story_of(casts: &[Cast], play: impl Fn(&mut Scene)) -> String {
    let stories = std::cell::RefCell::new(Vec::new());
    with_shards(|shards| {
        let mut scene = Scene::new(shards, 1, Config::default(), casts);
        play(&mut scene);
        scene.finish();
        stories.borrow_mut().push(scene.story());
    });
    let [one, four] = <[String; 2]>::try_from(stories.into_inner()).unwrap();
    assert_eq!(one, four, "not the same with four shards");
    one
}

pub const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
