//! The number of calls is bounded, whatever shards they fall to.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use server::auth::Auth;
use server::binding::{Binding, BindingTexts, Q};
use server::call::Tally;
use server::config::Config;
use server::event::{CallRef, PhoneCause, Side};
use server::identity::Identity;
use server::location::{Full, Location, Revision};
use server::switch::{Input, Outbox, PlaceCall, PlaceError, Setup, Switch};
use sip::msg::build::Response;
use sip::msg::{Method, lex};
use sip::name::{Aor, ConnectionId, Flow, Tag, Transport};
use sip::transaction::Timers;
use testkit::clock::Clock;
use testkit::net::{Handle, VirtualNet};
use testkit::phone::Phone;

use crate::scene::s;
use crate::support::{House, PEER, SERVER, addr, with_shards};

const LIMIT: u32 = 5;
const PHONES: u8 = 2 * 8;

#[test]
fn all_shards_together_have_so_many_calls() {
    with_shards(|shards| {
        let mut config = Config::default();
        config.limits.calls = LIMIT;
        let mut net = VirtualNet::new(1);
        let house = House::new(shards, Arc::new(config));
        let house = net.add("server", &[SERVER], house);
        for number in 0..PHONES {
            let address = addr(&format!("10.0.1.{number}:5060"));
            let phone = Phone::new(&aor(number), address, SERVER).join(&mut net);
            net.act(phone, |phone, now, out| phone.register(now, 3600, out));
        }
        net.run_for(s(1));
        let placed: Vec<_> = (0..PHONES / 2)
            .map(|pair| place(&mut net, house, pair))
            .collect();
        let (placed, refused) = placed.split_at(usize::try_from(LIMIT).unwrap());
        assert!(placed.iter().all(Result::is_ok), "{placed:?}");
        let too_many = Err(PlaceError::TooManyCalls { limit: LIMIT });
        assert!(refused.iter().all(|refused| *refused == too_many));

        // One that is done makes room for one more.
        let call = *placed[0].as_ref().unwrap();
        net.run_for(s(1));
        net.act(house, |house, now, out| house.hang_up(now, call, out))
            .unwrap();
        net.run_for(s(1));
        assert!(place(&mut net, house, 6).is_ok());
        assert_eq!(place(&mut net, house, 7), too_many);
    });
}

fn place(net: &mut VirtualNet, house: Handle<House>, pair: u8) -> Result<CallRef, PlaceError> {
    let (from, to) = (aor(2 * pair), aor(2 * pair + 1));
    net.act(house, |house, now, out| {
        house.place_call(now, &from, &to, out)
    })
}

fn aor(number: u8) -> String {
    format!("sip:p{number}@click.test")
}

/// Four shards on four threads place calls at the same moment, more than there may be, again and again.
#[test]
fn the_number_is_exact_when_all_shards_place_at_once() {
    const SHARDS: u8 = 4;
    const LIMIT: u32 = 50;
    const PAIRS: u32 = 40;
    let mut config = Config::default();
    config.limits.calls = LIMIT;
    let config = Arc::new(config);
    let location = Arc::new(Location::new(SHARDS, config.limits.aors));
    let tally = Arc::new(Tally::new(LIMIT));
    let party = |shard: u8, n: u32, side: &str| {
        Aor::parse(&format!("sip:{side}{n}of{shard}@click.test")).unwrap()
    };
    for shard in 0..SHARDS {
        for n in 0..PAIRS {
            for side in ["a", "b"] {
                bind(&location, &party(shard, n, side));
            }
        }
    }
    let start = Barrier::new(usize::from(SHARDS));
    let placed = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for shard in 0..SHARDS {
            let mut switch = Switch::new(Setup {
                shard,
                shards: SHARDS,
                config: Arc::clone(&config),
                identity: Identity::new(&config, Arc::from([SERVER])),
                location: Arc::clone(&location),
                auth: Arc::new(Auth::new(&config, &[9; 32])),
                router: Arc::default(),
                tally: Arc::clone(&tally),
                timers: Timers::RFC,
                seed: [shard; 32],
            });
            let (start, placed, tally, party) = (&start, &placed, &tally, &party);
            scope.spawn(move || {
                let now = Clock::START;
                let mut out = Outbox::default();
                for _ in 0..20 {
                    start.wait();
                    let mut calls = Vec::new();
                    for n in 0..PAIRS {
                        let place = PlaceCall {
                            from: party(shard, n, "a"),
                            to: party(shard, n, "b"),
                            ring_first: Side::A,
                            by: "test".into(),
                            manner: server::command::Manner::default(),
                        };
                        match switch.place_call(now, &place, &mut out) {
                            Ok(call) => calls.push(call),
                            Err(error) => {
                                assert_eq!(error, PlaceError::TooManyCalls { limit: LIMIT });
                            }
                        }
                    }
                    placed.fetch_add(u32::try_from(calls.len()).unwrap(), Ordering::SeqCst);
                    start.wait();
                    assert_eq!(
                        placed.load(Ordering::SeqCst),
                        LIMIT,
                        "neither more nor less"
                    );
                    assert_eq!(tally.open(), LIMIT);
                    start.wait();
                    placed.store(0, Ordering::SeqCst);
                    // A phone that has said nothing cannot be cancelled: its refusal ends the call.
                    for call in &calls {
                        switch.hang_up(now, *call, &mut out).unwrap();
                    }
                    for refusal in refusals(&mut out) {
                        switch.handle(now, refusal, &mut out);
                    }
                    out = Outbox::default();
                    assert_eq!(switch.load().calls, 0);
                }
            });
        }
    });
    assert_eq!(tally.open(), 0);
}

fn bind(location: &Location, aor: &Aor) {
    let contact = format!("{aor}:5060");
    let texts = BindingTexts {
        contact: &contact,
        ..BindingTexts::default()
    };
    let expires = Clock::START + s(3_600);
    let binding = Binding::new(FLOW, expires, 1, None, Q::MAX, texts);
    let bound = Revision::Replace(vec![Arc::new(binding)], PhoneCause::Bound);
    location
        .update::<Full>(Clock::START, aor, |_| Ok(bound))
        .unwrap();
}

/// 486 to every INVITE that was sent.
fn refusals(out: &mut Outbox) -> Vec<Input> {
    let sent = out.transmit.drain(..).map(|sent| lex(sent.bytes).unwrap());
    sent.filter(|message| message.method() == Some(&Method::Invite))
        .map(|invite| {
            let bytes = Response::to(&invite, 486, None, Some(&Tag::new("busy"))).finish();
            Input::Message {
                message: lex(bytes).unwrap(),
                flow: FLOW,
            }
        })
        .collect()
}

const FLOW: Flow = Flow {
    transport: Transport::Udp,
    local: SERVER,
    peer: PEER,
    connection: ConnectionId::NONE,
};
