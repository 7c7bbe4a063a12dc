//! A scripted phone on the virtual network: it registers, rings, is answered or declined, holds, hangs up, and has the
//! faults that a [`Script`] gives it. What its owner lives through is kept as [`Heard`], so that tests can speak of
//! people's experience.
//!
//! ```
//! # use std::time::Duration;
//! # use testkit::net::VirtualNet;
//! # use testkit::phone::{Phone, Script};
//! # let server = std::net::SocketAddr::from(([10, 0, 0, 1], 5080));
//! # let mut net = VirtualNet::new(1);
//! let alice = Phone::new("sip:alice@click.test", ([10, 0, 0, 3], 5060).into(), server)
//!     .named("Alice")
//!     .scripted(Script::answering(Duration::from_secs(2)))
//!     .join(&mut net);
//! net.act(alice, |alice, now, out| alice.register(now, 3600, out));
//! net.run_for(Duration::from_secs(40));
//! assert!(!net.node(alice).is_registered()); // there is no server at that address
//! ```
//!
//! Stands on `sip::transaction` and `sip::dialog`: knows nothing of servers. Has no ears: of audio it only
//! knows what the session descriptions say.

mod call;
mod deeds;
mod dial;
mod heard;
mod media;
mod mind;
mod node;
mod registration;
mod script;
mod usage;

use std::net::SocketAddr;

use sip::dialog::RequestId;
use sip::name::{ConnectionId, Flow, Ids, Transport, UriRef};
use sip::time::Instant;
use sip::transaction::{Layer, Timers, Transmit};

use self::call::Call;
use self::registration::Registration;
use crate::net::{Handle, VirtualNet};

pub use self::heard::{Heard, What};
pub use self::media::{Direction, Media};
pub use self::script::{Deed, Script};

/// Whose a client transaction is.
#[derive(Clone, Copy, Debug)]
enum Owner {
    Registration,
    Call(u32, RequestId),
    /// A BYE out of turn.
    Rude,
}

/// The phone. See the [module](self).
#[derive(Debug)]
pub struct Phone {
    aor: String,
    name: Option<String>,
    user_agent: String,
    q: Option<String>,
    address: SocketAddr,
    server: SocketAddr,
    transport: Transport,
    ids: Ids,
    layer: Layer<Owner>,
    script: Script,
    registration: Registration,
    calls: Vec<Call>,
    calls_made: u32,
    heard: Vec<Heard>,
}

impl Phone {
    /// A phone of `aor` (`sip:alice@click.test`) at `address`, which talks to `server` over UDP.
    pub fn new(aor: &str, address: SocketAddr, server: SocketAddr) -> Self {
        let mut seed = [0; 32];
        for (octet, of_name) in seed.iter_mut().zip(aor.bytes().rev()) {
            *octet = of_name;
        }
        // Two phones of one AOR are two phones.
        for (octet, of_address) in seed.iter_mut().rev().zip(address.to_string().bytes().rev()) {
            *octet ^= of_address;
        }
        let mut ids = Ids::new(seed, 0);
        let secret = std::array::from_fn(|at| seed[at]);
        Self {
            aor: aor.to_owned(),
            name: None,
            user_agent: "scripted/1".to_owned(),
            q: None,
            address,
            server,
            transport: Transport::Udp,
            registration: Registration::new(&mut ids),
            ids,
            layer: Layer::new(Timers::RFC, 1_000, secret),
            script: Script::default(),
            calls: Vec::new(),
            calls_made: 0,
            heard: Vec::new(),
        }
    }

    /// Registers with this display name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Says that it is this device.
    #[must_use]
    pub fn made_by(mut self, user_agent: &str) -> Self {
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// Registers with this preference, such as `0.5`.
    #[must_use]
    pub fn preferred(mut self, q: &str) -> Self {
        self.q = Some(q.to_owned());
        self
    }

    /// Talks to the server over another transport.
    #[must_use]
    pub fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Behaves so from the next INVITE on.
    #[must_use]
    pub fn scripted(mut self, script: Script) -> Self {
        self.script = script;
        self
    }

    /// Joins the network, under the user part of its AOR.
    pub fn join(self, net: &mut VirtualNet) -> Handle<Self> {
        let (name, address) = (self.user().to_owned(), self.address);
        net.add(&name, &[address], self)
    }

    /// Behaves otherwise from the next INVITE on.
    pub fn set_script(&mut self, script: Script) {
        self.script = script;
    }

    /// Registers for so many seconds, or unregisters (0).
    pub fn register(&mut self, now: Instant, expires: u32, out: &mut Vec<Transmit>) {
        self.send_register(now, expires, out);
    }

    /// Does something by hand in its last call; without a call nothing.
    pub fn act(&mut self, now: Instant, deed: Deed, out: &mut Vec<Transmit>) {
        if let Some(call) = self.calls.last() {
            let call = call.number();
            self.carry_out(now, call, deed, out);
        }
    }

    /// Forgets what its owner lived through; how often it was registered meanwhile.
    pub fn forget(&mut self) -> usize {
        let heard = std::mem::take(&mut self.heard);
        let is_registered = |heard: &&Heard| matches!(heard.what, What::Registered(1..));
        heard.iter().filter(is_registered).count()
    }

    /// What its owner lived through.
    pub fn heard(&self) -> &[Heard] {
        &self.heard
    }

    /// The same as lines of text, with the seconds since the clock started.
    pub fn story(&self) -> Vec<String> {
        self.heard.iter().map(ToString::to_string).collect()
    }

    /// Whether something like that happened.
    pub fn has_heard(&self, is_it: impl Fn(&What) -> bool) -> bool {
        self.heard.iter().any(|heard| is_it(&heard.what))
    }

    /// When something like that happened for the first time.
    pub fn when(&self, is_it: impl Fn(&What) -> bool) -> Option<Instant> {
        let first = self.heard.iter().find(|heard| is_it(&heard.what));
        first.map(|heard| heard.at)
    }

    /// Whether the last registration succeeded and was not one of 0 seconds.
    pub fn is_registered(&self) -> bool {
        self.registration.is_registered()
    }

    /// Whether it rings.
    pub fn is_ringing(&self) -> bool {
        self.calls.iter().any(Call::is_ringing)
    }

    /// Whether it was answered, and the call is not over.
    pub fn is_off_hook(&self) -> bool {
        self.calls.iter().any(Call::is_answered)
    }

    /// Whether its script makes it ignore a BYE, so that it cannot know when a call is over.
    pub fn ignores_bye(&self) -> bool {
        self.script.quirks.ignores_bye
    }

    /// Where its audio goes: what the other party of the open call last described.
    pub fn talks_to(&self) -> Option<Media> {
        self.calls.iter().find_map(Call::talks_to)
    }

    /// Where it wants its own audio.
    pub fn audio_address(&self) -> SocketAddr {
        SocketAddr::new(self.address.ip(), 40_000)
    }

    fn user(&self) -> &str {
        let uri = UriRef::parse(&self.aor).ok();
        uri.and_then(|uri| uri.user()).unwrap_or("phone")
    }

    /// Where requests reach it, as the URI of its Contact.
    fn contact_uri(&self) -> String {
        let transport = self.transport.uri_param();
        format!("sip:{}@{};transport={transport}", self.user(), self.address)
    }

    /// The way to the server.
    fn flow(&self) -> Flow {
        Flow {
            transport: self.transport,
            local: self.address,
            peer: self.server,
            connection: ConnectionId::NONE,
        }
    }

    fn hears(&mut self, at: Instant, what: What) {
        self.heard.push(Heard { at, what });
    }
}
