//! The shards of a server as one node of the virtual network: what the runtime does with threads and sockets, done in
//! virtual time. Everything that leaves is read by the second reader too.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use server::auth::Auth;
use server::call::Tally;
use server::command::{HangUpError, PlaceCall, PlaceError};
use server::config::Config;
use server::dar;
use server::event::{CallRef, Event, Side};
use server::identity::Identity;
use server::locate::{
    Answers, Means, Missing, Question, Records, Server, Sought, Unlocated, locate,
};
use server::location::Location;
use server::router::Router;
use server::switch::{Input, Load, Outbox, Setup, Switch, shard_of_pair};
use sip::msg::{Unframeable, lex};
use sip::name::{Aor, ConnectionId, Flow, Owners, Transport};
use sip::time::Instant;
use sip::transaction::{Timers, Transmit};
use testkit::net::Node;
use testkit::second;

/// Where the server stands.
pub const SERVER: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)),
    5080,
);

/// One server.
pub struct House {
    switches: Vec<Switch>,
    owners: Owners,
    /// The deadline of each switch as it was when last asked. A thread that sleeps knows no later one, so that a
    /// change from outside has to be told by [`Outbox::wake`].
    due: Vec<Option<Instant>>,
    /// Shared by the switches.
    pub location: Arc<Location>,
    /// Shared by the switches.
    pub auth: Arc<Auth>,
    router: Arc<Router>,
    /// Everything told so far.
    pub events: Vec<Event>,
    /// What the DNS says; of all else that there is nothing.
    pub zone: HashMap<Question, Records>,
    /// Whether the DNS says anything.
    pub dns_answers: bool,
    /// Whether all that leaves is read by the second reader too. What echoes nonsense of a peer may be read in more
    /// than one way.
    pub second_reader: bool,
}

impl House {
    /// A server with so many shards.
    pub fn new(shards: u8, config: Arc<Config>) -> Self {
        let location = Arc::new(Location::new(shards, config.limits.aors));
        let tally = Arc::new(Tally::new(config.limits.calls));
        let auth = Arc::new(Auth::new(&config, &[9; 32]));
        let router = Arc::new(
            dar::load(&config.router)
                .expect("a sound file")
                .signing(&[8; 16]),
        );
        let switch = |shard| {
            Switch::new(Setup {
                shard,
                shards,
                config: Arc::clone(&config),
                identity: Identity::new(&config, Arc::from([SERVER])),
                location: Arc::clone(&location),
                auth: Arc::clone(&auth),
                router: Arc::clone(&router),
                tally: Arc::clone(&tally),
                timers: Timers::RFC,
                seed: [shard; 32],
            })
        };
        let switches: Vec<_> = (0..shards).map(switch).collect();
        Self {
            owners: Owners::new(shards, [0; 16]),
            due: vec![None; switches.len()],
            switches,
            location,
            auth,
            router,
            events: Vec::new(),
            zone: HashMap::new(),
            dns_answers: true,
            second_reader: true,
        }
    }

    /// How many shards there are.
    pub fn shards(&self) -> u8 {
        u8::try_from(self.switches.len()).unwrap()
    }

    /// Asks the shard of the pair for a call from `from`, who rings first, to `to`.
    pub fn place_call(
        &mut self,
        now: Instant,
        from: &str,
        to: &str,
        out: &mut Vec<Transmit>,
    ) -> Result<CallRef, PlaceError> {
        let place = PlaceCall {
            from: Aor::parse(from).unwrap(),
            to: Aor::parse(to).unwrap(),
            ring_first: Side::A,
            by: "test".into(),
            manner: server::command::Manner::default(),
        };
        self.place(now, &place, out)
    }

    /// Asks the shard of the pair for a call.
    pub fn place(
        &mut self,
        now: Instant,
        place: &PlaceCall,
        out: &mut Vec<Transmit>,
    ) -> Result<CallRef, PlaceError> {
        let place = &self.router.placed(place.clone())?;
        let shard = shard_of_pair(&place.from, &place.to, self.shards());
        self.on(now, shard, out, |switch, outbox| {
            switch.place_call(now, place, outbox)
        })
    }

    /// Asks the shard of the call to end it.
    pub fn hang_up(
        &mut self,
        now: Instant,
        call: CallRef,
        out: &mut Vec<Transmit>,
    ) -> Result<(), HangUpError> {
        self.on(now, call.shard(), out, |switch, outbox| {
            switch.hang_up(now, call, outbox)
        })
    }

    /// Refuses new work from now on.
    pub fn drain(&mut self) {
        self.switches.iter_mut().for_each(Switch::drain);
    }

    /// Ends all calls.
    pub fn hang_up_all(&mut self, now: Instant, out: &mut Vec<Transmit>) {
        for shard in 0..self.shards() {
            self.on(now, shard, out, |switch, outbox| {
                switch.hang_up_all(now, outbox);
            });
        }
    }

    /// All that the shards hold together.
    pub fn load(&self) -> Load {
        self.switches.iter().fold(Load::default(), |sum, switch| {
            let load = switch.load();
            Load {
                transactions: sum.transactions + load.transactions,
                calls: sum.calls + load.calls,
                legs: sum.legs + load.legs,
                proxied: sum.proxied + load.proxied,
                followed: sum.followed + load.followed,
                remembered: sum.remembered + load.remembered,
                asked: sum.asked + load.asked,
            }
        })
    }

    /// How many calls all shards hold together.
    pub fn calls(&self) -> usize {
        self.switches.iter().map(|switch| switch.load().calls).sum()
    }

    /// What all shards hold together.
    pub fn transactions(&self) -> usize {
        self.switches
            .iter()
            .map(|switch| switch.load().transactions)
            .sum()
    }

    /// How many requests all shards are sending on.
    pub fn proxied(&self) -> usize {
        self.switches
            .iter()
            .map(|switch| switch.load().proxied)
            .sum()
    }

    fn on<R>(
        &mut self,
        now: Instant,
        shard: u8,
        out: &mut Vec<Transmit>,
        act: impl FnOnce(&mut Switch, &mut Outbox) -> R,
    ) -> R {
        let mut outbox = Outbox::default();
        let result = act(&mut self.switches[usize::from(shard)], &mut outbox);
        while self.dns_answers
            && let Some((lookup, sought)) = outbox.lookups.pop()
        {
            let found = self.look_up(&sought);
            let input = Input::Located { lookup, found };
            self.switches[usize::from(shard)].handle(now, input, &mut outbox);
        }
        self.due[usize::from(shard)] = self.switches[usize::from(shard)].deadline();
        assert!(
            !outbox.wake.contains(&shard),
            "a shard wakes others, not itself"
        );
        for other in outbox.wake {
            self.due[usize::from(other)] = self.switches[usize::from(other)].deadline();
        }
        for Transmit { bytes, .. } in outbox.transmit.iter().filter(|_| self.second_reader) {
            second::agrees(bytes).unwrap_or_else(|difference| panic!("{difference}"));
        }
        out.append(&mut outbox.transmit);
        self.events.append(&mut outbox.events);
        result
    }

    /// What the runtime asks the DNS.
    fn look_up(&self, sought: &Sought) -> Result<Vec<Flow>, Unlocated> {
        let means = Means {
            udp: true,
            tcp: true,
            tls: false,
            v4: true,
            v6: false,
        };
        let mut answers = Answers::default();
        let servers = loop {
            match locate(sought, means, &answers, &mut |_| 0) {
                Ok(servers) => break servers,
                Err(Missing(questions)) => questions.into_iter().for_each(|question| {
                    let nothing = match question {
                        Question::Naptr(_) => Records::Naptr(Vec::new()),
                        Question::Srv(_) => Records::Srv(Vec::new()),
                        Question::V4(_) | Question::V6(_) => Records::Addresses(Vec::new()),
                    };
                    let records = self.zone.get(&question).cloned().unwrap_or(nothing);
                    answers.put(question, records);
                }),
            }
        };
        let flow = |server: Server| Flow {
            transport: server.transport,
            local: SERVER,
            peer: server.address,
            connection: ConnectionId::NONE,
        };
        let flows: Vec<_> = servers.into_iter().map(flow).collect();
        if flows.is_empty() {
            Err(Unlocated::Nowhere)
        } else {
            Ok(flows)
        }
    }
}

impl Node for House {
    fn receive(&mut self, now: Instant, flow: Flow, bytes: Bytes, out: &mut Vec<Transmit>) {
        let message = match lex(bytes) {
            Ok(message) => message,
            Err(Unframeable::Empty) if flow.transport == Transport::Udp => {
                return self.on(now, 0, out, |switch, outbox| {
                    switch.handle(now, Input::KeepAlive(flow), outbox);
                });
            }
            Err(_) => return,
        };
        let shard = self.owners.of(message.call_id().unwrap_or(""));
        self.on(now, shard, out, |switch, outbox| {
            switch.handle(now, Input::Message { message, flow }, outbox);
        });
    }

    fn broken(&mut self, now: Instant, flow: Flow, out: &mut Vec<Transmit>) {
        let input = if flow.connection == ConnectionId::NONE {
            Input::Broken(flow)
        } else {
            Input::Closed(flow)
        };
        for shard in 0..self.shards() {
            self.on(now, shard, out, |switch, outbox| {
                switch.handle(now, input.clone(), outbox);
            });
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.due.iter().flatten().min().copied()
    }

    fn timeout(&mut self, now: Instant, out: &mut Vec<Transmit>) {
        for shard in 0..self.shards() {
            if self.due[usize::from(shard)].is_some_and(|at| at <= now) {
                self.on(now, shard, out, |switch, outbox| {
                    switch.handle(now, Input::Timeout, outbox);
                });
            }
        }
    }
}
