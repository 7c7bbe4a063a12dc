//! A running server in the test's own process, on free ports.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use server::config::Config;
use server::event::{CallChange, CallState, Event, Outcome, PhoneCause, What};
use server::runtime::{Handle, Runtime};
use server::transport::{self, Tls};
use sip::name::Transport;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longer than anything here takes on a busy machine; only a failure waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct House {
    pub(crate) handle: Handle,
    pub(crate) tls: Option<Arc<Tls>>,
    runtime: Runtime,
    events: mpsc::Receiver<Event>,
}

impl House {
    /// On 127.0.0.1, with so many shards.
    pub(crate) fn open(shards: u8) -> Self {
        Self::open_with(shards, |_| {})
    }

    /// The same with settings changed.
    pub(crate) fn open_with(shards: u8, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            shards,
            ..Config::default()
        };
        config.sip.udp = vec!["127.0.0.1:0".parse().unwrap()];
        config.sip.tcp = vec!["127.0.0.1:0".parse().unwrap()];
        config.sip.tls = Vec::new();
        config.sip.ws = Vec::new();
        config.sip.wss = Vec::new();
        change(&mut config);
        let tls = Tls::load(&config, None).unwrap();
        let (sockets, bound) = transport::bind(&config, shards, tls.as_ref()).unwrap();
        let (runtime, events) = Runtime::start(Arc::new(config), sockets, bound).unwrap();
        Self {
            handle: runtime.handle.clone(),
            tls,
            runtime,
            events,
        }
    }

    /// The first address of that transport.
    pub(crate) fn addr(&self, transport: Transport) -> SocketAddr {
        self.handle
            .bound()
            .iter()
            .find(|bound| bound.transport == transport)
            .unwrap()
            .addr
    }

    pub(crate) fn udp(&self) -> SocketAddr {
        self.addr(Transport::Udp)
    }

    pub(crate) fn tcp(&self) -> SocketAddr {
        self.addr(Transport::Tcp)
    }

    pub(crate) fn tls(&self) -> SocketAddr {
        self.addr(Transport::Tls)
    }

    /// A count, over all shards.
    pub(crate) fn count(
        &self,
        of: impl Fn(&server::runtime::Counters) -> &transport::Counter,
    ) -> u64 {
        self.handle
            .counters()
            .iter()
            .map(|counters| of(counters).get())
            .sum()
    }

    /// Until a count, over all shards, is `n`.
    pub(crate) async fn counted(
        &self,
        n: u64,
        of: impl Fn(&server::runtime::Counters) -> &transport::Counter,
    ) {
        let reached = async {
            while self.count(&of) != n {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, reached).await.expect("so many in time");
    }

    pub(crate) async fn event(&mut self) -> Event {
        timeout(PATIENCE, self.events.recv())
            .await
            .expect("an event in time")
            .expect("a running server")
    }

    /// The next news of a phone.
    pub(crate) async fn phone(&mut self) -> (String, PhoneCause) {
        loop {
            if let What::Phone(change) = self.event().await.what {
                return (change.aor.as_str().to_owned(), change.why);
            }
        }
    }

    /// The end of the next call that ends.
    pub(crate) async fn outcome(&mut self) -> Outcome {
        loop {
            if let What::Call(_, CallChange::State(CallState::Done(outcome))) =
                self.event().await.what
            {
                return outcome;
            }
        }
    }

    pub(crate) async fn close(self) {
        timeout(PATIENCE, self.runtime.stop())
            .await
            .expect("shards stop when told to");
    }
}
