//! Threads, the clock and the traffic between shards: what turns pure state machines into a running server.
//!
//! Each shard is a thread with an event loop of its own, its own sockets, and one [`Switch`]. A message that came
//! to another shard than the one it belongs to is passed on by a bounded mailbox. Knows nothing of pages.

mod allowance;
mod clock;
mod counters;
mod handle;
mod lookups;
mod mailbox;
mod overload;
mod reception;
mod shard;
mod teller;
#[cfg(test)]
mod tests;
mod wire;

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::thread::{Builder, JoinHandle};

use bytes::Bytes;
use sip::name::{Ids, Owners};
use sip::transaction::Timers;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

pub use clock::Clock;
pub use counters::Counters;
pub use handle::{Handle, Refused};

use crate::auth::Auth;
use crate::call::Tally;
use crate::config::{Config, LocalNetworks};
use crate::event::{CallRef, Event};
use crate::identity::Identity;
use crate::limits;
use crate::location::Location;
use crate::router::Router;
use crate::store::Ledger;
use crate::switch::{Setup, Switch};
use crate::transport::dns::Dns;
use crate::transport::stream::{self, Admission, Context, Table, listen};
use crate::transport::udp::UdpPort;
use crate::transport::{Bound, OriginRule, ShardSockets, networks, unreachable};
use allowance::Allowance;
use handle::Shared;
use lookups::Lookups;
use mailbox::{Letter, Mailboxes};
use shard::Shard;
use teller::Teller;

/// All shards, running.
#[derive(Debug)]
pub struct Runtime {
    /// Speaks to them.
    pub handle: Handle,
    threads: Vec<JoinHandle<()>>,
    ends: Vec<oneshot::Receiver<()>>,
}

impl Runtime {
    /// Starts one shard on each of `sockets`, as [`crate::transport::bind`] gave them. The events tell what happens in
    /// them, in the order in which each of them tells it, and end when all have stopped.
    pub fn start(
        config: Arc<Config>,
        sockets: Vec<ShardSockets>,
        bound: Vec<Bound>,
    ) -> io::Result<(Self, mpsc::Receiver<Event>)> {
        let shards = u8::try_from(sockets.len()).unwrap_or(u8::MAX);
        let location = Arc::new(Location::new(shards, config.limits.aors));
        let kept = Kept::default();
        Self::resume(config, Arc::default(), sockets, bound, location, kept)
    }

    /// The same with applications of one's own, with those registered whom `location` holds, which has a partition for each
    /// shard, and with the calls of an earlier process.
    pub fn resume(
        config: Arc<Config>,
        router: Arc<Router>,
        sockets: Vec<ShardSockets>,
        bound: Vec<Bound>,
        location: Arc<Location>,
        kept: Kept,
    ) -> io::Result<(Self, mpsc::Receiver<Event>)> {
        let (told, events) = mpsc::channel(limits::EVENTS);
        Ok((
            Self::telling(config, router, sockets, bound, location, kept, told)?,
            events,
        ))
    }

    fn telling(
        config: Arc<Config>,
        router: Arc<Router>,
        sockets: Vec<ShardSockets>,
        bound: Vec<Bound>,
        location: Arc<Location>,
        kept: Kept,
        told: mpsc::Sender<Event>,
    ) -> io::Result<Self> {
        let shards = u8::try_from(sockets.len()).unwrap_or(u8::MAX);
        let Kept { ledger, calls } = kept;
        let mut calls = by_shard(calls, shards).into_iter();
        let (mailboxes, letters) = Mailboxes::new(shards);
        let owners = Owners::new(shards, random()?);
        let auth = Arc::new(Auth::new(&config, &random()?));
        let handle = Handle(Arc::new(Shared {
            mailboxes,
            clock: Clock::start(),
            location,
            auth,
            router,
            tally: Arc::new(Tally::new(config.limits.calls)),
            origins: Arc::new(OriginRule::new(&config)),
            identity: identity(&config, &bound),
            bound: bound.into(),
            counters: (0..shards).map(|_| Arc::default()).collect(),
            draining: false.into(),
            idle: Arc::new(Notify::new()),
            config,
        }));
        let admission = {
            let limits = &handle.config().limits;
            Admission::new(limits.connections, limits.connections_per_source)
        };
        let mut runtime = Self {
            handle,
            threads: Vec::new(),
            ends: Vec::new(),
        };
        for (number, (sockets, letters)) in (0..shards).zip(sockets.into_iter().zip(letters)) {
            let plan = Plan {
                number,
                shared: Arc::clone(&runtime.handle.0),
                sockets,
                letters,
                owners: owners.clone(),
                told: told.clone(),
                admission: Arc::clone(&admission),
                seed: random()?,
                ledger: ledger.clone(),
                saved: calls.next().unwrap_or_default(),
            };
            let (alive, end) = oneshot::channel();
            let thread = Builder::new()
                .name(format!("shard-{number}"))
                .spawn(move || {
                    // Dropped when the thread ends, however it ends.
                    let _alive: oneshot::Sender<()> = alive;
                    plan.run();
                })?;
            runtime.threads.push(thread);
            runtime.ends.push(end);
        }
        Ok(runtime)
    }

    /// Until a shard has ended, which none does before [`Runtime::stop`] unless something is broken.
    pub async fn shard_ended(&mut self) {
        poll_fn(|cx| {
            let ended = self
                .ends
                .iter_mut()
                .any(|end| Pin::new(end).poll(cx).is_ready());
            if ended {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Stops all shards, whatever they are doing, and waits until their sockets are closed.
    pub async fn stop(self) {
        self.handle.stop().await;
        for end in self.ends {
            // It is only ever dropped.
            let _ = end.await;
        }
        for thread in self.threads {
            // A panic has been told by the panic hook.
            let _ = thread.join();
        }
    }
}

/// Calls that outlive the process.
#[derive(Debug, Default)]
pub struct Kept {
    /// Where they are written down; `None`: nowhere.
    pub ledger: Option<Arc<Ledger>>,
    /// What stood there when the last process ended.
    pub calls: Vec<(CallRef, Bytes)>,
}

/// Each call to the shard that owns it: its Call-IDs lead there as well ([`CallRef::shard_among`]).
fn by_shard(calls: Vec<(CallRef, Bytes)>, shards: u8) -> Vec<Vec<(CallRef, Bytes)>> {
    let mut each = vec![Vec::new(); usize::from(shards)];
    for (call, state) in calls {
        if let Some(own) = each.get_mut(usize::from(call.shard_among(shards))) {
            own.push((call, state));
        }
    }
    each
}

/// By what the peers of a server with these settings and sockets know it.
fn identity(config: &Config, bound: &[Bound]) -> Identity {
    let addresses = bound.iter().map(|bound| bound.addr).collect();
    let identity = Identity::new(config, addresses);
    match config.sip.local_networks {
        LocalNetworks::Interfaces => identity.standing_in(networks().into()),
        LocalNetworks::Listed(_) => identity,
    }
}

/// Random octets from the system.
pub(crate) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut random = [0; N];
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where all randomness comes from"
    )]
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(random)
}

/// Everything a shard needs, on its way to its thread.
struct Plan {
    number: u8,
    shared: Arc<Shared>,
    sockets: ShardSockets,
    letters: mpsc::Receiver<Letter>,
    owners: Owners,
    told: mpsc::Sender<Event>,
    admission: Arc<Admission>,
    seed: [u8; 32],
    ledger: Option<Arc<Ledger>>,
    saved: Vec<(CallRef, Bytes)>,
}

impl Plan {
    fn run(self) {
        let number = self.number;
        let ran = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .and_then(|runtime| {
                let tasks = LocalSet::new();
                runtime.block_on(tasks.run_until(self.shard()))
            });
        if let Err(error) = ran {
            tracing::error!(shard = number, %error, "a shard cannot run");
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "sockets are read on the thread of their shard"
    )]
    async fn shard(self) -> io::Result<()> {
        let Self {
            number,
            shared,
            sockets,
            letters,
            owners,
            told,
            admission,
            seed,
            ledger,
            saved,
        } = self;
        let counters = Arc::clone(&shared.counters[usize::from(number)]);
        let (arrivals_in, arrivals) = mpsc::channel(limits::ARRIVALS);
        let context = Context::new(stream::Setup {
            shard: number,
            admission,
            traffic: Arc::clone(&counters.traffic),
            arrivals: arrivals_in,
            idle: shared.config.limits.connection_idle,
            bound: shared.bound.clone(),
            tls: sockets.tls.clone(),
            origins: Arc::clone(&shared.origins),
        });
        let ports = sockets
            .udp
            .into_iter()
            .map(|socket| UdpPort::new(socket).map(Rc::new));
        let ports = ports.collect::<io::Result<Vec<_>>>()?;
        for port in &ports {
            spawn_local(unreachable::watch(
                Rc::clone(port),
                context.arrivals.clone(),
            ));
        }
        for (transport, listener) in sockets.streams {
            let listener = TcpListener::from_std(listener)?;
            spawn_local(listen(transport, listener, context.clone()));
        }
        let mut seeds = Ids::new(seed, number);
        let lookups = Lookups::new(
            number,
            Dns::new(shared.config.sip.dns.clone()),
            shared.bound.clone(),
            sockets.tls.is_some_and(|tls| tls.connector().is_some()),
            Ids::new(seeds.random_bytes(), number),
            shared.mailboxes.clone(),
        );
        let shard = Shard {
            number,
            lookups,
            clock: shared.clock,
            switch: Switch::new(Setup {
                shard: number,
                shards: shared.mailboxes.shards(),
                config: Arc::clone(&shared.config),
                identity: shared.identity.clone(),
                location: Arc::clone(&shared.location),
                auth: Arc::clone(&shared.auth),
                router: Arc::clone(&shared.router),
                tally: Arc::clone(&shared.tally),
                timers: Timers::RFC,
                seed: seeds.random_bytes(),
            }),
            owners,
            mailboxes: shared.mailboxes.clone(),
            letters,
            arrivals,
            ports,
            table: Table::new(context),
            teller: Teller::new(told, Arc::clone(&counters)),
            allowance: Allowance::new(shared.config.limits.requests_per_source),
            counters,
            idle: Arc::clone(&shared.idle),
            ledger,
        };
        drop(shared);
        shard.run(saved).await;
        Ok(())
    }
}
