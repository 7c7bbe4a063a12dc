//! Lookups of one shard: asks the DNS what [`locate`] wants to know, on the thread of the shard, while the shard goes on.
//!
//! Bounded: so many at once, and none longer than a request waits for it. Knows which socket leads to a server.

#![expect(
    clippy::disallowed_methods,
    reason = "a lookup is a task, with a time limit"
)]

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;

use futures_util::future::join_all;
use sip::name::{ConnectionId, Flow, Ids, Transport};
use tokio::task::spawn_local;
use tokio::time::timeout;

use super::mailbox::{Letter, Mailboxes};
use crate::limits;
use crate::locate::{Answers, Means, Missing, Server, Sought, Unlocated, locate};
use crate::proxy::Lookup;
use crate::transport::dns::{Dns, NoAnswer};
use crate::transport::{Bound, route_to};

/// What came of a lookup.
pub(super) type Found = Result<Vec<Flow>, Unlocated>;

/// See the module. Within a `LocalSet` only.
#[derive(Clone)]
pub(super) struct Lookups(Rc<Inner>);

struct Inner {
    shard: u8,
    dns: Dns,
    bound: Box<[Bound]>,
    means: Means,
    under_way: Cell<usize>,
    /// For the lots of SRV records.
    ids: RefCell<Ids>,
    mailboxes: Mailboxes,
}

impl Lookups {
    pub(super) fn new(
        shard: u8,
        dns: Dns,
        bound: Box<[Bound]>,
        tls: bool,
        ids: Ids,
        mailboxes: Mailboxes,
    ) -> Self {
        let speaks = |transport| bound.iter().any(|bound| bound.transport == transport);
        let means = Means {
            udp: speaks(Transport::Udp),
            tcp: speaks(Transport::Tcp),
            tls: tls && speaks(Transport::Tls),
            v4: bound.iter().any(|bound| bound.addr.is_ipv4()),
            v6: bound.iter().any(|bound| bound.addr.is_ipv6()),
        };
        Self(Rc::new(Inner {
            shard,
            dns,
            bound,
            means,
            under_way: Cell::new(0),
            ids: RefCell::new(ids),
            mailboxes,
        }))
    }

    /// Begins one. What needs nobody to be asked is told at once, all else by [`Letter::Located`].
    pub(super) fn begin(&self, lookup: Lookup, sought: Sought) -> Option<Found> {
        let inner = &self.0;
        if let Ok(servers) = inner.locate(&sought, &Answers::default()) {
            return Some(inner.ways(&servers));
        }
        if inner.under_way.get() >= limits::LOOKUPS {
            tracing::warn!(host = %sought.host, "not looked for: too many lookups are under way");
            return Some(Err(Unlocated::Busy));
        }
        inner.under_way.set(inner.under_way.get() + 1);
        let lookups = self.clone();
        spawn_local(async move {
            let inner = lookups.0;
            let found = timeout(limits::LOOKUP_TIME, inner.search(&sought)).await;
            let found = found.unwrap_or(Err(Unlocated::NoAnswer));
            inner.under_way.set(inner.under_way.get() - 1);
            tracing::debug!(?sought, ?found, "looked for servers");
            let letter = Letter::Located(lookup, found);
            inner.mailboxes.insist(inner.shard, letter);
        });
        None
    }
}

impl Inner {
    async fn search(&self, sought: &Sought) -> Found {
        let mut answers = Answers::default();
        loop {
            let Missing(questions) = match self.locate(sought, &answers) {
                Ok(servers) => return self.ways(&servers),
                Err(missing) => missing,
            };
            let asked = join_all(questions.iter().map(|question| self.dns.ask(question))).await;
            for (question, records) in questions.into_iter().zip(asked) {
                match records {
                    Ok(records) => answers.put(question, records),
                    Err(NoAnswer) => return Err(Unlocated::NoAnswer),
                }
            }
        }
    }

    fn locate(&self, sought: &Sought, answers: &Answers) -> Result<Vec<Server>, Missing> {
        let mut random = |most: u32| {
            let drawn = self.ids.borrow_mut().random_u64() % (u64::from(most) + 1);
            u32::try_from(drawn).unwrap_or(0)
        };
        locate(sought, self.means, answers, &mut random)
    }

    fn ways(&self, servers: &[Server]) -> Found {
        let ways: Vec<_> = servers
            .iter()
            .filter_map(|server| self.way(server))
            .collect();
        if ways.is_empty() {
            Err(Unlocated::Nowhere)
        } else {
            Ok(ways)
        }
    }

    /// By the socket of ours that speaks so, from the address that the way to the server starts at.
    fn way(&self, server: &Server) -> Option<Flow> {
        let fits = |bound: &&Bound| {
            bound.transport == server.transport && bound.addr.is_ipv4() == server.address.is_ipv4()
        };
        let start = route_to(server.address)?;
        let reaches = |bound: &&Bound| bound.addr.ip().is_unspecified() || bound.addr.ip() == start;
        let mut bound = self.bound.iter().filter(fits);
        let bound = bound.clone().find(reaches).or_else(|| bound.next())?;
        let ip = match bound.addr.ip() {
            any if any.is_unspecified() => start,
            one => one,
        };
        Some(Flow {
            transport: server.transport,
            local: SocketAddr::new(ip, bound.addr.port()),
            peer: server.address,
            connection: ConnectionId::NONE,
        })
    }
}
