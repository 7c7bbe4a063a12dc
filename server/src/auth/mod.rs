//! Who may do what: digest authentication (RFC 3261 section 22, RFC 7616, RFC 8760) in front of registrar and proxy.
//!
//! ```text
//! overlooks  scanners, and whoever has guessed too much: not even answered
//! judge      credentials -> user, or the response that refuses
//!   policy      which requests need proof
//!   users       what proves whom
//!   quirks, learning   which algorithms a phone is offered
//!   bans        who has failed too often
//! ```
//!
//! Shared by all shards, so that neither a nonce nor a failed attempt depends on the shard that a request came to; each
//! lock is one of many, and held for less than a microsecond. Pure: time, key and requests are arguments. Knows no
//! bindings, no calls, and not where users are kept.

mod bans;
mod judge;
mod learning;
mod ledger;
mod offer;
mod policy;
mod quirks;
mod response;
mod tally;
mod users;

use std::hash::RandomState;
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use sip::auth::{Counts, Nonces};
use sip::name::Aor;

pub use bans::{Bans, Culprit, Offence, Offender, Sentence};
pub use judge::{Desk, Subject};
pub use learning::{Learning, SilentPhone};
pub use quirks::{Quirks, QuirksError};
pub use tally::Tally;
pub use users::{User, Users};

use crate::config::Config;
use crate::limits;
use policy::Policy;

const PARTS: usize = 16;

/// The door that registrar and proxy stand behind.
#[derive(Debug)]
pub struct Auth {
    policy: Policy,
    users: Users,
    /// Whom an unknown user is taken for, so that looking costs the same; nobody knows the password.
    nobody: User,
    nonces: Nonces,
    lifetime: Duration,
    /// The next nonce.
    number: AtomicU32,
    counts: [Mutex<Counts>; PARTS],
    /// Tells a repeated request from a replayed one.
    requests: RandomState,
    quirks: Quirks,
    learning: Learning,
    bans: Bans,
    tally: Tally,
}

impl Auth {
    /// A door without users. The key is 32 random octets; another one makes all nonces stale.
    pub fn new(config: &Config, key: &[u8; 32]) -> Self {
        let nonces = Nonces::new(key);
        let lifetime = config.auth.nonce_lifetime;
        let secret = sip::auth::Hex::of(key);
        Self {
            policy: Policy::new(config),
            users: Users::new(),
            nobody: User::new("", "", secret.as_str()),
            nonces,
            lifetime,
            number: AtomicU32::new(0),
            counts: std::array::from_fn(|_| {
                Mutex::new(Counts::new(limits::NONCES / PARTS, lifetime))
            }),
            requests: RandomState::new(),
            quirks: Quirks::shipped(),
            learning: Learning::new(),
            bans: Bans::new(&config.auth),
            tally: Tally::default(),
        }
    }

    /// Who may log in. Changes count from the next request on.
    pub const fn users(&self) -> &Users {
        &self.users
    }

    /// Whether an address of record is that of a user, or an alias of one.
    pub fn knows(&self, aor: &Aor) -> bool {
        self.users.own(&self.policy.realm, aor)
    }

    /// Who has failed.
    pub const fn bans(&self) -> &Bans {
        &self.bans
    }

    /// What was learned of phones.
    pub const fn learning(&self) -> &Learning {
        &self.learning
    }

    /// What became of requests here.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The realm of users and passwords; `None` where nobody needs one.
    pub fn realm(&self) -> Option<&str> {
        (!self.is_open()).then_some(&*self.policy.realm)
    }

    /// Whether nobody needs a password.
    pub const fn is_open(&self) -> bool {
        self.policy.is_open()
    }
}
