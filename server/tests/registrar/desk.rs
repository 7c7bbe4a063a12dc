//! A registrar with its location service, and what the tests ask of them.

use std::sync::Arc;
use std::time::Duration;

use server::binding::{Binding, Bindings};
use server::config::Config;
use server::event::{PhoneCause, PhoneChange};
use server::location::Location;
use server::registrar::Registrar;
use sip::msg::{Message, Name, lex};
use sip::name::{Aor, ConnectionId, Flow, Tag, Transport};
use sip::time::Instant;

use crate::support::{Request, SERVER, addr};

/// Thursday, 1 January 2026, noon.
pub const NOON: Instant = Instant::from_unix_micros(1_767_268_800_000_000);

pub struct Desk {
    registrar: Registrar,
    pub location: Arc<Location>,
    pub now: Instant,
    pub flow: Flow,
}

/// What became of one REGISTER.
pub struct Reply {
    pub message: Message,
    pub change: Option<PhoneChange>,
}

impl Desk {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// With settings changed.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        change(&mut config);
        Self {
            registrar: Registrar::new(&config),
            location: Arc::new(Location::new(1, config.limits.aors)),
            now: NOON,
            flow: udp("10.0.0.2:5060"),
        }
    }

    pub fn send(&self, request: &Request) -> Reply {
        let request = request.message();
        request.verify().unwrap();
        let outcome = self.registrar.register(
            self.now,
            &request,
            &self.flow,
            &Tag::new("our-tag"),
            &self.location,
        );
        let message = lex(outcome.response).unwrap();
        assert_eq!(message.verify(), Ok(()));
        let tag = request.to().unwrap().tag().unwrap_or("our-tag").to_owned();
        assert_eq!(message.to().unwrap().tag(), Some(tag.as_str()));
        Reply {
            message,
            change: outcome.change,
        }
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
    }

    pub fn bindings(&self, aor: &str) -> Bindings {
        self.location.lookup(&Aor::parse(aor).unwrap(), self.now)
    }

    /// The Contact URIs that stand for `alice@click.test`, best first.
    pub fn alice(&self) -> Vec<String> {
        let bindings = self.bindings("sip:alice@click.test");
        bindings.iter().map(|b| b.contact().to_owned()).collect()
    }

    /// The one binding of `alice@click.test`.
    pub fn only(&self) -> Arc<Binding> {
        let bindings = self.bindings("sip:alice@click.test");
        assert_eq!(bindings.len(), 1);
        Arc::clone(&bindings[0])
    }
}

impl Reply {
    pub fn status(&self) -> u16 {
        self.message.status().unwrap()
    }

    pub fn phrase(&self) -> String {
        self.message.reason().into_owned()
    }

    /// The Contact values as they stand.
    pub fn contacts(&self) -> Vec<&str> {
        self.message
            .values(Name::Contact)
            .map(|value| std::str::from_utf8(value).unwrap())
            .collect()
    }

    pub fn header(&self, name: Name) -> Option<String> {
        self.message.text(name).map(|text| text.into_owned())
    }

    pub fn why(&self) -> Option<PhoneCause> {
        self.change.as_ref().map(|change| change.why)
    }
}

pub fn udp(peer: &str) -> Flow {
    Flow {
        transport: Transport::Udp,
        local: SERVER,
        peer: addr(peer),
        connection: ConnectionId::NONE,
    }
}

pub fn tls(peer: &str, connection: u64) -> Flow {
    Flow {
        transport: Transport::Tls,
        ..tcp(peer, connection)
    }
}

pub fn tcp(peer: &str, connection: u64) -> Flow {
    Flow {
        transport: Transport::Tcp,
        connection: ConnectionId(connection),
        ..udp(peer)
    }
}
