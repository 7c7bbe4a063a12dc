//! The virtual network keeps its promises: order, loss, time, and the same run for the same seed.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use sip::name::{ConnectionId, Flow, Transport};
use sip::time::Instant;
use sip::transaction::Transmit;
use testkit::clock::Clock;
use testkit::net::{Fate, Handle, Node, VirtualNet, Weather};

/// Writes down what it hears; rings once when its alarm goes off.
#[derive(Default)]
struct Ear {
    heard: Vec<(Duration, String)>,
    broken: Vec<ConnectionId>,
    flow: Option<Flow>,
    alarm: Option<Instant>,
    stuck: bool,
}

impl Node for Ear {
    fn receive(&mut self, now: Instant, flow: Flow, bytes: Bytes, _: &mut Vec<Transmit>) {
        self.flow = Some(flow);
        self.heard.push((
            now - Clock::START,
            String::from_utf8_lossy(&bytes).into_owned(),
        ));
    }

    fn broken(&mut self, _: Instant, flow: Flow, _: &mut Vec<Transmit>) {
        self.broken.push(flow.connection);
    }

    fn deadline(&self) -> Option<Instant> {
        self.alarm
    }

    fn timeout(&mut self, now: Instant, _: &mut Vec<Transmit>) {
        if !self.stuck {
            self.alarm = None;
            self.heard.push((now - Clock::START, "alarm".to_owned()));
        }
    }
}

fn address(host: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, host], 5060))
}

struct Pair {
    net: VirtualNet,
    one: Handle<Ear>,
    two: Handle<Ear>,
}

impl Pair {
    fn new(seed: u64, weather: Weather) -> Self {
        let mut net = VirtualNet::new(seed);
        net.set_weather(weather);
        let one = net.add("one", &[address(1)], Ear::default());
        let two = net.add("two", &[address(2)], Ear::default());
        Self { net, one, two }
    }

    fn send(&mut self, transport: Transport, text: &str) {
        let (local, peer) = (address(1), address(2));
        let flow = Flow {
            transport,
            local,
            peer,
            connection: ConnectionId::NONE,
        };
        let bytes = Bytes::from(text.to_owned());
        self.net
            .act(self.one, |_, _, out| out.push(Transmit { flow, bytes }));
    }

    fn heard(&self) -> Vec<&str> {
        self.net
            .node(self.two)
            .heard
            .iter()
            .map(|(_, text)| text.as_str())
            .collect()
    }
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn time_jumps_to_what_is_next() {
    let mut pair = Pair::new(1, Weather::steady(millis(20)));
    pair.net
        .act(pair.two, |ear, now, _| ear.alarm = Some(now + millis(15)));
    pair.send(Transport::Udp, "hello");
    let quiet = pair.net.run_until_quiet(Duration::from_secs(1));
    assert_eq!(quiet, Clock::START + millis(20));
    let heard = &pair.net.node(pair.two).heard;
    assert_eq!(
        heard,
        &[
            (millis(15), "alarm".to_owned()),
            (millis(20), "hello".to_owned())
        ]
    );
    pair.net.run_for(millis(5));
    assert_eq!(pair.net.now(), Clock::START + millis(25));
}

#[test]
fn a_run_stops_where_it_is_told() {
    let mut pair = Pair::new(1, Weather::steady(millis(20)));
    pair.send(Transport::Udp, "hello");
    pair.net.run_for(millis(19));
    assert_eq!(pair.heard(), [""; 0]);
    pair.net.run_for(millis(1));
    assert_eq!(pair.heard(), ["hello"]);

    pair.send(Transport::Udp, "again");
    let two = pair.two;
    assert!(
        pair.net
            .run_to(millis(100), |net| net.node(two).heard.len() == 2)
    );
    assert_eq!(pair.net.now(), Clock::START + millis(40));
    assert!(
        !pair
            .net
            .run_to(millis(100), |net| net.node(two).heard.len() == 3)
    );
    assert_eq!(pair.net.now(), Clock::START + millis(140));
}

#[test]
fn datagrams_are_lost_doubled_and_overtaken() {
    let mut pair = Pair::new(7, Weather::STORM);
    for number in 0..1_000 {
        pair.send(Transport::Udp, &number.to_string());
    }
    pair.net.run_until_quiet(Duration::from_secs(10));
    let count = |fate| {
        pair.net
            .trace()
            .iter()
            .filter(|sent| sent.fate == fate)
            .count()
    };
    assert!(
        (200..300).contains(&count(Fate::Lost)),
        "{}",
        count(Fate::Lost)
    );
    assert!(
        (50..100).contains(&count(Fate::Doubled)),
        "{}",
        count(Fate::Doubled)
    );
    let heard = pair.heard();
    assert_eq!(
        heard.len(),
        count(Fate::Delivered) + 2 * count(Fate::Doubled)
    );
    assert!(!heard.is_sorted_by_key(|text| text.parse::<u32>().ok()));
}

#[test]
fn streams_lose_nothing_and_keep_their_order() {
    let mut pair = Pair::new(7, Weather::STORM);
    for number in 0..1_000 {
        pair.send(Transport::Tcp, &number.to_string());
    }
    pair.net.run_until_quiet(Duration::from_secs(10));
    let expected: Vec<String> = (0..1_000).map(|number: u32| number.to_string()).collect();
    assert_eq!(pair.heard(), expected);
}

#[test]
fn an_answer_goes_back_on_the_connection_until_it_is_cut() {
    let mut pair = Pair::new(1, Weather::CALM);
    pair.send(Transport::Tcp, "hello");
    pair.net.run_for(millis(5));
    let back = pair.net.node(pair.two).flow.expect("it came by a flow");
    assert_ne!(back.connection, ConnectionId::NONE);
    let answer = |net: &mut VirtualNet, two| {
        let bytes = Bytes::from_static(b"answer");
        net.act(two, |_: &mut Ear, _, out| {
            out.push(Transmit { flow: back, bytes })
        });
    };
    answer(&mut pair.net, pair.two);
    pair.net.run_for(millis(5));
    assert_eq!(pair.net.node(pair.one).heard.len(), 1);

    pair.send(Transport::Tcp, "lost on the way");
    pair.net.cut(address(2), address(1));
    pair.net.run_for(millis(5));
    assert_eq!(pair.net.node(pair.two).broken, [back.connection]);
    assert_eq!(
        pair.net.node(pair.one).broken,
        [back.connection, ConnectionId::NONE]
    );
    assert_eq!(pair.heard(), ["hello"]);

    answer(&mut pair.net, pair.two);
    pair.net.run_for(millis(5));
    assert_eq!(
        pair.net.node(pair.two).broken,
        [back.connection; 2],
        "it cannot be used again"
    );
    pair.send(Transport::Tcp, "anew");
    pair.net.run_for(millis(5));
    assert_eq!(pair.heard(), ["hello", "anew"]);
    assert_ne!(
        pair.net.node(pair.two).flow,
        Some(back),
        "another connection"
    );
}

#[test]
fn nobody_answers_where_nobody_is() {
    let mut net = VirtualNet::new(1);
    let one = net.add("one", &[address(1)], Ear::default());
    for transport in [Transport::Udp, Transport::Tcp] {
        let flow = Flow {
            transport,
            local: address(1),
            peer: address(9),
            connection: ConnectionId::NONE,
        };
        net.act(one, |_, _, out| {
            out.push(Transmit {
                flow,
                bytes: Bytes::new(),
            })
        });
    }
    net.run_for(millis(10));
    assert_eq!(
        net.node(one).broken,
        [ConnectionId::NONE],
        "a stream says so, a datagram does not"
    );
}

#[test]
fn without_its_cable_a_node_hears_and_says_nothing() {
    let mut pair = Pair::new(1, Weather::CALM);
    pair.send(Transport::Udp, "under way");
    pair.net.set_plugged(pair.two, false);
    pair.net.run_for(millis(5));
    pair.net.set_plugged(pair.one, false);
    pair.send(Transport::Udp, "not sent");
    pair.net.set_plugged(pair.two, true);
    pair.net.run_for(millis(5));
    pair.net.set_plugged(pair.one, true);
    pair.send(Transport::Udp, "back");
    pair.net.run_for(millis(5));
    assert_eq!(pair.heard(), ["back"]);
}

#[test]
fn a_test_can_choose_what_is_lost() {
    let mut pair = Pair::new(1, Weather::CALM);
    let mut left = 2;
    pair.net.lose_if(move |bytes| {
        let chosen = bytes == b"b" && left > 0;
        left -= u32::from(chosen);
        chosen
    });
    for text in ["a", "b", "b", "b", "c"] {
        pair.send(Transport::Udp, text);
    }
    pair.net.run_for(millis(5));
    assert_eq!(pair.heard(), ["a", "b", "c"]);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let mut pair = Pair::new(seed, Weather::STORM);
        for number in 0..50 {
            pair.send(Transport::Udp, &number.to_string());
        }
        pair.net.run_until_quiet(Duration::from_secs(10));
        pair.net.node(pair.two).heard.clone()
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

#[test]
#[should_panic(expected = "two is woken again and again")]
fn a_node_that_gets_nowhere_is_found_out() {
    let mut pair = Pair::new(1, Weather::CALM);
    pair.net.act(pair.two, |ear, now, _| {
        ear.alarm = Some(now);
        ear.stuck = true;
    });
    pair.net.run_for(millis(1));
}

#[test]
#[should_panic(expected = "[\"two\"] still wait")]
fn a_node_that_never_rests_is_found_out() {
    let mut pair = Pair::new(1, Weather::CALM);
    pair.net.act(pair.two, |ear, now, _| {
        ear.alarm = Some(now + Duration::from_secs(60))
    });
    pair.net.run_until_quiet(Duration::from_secs(1));
}

#[test]
#[should_panic(expected = "which is not its own address")]
fn a_node_that_sends_as_another_is_found_out() {
    let mut pair = Pair::new(1, Weather::CALM);
    let (local, peer) = (address(2), address(1));
    let flow = Flow {
        transport: Transport::Udp,
        local,
        peer,
        connection: ConnectionId::NONE,
    };
    pair.net.act(pair.one, |_, _, out| {
        out.push(Transmit {
            flow,
            bytes: Bytes::new(),
        })
    });
}
