//! What a server knows when it starts: its users, and who was registered when the last one ended, if that is kept.

use std::sync::Arc;

use sip::name::Transport;

use crate::auth::User;
use crate::config::Config;
use crate::event::PhoneChange;
use crate::location::Location;
use crate::runtime::{Clock, Kept};
use crate::store::{self, Store, StoreError};
use crate::transport::Bound;

/// What there is before the first message comes.
pub(crate) struct Recalled {
    /// The location service of all shards.
    pub(crate) location: Arc<Location>,
    /// Where it is kept; `None`: nowhere.
    pub(crate) store: Option<Store>,
    /// Who stands in it, for the board.
    pub(crate) phones: Vec<PhoneChange>,
    /// Who may log in.
    pub(crate) users: Vec<User>,
    /// Calls that were under way, and where they are written down.
    pub(crate) kept: Kept,
}

/// Opens the store, if one is wanted, and takes back what it holds. `bound` are the sockets of this server.
pub(crate) fn recall(config: &Config, bound: &[Bound]) -> Result<Recalled, StoreError> {
    let location = Location::new(config.shard_count(), config.limits.aors);
    if config.store.ephemeral {
        tracing::info!("registrations are kept in memory only: a restart forgets them");
        return Ok(Recalled {
            location: Arc::new(location),
            store: None,
            phones: Vec::new(),
            users: Vec::new(),
            kept: Kept::default(),
        });
    }
    let dir = store::data_dir(&config.store, |name| std::env::var_os(name))?;
    let mut store = Store::open(&dir)?;
    let (now, longest) = (Clock::start().now(), config.sip.max_expires);
    let restored = store.restore(&location, now, longest, |local| {
        let mut sockets = bound.iter().filter(|it| it.transport == Transport::Udp);
        sockets.any(|socket| socket.serves(local))
    })?;
    let (users, unreadable) = store.users()?;
    if unreadable > 0 {
        tracing::warn!(unreadable, "not all users of the store can be read");
    }
    let (calls, unreadable) = store.calls()?;
    if unreadable > 0 {
        tracing::warn!(unreadable, "not all calls of the store can be read");
    }
    if let Some(back) = restored.clock_back {
        tracing::warn!(
            ?back,
            "the clock was set back since registrations were last kept; they are taken for as old as they were then"
        );
    }
    if restored.unreadable > 0 || restored.no_room > 0 {
        tracing::warn!(
            unreadable = restored.unreadable,
            no_room = restored.no_room,
            "not all kept registrations could be taken back"
        );
    }
    tracing::info!(
        data = %store.path().display(),
        users = users.len(),
        phones = restored.phones.len(),
        bindings = restored.bindings,
        unreachable = restored.unreachable,
        expired = restored.expired,
        slack = ?restored.slack,
        calls = calls.len(),
        "store open"
    );
    Ok(Recalled {
        location: Arc::new(location.watched(store.waker())),
        kept: Kept {
            ledger: Some(store.ledger()),
            calls,
        },
        store: Some(store),
        phones: restored.phones,
        users,
    })
}
