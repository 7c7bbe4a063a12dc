//! Any messages in any order, from peers that keep to nothing: the layer stays within its bound, and when its
//! user has answered and cancelled what there is, it empties.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use sip::msg::lex;
use sip::name::{Branch, Transport};
use sip::time::Instant;
use sip::transaction::{Event, Input, Layer, Outbox, ServerId, Timers};

use crate::rig::{flow, request, response};

const CAPACITY: usize = 4;
const BRANCHES: [&str; 4] = ["z9hG4bK1", "z9hG4bK2", "z9hG4bK3", "2543"];
const METHODS: [&str; 6] = ["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "WHATEVER"];
const STATUSES: [u16; 6] = [100, 180, 200, 302, 487, 603];

#[derive(Clone, Debug)]
enum Act {
    Receive(&'static str, &'static str),
    Hear(u16, &'static str, &'static str),
    Send(&'static str, &'static str),
    Cancel(&'static str),
    Answer(usize, u16),
    Break,
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let branch = || prop::sample::select(&BRANCHES[..]);
    let method = || prop::sample::select(&METHODS[..]);
    let status = || prop::sample::select(&STATUSES[..]);
    let asked = prop::sample::select(vec!["INVITE", "OPTIONS"]);
    prop_oneof![
        4 => (method(), branch()).prop_map(|(method, branch)| Act::Receive(method, branch)),
        4 => (status(), method(), branch()).prop_map(|(status, method, branch)| Act::Hear(status, method, branch)),
        2 => (asked, branch()).prop_map(|(method, branch)| Act::Send(method, branch)),
        2 => branch().prop_map(Act::Cancel),
        4 => (0..8_usize, status()).prop_map(|(which, status)| Act::Answer(which, status)),
        1 => Just(Act::Break),
        2 => (0..40_000_u64).prop_map(Act::Wait),
    ]
}

struct Soup {
    layer: Layer<u32>,
    out: Outbox<u32>,
    now: Instant,
    transport: Transport,
    ids: Vec<ServerId>,
}

impl Soup {
    fn act(&mut self, act: &Act) {
        let (now, flow) = (self.now, flow(self.transport));
        let message = |text: String| Input::Message {
            message: lex(Bytes::from(text)).expect("a message"),
            flow,
        };
        match act {
            Act::Receive(method, branch) => {
                self.layer
                    .handle(now, message(request(method, branch, "")), &mut self.out);
            }
            Act::Hear(status, method, branch) => {
                self.layer.handle(
                    now,
                    message(response(*status, method, branch)),
                    &mut self.out,
                );
            }
            Act::Send(method, branch) => {
                let bytes = Bytes::from(request(method, branch, ""));
                // Refused when full: that is the bound.
                let _ = self.layer.request(now, bytes, flow, 0, &mut self.out);
            }
            Act::Cancel(branch) => {
                self.layer
                    .cancel(now, &Branch::new(branch), None, &mut self.out)
            }
            Act::Answer(which, status) => {
                if let Some(id) = self.ids.get(*which % self.ids.len().max(1)) {
                    let bytes = Bytes::from(response(*status, "INVITE", "z9hG4bK1"));
                    // Too late, or twice: the user may err.
                    let _ = self.layer.respond(now, *id, bytes, &mut self.out);
                }
            }
            Act::Break => self.layer.handle(now, Input::Broken(flow), &mut self.out),
            Act::Wait(millis) => self.wait(Duration::from_millis(*millis)),
        }
        self.out.transmit.clear();
        for event in self.out.events.drain(..) {
            if let Event::Request { id, .. } = event {
                self.ids.push(id);
            }
        }
    }

    fn wait(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(at) = self.layer.deadline().filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.layer.handle(self.now, Input::Timeout, &mut self.out);
            assert!(
                self.layer.deadline().is_none_or(|next| next > self.now),
                "time goes on"
            );
        }
        self.now = end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_the_layer(
        acts in prop::collection::vec(act(), 1..120),
        transport in prop::sample::select(vec![Transport::Udp, Transport::Tcp]),
    ) {
        let mut soup = Soup {
            layer: Layer::new(Timers::RFC, CAPACITY, [9; 16]),
            out: Outbox::new(),
            now: Instant::from_unix_micros(1),
            transport,
            ids: Vec::new(),
        };
        for act in &acts {
            soup.act(act);
            // A CANCEL of ours for each INVITE of ours finds room beyond the bound.
            prop_assert!(soup.layer.len() <= 2 * CAPACITY);
        }
        for which in 0..soup.ids.len() {
            soup.act(&Act::Answer(which, 487));
        }
        for branch in BRANCHES {
            soup.act(&Act::Cancel(branch));
        }
        soup.act(&Act::Wait(200_000));
        prop_assert_eq!(soup.layer.len(), 0);
        prop_assert_eq!(soup.layer.deadline(), None);
    }
}
