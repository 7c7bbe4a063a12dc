//! What the door knows of those who come ([`crate::auth`]): who is banned, and which phones cannot bear two challenges.

use rusqlite::{Connection, Transaction};
use sip::time::Instant;

use super::bans::Bans;
use super::mirror::{Mirror, Rows};
use super::quirks::Quirks;
use crate::auth::Auth;

/// The tables that follow it.
pub(super) struct Door {
    bans: Mirror<Bans>,
    quirks: Mirror<Quirks>,
}

impl Door {
    /// Takes back what is kept.
    pub(super) fn restore(db: &Connection, auth: &Auth, now: Instant) -> rusqlite::Result<Self> {
        Ok(Self {
            bans: Mirror::restore(db, auth, now)?,
            quirks: Mirror::restore(db, auth, now)?,
        })
    }

    /// Whether the tables say what stands in memory, as long as nobody else has changed them.
    pub(super) fn is_true(&self, auth: &Auth, now: Instant) -> bool {
        self.bans.is_true(auth, now) && self.quirks.is_true(auth, now)
    }

    /// See [`Mirror::follow`].
    pub(super) fn follow(
        &self,
        within: &Transaction<'_>,
        auth: &Auth,
        now: Instant,
    ) -> rusqlite::Result<(Rows<Bans>, Rows<Quirks>)> {
        Ok((
            self.bans.follow(within, auth, now)?,
            self.quirks.follow(within, auth, now)?,
        ))
    }

    pub(super) fn keep(&mut self, (bans, quirks): (Rows<Bans>, Rows<Quirks>)) {
        self.bans.keep(bans);
        self.quirks.keep(quirks);
    }
}
