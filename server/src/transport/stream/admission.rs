//! How many connections there may be, over all shards and from one source.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts connections against their limits.
#[derive(Debug)]
pub(crate) struct Admission {
    limit: u32,
    limit_per_source: u32,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: u32,
    by_source: HashMap<IpAddr, u32>,
}

/// Leave to have one connection, given back when dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    admission: Arc<Admission>,
    source: Option<IpAddr>,
}

/// Which limit is reached. Both name their setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("limits.connections")]
    All,
    #[error("limits.connections_per_source")]
    Source,
}

impl Admission {
    pub(crate) fn new(limit: u32, limit_per_source: u32) -> Arc<Self> {
        Arc::new(Self {
            limit,
            limit_per_source,
            open: Mutex::default(),
        })
    }

    /// Leave to keep a connection that `peer` opened.
    pub(crate) fn accept(self: &Arc<Self>, peer: IpAddr) -> Result<Permit, Refused> {
        let source = source(peer);
        let mut open = self.lock();
        if open.all >= self.limit {
            return Err(Refused::All);
        }
        let of_source = open.by_source.entry(source).or_default();
        if *of_source >= self.limit_per_source {
            return Err(Refused::Source);
        }
        *of_source += 1;
        open.all += 1;
        Ok(Permit {
            admission: Arc::clone(self),
            source: Some(source),
        })
    }

    /// Leave to open a connection ourselves.
    pub(crate) fn open(self: &Arc<Self>) -> Result<Permit, Refused> {
        let mut open = self.lock();
        if open.all >= self.limit {
            return Err(Refused::All);
        }
        open.all += 1;
        Ok(Permit {
            admission: Arc::clone(self),
            source: None,
        })
    }

    /// Connections open now.
    pub(crate) fn open_now(&self) -> u32 {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // Nothing panics while it is held; counts are never half changed.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.admission.lock();
        open.all -= 1;
        if let Some(source) = self.source
            && let Some(count) = open.by_source.get_mut(&source)
        {
            *count -= 1;
            if *count == 0 {
                open.by_source.remove(&source);
            }
        }
    }
}

/// One subscriber has one IPv4 address, but a whole IPv6 network of 64 bits (RFC 6177).
pub(crate) fn source(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}
