//! The office, one phone, and the network between them.

use std::net::SocketAddr;
use std::time::Duration;

use sip::dialog::{Body, Event, Input, Reason};
use sip::msg::{Message, Method, lex};
use sip::name::Transport;
use testkit::net::{Handle, VirtualNet};
use testkit::phone::{Deed, Phone, Script};

use crate::office::{OFFICE, Office};

pub(crate) const PHONE: SocketAddr = SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 3)),
    5060,
);

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) struct Stage {
    pub(crate) net: VirtualNet,
    pub(crate) office: Handle<Office>,
    pub(crate) phone: Handle<Phone>,
}

impl Stage {
    pub(crate) fn new(script: Script) -> Self {
        Self::over(Transport::Udp, script)
    }

    pub(crate) fn over(transport: Transport, script: Script) -> Self {
        let mut net = VirtualNet::new(1);
        let office = net.add("office", &[OFFICE], Office::new(1));
        let phone = Phone::new("sip:alice@click.test", PHONE, OFFICE)
            .over(transport)
            .scripted(script)
            .join(&mut net);
        Self { net, office, phone }
    }

    /// The office calls without offer and holds its ACK for `hold`.
    pub(crate) fn call(&mut self, hold: Option<Duration>) {
        self.call_with(hold, None);
    }

    pub(crate) fn call_with(&mut self, hold: Option<Duration>, body: Option<Body>) {
        self.net.act(self.office, |office, now, out| {
            office.call(now, PHONE, (hold, body), out);
        });
    }

    pub(crate) fn run(&mut self, span: Duration) {
        self.net.run_for(span);
    }

    pub(crate) fn tell(&mut self, input: Input<'_>) {
        self.net.act(self.office, |office, now, out| {
            office.tell(now, office.legs.len() - 1, input, out);
        });
    }

    pub(crate) fn hang_up(&mut self) {
        self.tell(Input::HangUp {
            reason: Some(Reason::q850(16, "done")),
        });
    }

    pub(crate) fn phone_does(&mut self, deed: Deed) {
        self.net
            .act(self.phone, |phone, now, out| phone.act(now, deed, out));
    }

    /// Runs until nothing is under way any more, and says what the phone's owner lived through.
    pub(crate) fn story(&mut self) -> Vec<String> {
        self.net.run_until_quiet(s(400));
        self.net.node(self.phone).story()
    }

    pub(crate) fn ended(&self) -> String {
        let office = self.net.node(self.office);
        let heard = &office.legs.last().expect("a leg").heard;
        let ends: Vec<String> = heard
            .iter()
            .filter_map(|event| match event {
                Event::Ended(end) => Some(format!("{end:?}")),
                _ => None,
            })
            .collect();
        assert_eq!(ends.len(), 1, "{heard:?}");
        assert!(matches!(heard.last(), Some(Event::Ended(_))), "{heard:?}");
        ends[0].clone()
    }

    /// Everything with this method (requests), by its seconds since the start.
    pub(crate) fn sent(&self, method: &Method) -> Vec<(f64, Message)> {
        let start = testkit::clock::Clock::START;
        let sent = self.net.trace().iter().filter_map(|sent| {
            let message = lex(sent.bytes.clone()).expect("a message");
            let is_it = message.method() == Some(method);
            is_it.then(|| (sent.at.since(start).as_secs_f64(), message))
        });
        sent.collect()
    }
}
