//! What the tests of whole switches share: a server of one or more shards that stands on the virtual network, and
//! requests by hand.
//!
//! Every scenario runs with one shard and with four: [`with_shards`].

#![allow(
    dead_code,
    unused_imports,
    reason = "each test binary takes what it needs"
)]

pub mod house;
pub mod request;

use std::sync::Arc;

use server::config::Config;
use server::event::{Event, PhoneChange, What};
use testkit::net::{Handle, VirtualNet};

pub use house::{House, SERVER};
pub use request::{Request, addr};

/// Runs a scenario as a server with one core and one with four would.
pub fn with_shards(scenario: impl Fn(u8)) {
    for shards in [1, 4] {
        scenario(shards);
    }
}

/// A network on which only the server stands so far.
pub struct Stage {
    /// The network; phones join it.
    pub net: VirtualNet,
    /// The server on it, named `server`.
    pub house: Handle<House>,
}

impl Stage {
    /// A server with default settings.
    pub fn new(shards: u8) -> Self {
        Self::with_config(shards, Config::default())
    }

    /// A server with settings of its own.
    pub fn with_config(shards: u8, config: Config) -> Self {
        let mut net = VirtualNet::new(1);
        let house = net.add("server", &[SERVER], House::new(shards, Arc::new(config)));
        Self { net, house }
    }

    /// Everything that was told so far.
    pub fn events(&self) -> &[Event] {
        &self.net.node(self.house).events
    }

    /// What was told of phones so far.
    pub fn phones(&self) -> impl Iterator<Item = &PhoneChange> {
        self.events().iter().filter_map(|event| match &event.what {
            What::Phone(change) => Some(change),
            What::Call(..) => None,
        })
    }
}
