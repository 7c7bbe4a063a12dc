//! The people of an office and their habits: decided by chance, the same each time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use server::config::Config;
use server::event::{CallRef, CallState, Event, Outcome, What};
use server::switch::Load;
use sip::name::Transport;
use testkit::chance::Chance;
use testkit::net::{Handle, VirtualNet, Weather};
use testkit::phone::{Deed, Phone, Script};

use crate::support::{House, SERVER, addr, laws};

/// Addresses of record.
pub const PEOPLE: u32 = 16;
/// Every second one has two phones.
pub const PHONES: usize = 24;
const EXPIRES: u32 = 600;
/// Between two things that people do.
const STEP: u64 = 15;

pub struct Office {
    net: VirtualNet,
    house: Handle<House>,
    phones: Vec<Desk>,
    chance: Chance,
    now: u64,
    /// Of calls that are not done.
    events: Vec<Event>,
    outcomes: BTreeMap<String, u32>,
    registrations: u32,
}

struct Desk {
    phone: Handle<Phone>,
    aor: String,
    address: String,
    refresh: u64,
    /// Until when it is off.
    away: Option<u64>,
}

impl Office {
    pub fn new(shards: u8) -> Self {
        let mut config = Config::default();
        config.sip.qualify = Duration::from_secs(60);
        let mut net = VirtualNet::new(24);
        let house = net.add("server", &[SERVER], House::new(shards, Arc::new(config)));
        let phones = (0..PHONES).map(|n| desk(&mut net, n)).collect();
        net.act(house, |house, _, _| house.second_reader = false);
        net.set_weather(Weather {
            delay: Duration::from_millis(1)..=Duration::from_millis(60),
            loss: 3,
            duplication: 3,
            reordering: 3,
        });
        Self {
            net,
            house,
            phones,
            chance: Chance::new(7),
            now: 0,
            events: Vec::new(),
            outcomes: BTreeMap::new(),
            registrations: 0,
        }
    }

    /// A shift of so many seconds; then operators end what nobody else does.
    pub fn work(&mut self, seconds: u64) {
        let end = self.now + seconds;
        while self.now < end {
            for n in 0..self.phones.len() {
                self.live(n);
            }
            match self.chance.below(4) {
                0 => self.click(),
                1 | 2 => self.dial(),
                _ => self.meddle(),
            }
            self.wait(STEP);
        }
        self.net
            .act(self.house, |house, now, out| house.hang_up_all(now, out));
    }

    /// Everybody goes home: some sign off, some pull the plug.
    pub fn close(&mut self) {
        self.net
            .act(self.house, |house, now, out| house.hang_up_all(now, out));
        for (n, desk) in self.phones.iter().enumerate() {
            if n.is_multiple_of(2) {
                let leave = |phone: &mut Phone, now, out: &mut _| phone.register(now, 0, out);
                self.net.act(desk.phone, leave);
            } else {
                self.net.set_plugged(desk.phone, false);
            }
        }
    }

    pub fn wait(&mut self, seconds: u64) {
        self.now += seconds;
        self.net.run_for(Duration::from_secs(seconds));
    }

    pub fn load(&self) -> Load {
        self.net.node(self.house).load()
    }

    pub fn registered(&self) -> u32 {
        self.net.node(self.house).location.len()
    }

    pub fn waits_for_anything(&self) -> bool {
        use testkit::net::Node;
        self.net.node(self.house).deadline().is_some()
    }

    /// Holds what was told against the laws, and what the board shows against what there is. How many calls it shows.
    pub fn look_at_the_board(&mut self) -> usize {
        let house = |house: &mut House, _, _: &mut _| std::mem::take(&mut house.events);
        let fresh = self.net.act(self.house, house);
        let of_calls = fresh.into_iter().filter(|event| call(event).is_some());
        self.events.extend(of_calls);
        let told = laws::fold(&self.events);
        for told in told.values() {
            if let CallState::Done(outcome) = told.state {
                *self.outcomes.entry(format!("{outcome:?}")).or_default() += 1;
            }
        }
        let is_open = |event: &Event| call(event).is_some_and(|call| !told[&call].is_done());
        self.events.retain(is_open);
        let open = told.values().filter(|told| !told.is_done()).count();
        let load = self.load();
        assert_eq!(open, load.calls + load.followed, "{load:?}");
        open
    }

    /// The test itself is to hold nothing of it.
    pub fn forget_the_past(&mut self) {
        self.net.forget();
        for desk in &self.phones {
            let forget = |phone: &mut Phone, _, _: &mut _| phone.forget();
            let registered = self.net.act(desk.phone, forget);
            self.registrations += u32::try_from(registered).unwrap();
        }
        self.events.shrink_to_fit();
    }

    /// That it was a day as days are.
    pub fn assert_busy(&self) {
        println!("{} registrations, {:?}", self.registrations, self.outcomes);
        assert!(self.registrations > 4_000, "{}", self.registrations);
        for outcome in [
            Outcome::Answered,
            Outcome::Busy,
            Outcome::Cancelled,
            Outcome::Declined,
            Outcome::NoAnswer,
        ] {
            let count = self.outcomes.get(&format!("{outcome:?}"));
            assert!(count >= Some(&20), "{outcome:?}: {:?}", self.outcomes);
        }
    }

    /// A phone is refreshed in time, goes off now and then, and comes back.
    fn live(&mut self, n: usize) {
        let desk = &mut self.phones[n];
        if let Some(until) = desk.away {
            if until > self.now {
                return;
            }
            desk.away = None;
            desk.refresh = 0;
            self.net.set_plugged(desk.phone, true);
        } else if self.chance.below(400) == 0 {
            desk.away = Some(self.now + 30 + self.chance.below(1_500));
            let address = addr(&desk.address);
            match self.chance.below(3) {
                // It signs off, the cable is pulled, or its connection breaks; some notice nothing.
                0 => {
                    let leave = |phone: &mut Phone, now, out: &mut _| phone.register(now, 0, out);
                    self.net.act(desk.phone, leave);
                }
                1 => self.net.set_plugged(desk.phone, false),
                _ => self.net.cut(address, SERVER),
            }
            return;
        }
        if desk.refresh <= self.now {
            desk.refresh = self.now + 250 + self.chance.below(250);
            let script = habit(&mut self.chance);
            let register = |phone: &mut Phone, now, out: &mut _| {
                phone.set_script(script);
                phone.register(now, EXPIRES, out);
            };
            self.net.act(desk.phone, register);
        }
    }

    fn somebody(&mut self) -> usize {
        usize::try_from(self.chance.below(PHONES as u64)).unwrap()
    }

    fn dial(&mut self) {
        let (from, to) = (self.somebody(), self.somebody());
        let aor = self.phones[to].aor.clone();
        if self.phones[from].away.is_none() && aor != self.phones[from].aor {
            let dial = |phone: &mut Phone, now, out: &mut _| {
                if !phone.is_off_hook() && !phone.is_ringing() {
                    phone.dial(now, &aor, out);
                }
            };
            self.net.act(self.phones[from].phone, dial);
            if self.chance.below(4) == 0 {
                self.wait(3);
                let give_up =
                    |phone: &mut Phone, now, out: &mut _| phone.act(now, Deed::HangUp, out);
                self.net.act(self.phones[from].phone, give_up);
            }
        }
    }

    fn click(&mut self) {
        let (from, to) = (self.somebody(), self.somebody());
        let (from, to) = (&self.phones[from].aor, &self.phones[to].aor);
        let place = |house: &mut House, now, out: &mut _| house.place_call(now, from, to, out);
        // They may be in a call, or away.
        let placed = self.net.act(self.house, place);
        if let (Ok(call), 0) = (placed, self.chance.below(4)) {
            self.wait(3);
            let end = |house: &mut House, now, out: &mut _| house.hang_up(now, call, out);
            let _ = self.net.act(self.house, end);
        }
    }

    /// Somebody hangs up, gives up or holds, if he is in a call at all.
    fn meddle(&mut self) {
        let n = self.somebody();
        let deed = match self.chance.below(4) {
            0 => Deed::Hold,
            1 => Deed::Options,
            _ => Deed::HangUp,
        };
        let act = |phone: &mut Phone, now, out: &mut _| phone.act(now, deed, out);
        self.net.act(self.phones[n].phone, act);
    }
}

fn desk(net: &mut VirtualNet, n: usize) -> Desk {
    let person = n % PEOPLE as usize;
    let transport = if n.is_multiple_of(3) {
        Transport::Tcp
    } else {
        Transport::Udp
    };
    let aor = format!("sip:phone{person}@click.test");
    let address = format!("10.0.1.{}:5060", n + 1);
    let phone = Phone::new(&aor, addr(&address), SERVER).over(transport);
    Desk {
        phone: phone.join(net),
        aor,
        address,
        refresh: 5 * n as u64,
        away: None,
    }
}

/// What becomes of calls until the phone registers the next time. Whoever is connected hangs up within a minute.
fn habit(chance: &mut Chance) -> Script {
    let after = Duration::from_millis(500 + chance.below(8_000));
    let talk = Duration::from_secs(5 + chance.below(50));
    let script = match chance.below(10) {
        0 => Script::declining(after, 486),
        1 => Script::declining(after, 603),
        2 => Script::default().at_invite(Duration::from_secs(40), Deed::HangUp),
        3 => Script::deaf(),
        4 => Script::answering(after).at_connect(after, Deed::Hold),
        5 => Script::answering(after).answering_into_cancel(),
        _ => Script::answering(after),
    };
    script.at_connect(talk, Deed::HangUp)
}

fn call(event: &Event) -> Option<CallRef> {
    match event.what {
        What::Call(call, _) => Some(call),
        What::Phone(_) => None,
    }
}
