//! Whatever phones with several flows and the weather do: no flow stands twice, what is told is what is registered, a cut
//! connection takes its flow, a phone that registers again is there, and what is not refreshed runs out.
//!
//! The cases are the same each time. `PROPTEST_CASES=100000` plays more of them.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use server::binding::Binding;
use server::config::Config as Settings;
use server::event::PhoneChange;
use sip::msg::Message;
use sip::name::{ConnectionId, Flow, Transport};
use sip::transaction::Transmit;
use testkit::net::{Handle, Weather};

use crate::support::{Peer, Request, SERVER, Stage, addr};

/// The instances, the `reg-id`s and the ways of the flows of one user.
const FLOWS: [(&str, u32, Transport); 4] = [
    ("<urn:uuid:a>", 1, Transport::Udp),
    ("<urn:uuid:a>", 2, Transport::Tcp),
    ("<urn:uuid:b>", 1, Transport::Tcp),
    ("<urn:uuid:b>", 2, Transport::Udp),
];

#[derive(Clone, Debug)]
enum Deed {
    Register { flow: usize, expires: u32 },
    Repeat { flow: usize },
    Cut { flow: usize },
    Wait { milliseconds: u64 },
}

#[derive(Clone, Debug)]
struct Case {
    deeds: Vec<Deed>,
    weather: Weather,
    seed: u64,
    shards: u8,
}

type Names = Vec<(String, Option<u32>)>;

struct Scene {
    stage: Stage,
    peers: Vec<Handle<Peer>>,
    said: Vec<Vec<Request>>,
}

impl Scene {
    fn new(case: &Case) -> Self {
        let mut stage = Stage::with(case.shards, case.seed, Settings::default());
        stage.net.set_weather(case.weather.clone());
        let peers = (0..FLOWS.len())
            .map(|n| Peer::join(&mut stage.net, &format!("flow {n}"), address(n)))
            .collect();
        Self {
            stage,
            peers,
            said: vec![Vec::new(); FLOWS.len()],
        }
    }

    fn play(&mut self, deed: &Deed) {
        match *deed {
            Deed::Register { flow, expires } => self.register(flow, expires),
            Deed::Repeat { flow } => {
                if let Some(request) = self.said[flow].last().cloned() {
                    self.send(flow, &request);
                }
            }
            Deed::Cut { flow } => {
                self.stage.net.cut(address(flow), SERVER);
                self.stage.net.run_for(Duration::from_secs(1));
                let (instance, reg_id, transport) = FLOWS[flow];
                if transport == Transport::Tcp {
                    let gone = (instance.to_owned(), Some(reg_id));
                    assert!(!self.told().contains(&gone), "{}", self.stage.told());
                }
            }
            Deed::Wait { milliseconds } => {
                self.stage.net.run_for(Duration::from_millis(milliseconds));
            }
        }
    }

    fn register(&mut self, flow: usize, expires: u32) {
        let (instance, reg_id, transport) = FLOWS[flow];
        let number = u32::try_from(self.said[flow].len()).unwrap() + 1;
        let contact = format!(
            "<sip:alice@{}>;reg-id={reg_id};+sip.instance=\"{instance}\";expires={expires}",
            address(flow)
        );
        let via = format!(
            "SIP/2.0/{} {};rport;branch=z9hG4bK-{flow}-{number}",
            transport.via_token(),
            address(flow)
        );
        let request = Request::register("alice")
            .call_id(&format!("flow-{flow}"))
            .cseq(number)
            .contact(&contact)
            .header("Supported", "path, outbound")
            .with(|request| request.via = via);
        self.send(flow, &request);
        self.said[flow].push(request);
    }

    fn send(&mut self, flow: usize, request: &Request) {
        let bytes = request.bytes();
        let flow = Flow {
            transport: FLOWS[flow].2,
            local: address(flow),
            peer: SERVER,
            connection: ConnectionId::NONE,
        };
        let peer = self.peers[usize::from(flow.local.port() - FIRST_PORT)];
        self.stage.net.act(peer, |_, _, out| {
            out.push(Transmit { flow, bytes });
        });
    }

    /// What was told last.
    fn told(&self) -> Names {
        let last = self.stage.phones().max_by_key(|change| change.version);
        last.map(names_of).unwrap_or_default()
    }

    fn assert_lawful(&self) {
        for change in self.stage.phones() {
            assert_single(&names_of(change));
        }
        for peer in &self.peers {
            for answer in &self.stage.net.node(*peer).heard {
                assert!(matches!(answer.status(), Some(200 | 500)), "{answer:?}");
                assert_single(&listed(answer));
            }
        }
    }
}

const FIRST_PORT: u16 = 6_000;

fn address(flow: usize) -> SocketAddr {
    let port = FIRST_PORT + u16::try_from(flow).unwrap();
    addr(&format!("10.0.0.9:{port}"))
}

fn names_of(change: &PhoneChange) -> Names {
    let name = |binding: &Binding| {
        let instance = binding.instance().unwrap_or_default().to_owned();
        (instance, binding.reg_id.map(u32::from))
    };
    change.bindings.iter().map(|it| name(it)).collect()
}

fn listed(answer: &Message) -> Names {
    let contacts = answer.contacts().filter_map(Result::ok);
    contacts
        .filter_map(|contact| contact.address())
        .map(|address| {
            let text = |name| address.param(name).flatten().unwrap_or_default().to_owned();
            (text("+sip.instance"), text("reg-id").parse().ok())
        })
        .collect()
}

fn assert_single(names: &Names) {
    let different: BTreeSet<_> = names.iter().collect();
    assert_eq!(different.len(), names.len(), "{names:?}");
}

fn play(case: &Case) {
    let mut scene = Scene::new(case);
    for deed in &case.deeds {
        scene.play(deed);
    }
    scene.assert_lawful();
    // When the weather has calmed down every phone registers again.
    scene.stage.net.set_weather(Weather::CALM);
    scene.stage.net.run_for(Duration::from_secs(1));
    for flow in 0..FLOWS.len() {
        scene.register(flow, 60);
    }
    scene.stage.net.run_for(Duration::from_secs(1));
    let answer = scene
        .stage
        .answer(&Request::register("alice").call_id("question"));
    let all = FLOWS.map(|(instance, reg_id, _)| (instance.to_owned(), Some(reg_id)));
    let sorted = |mut names: Names| {
        names.sort();
        names
    };
    assert_eq!(sorted(listed(&answer)), all);
    assert_eq!(sorted(scene.told()), all);
    scene.assert_lawful();
    scene.stage.net.run_for(Duration::from_secs(61));
    assert_eq!(scene.told(), []);
}

fn deed() -> impl Strategy<Value = Deed> {
    let flow = 0..FLOWS.len();
    prop_oneof![
        6 => (flow.clone(), prop::sample::select(vec![0_u32, 60, 120, 3_600]))
            .prop_map(|(flow, expires)| Deed::Register { flow, expires }),
        2 => flow.clone().prop_map(|flow| Deed::Repeat { flow }),
        1 => flow.prop_map(|flow| Deed::Cut { flow }),
        4 => (0_u64..300).prop_map(|milliseconds| Deed::Wait { milliseconds }),
        1 => (0_u64..100_000).prop_map(|milliseconds| Deed::Wait { milliseconds }),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let weather = prop::sample::select(vec![Weather::CALM, Weather::STORM]);
    let deeds = prop::collection::vec(deed(), 1..20);
    let shards = prop::sample::select(vec![1_u8, 4]);
    (deeds, weather, any::<u64>(), shards).prop_map(|(deeds, weather, seed, shards)| Case {
        deeds,
        weather,
        seed,
        shards,
    })
}

#[test]
fn whatever_flows_do_each_stands_once_and_what_is_told_is_true() {
    let config = Config {
        cases: std::env::var("PROPTEST_CASES").map_or(200, |n| n.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    runner
        .run(&case(), |case| {
            play(&case);
            Ok(())
        })
        .unwrap();
}
