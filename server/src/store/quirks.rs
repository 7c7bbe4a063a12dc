//! Phones that were found to fall silent at two challenges, as rows. Times are milliseconds since 1970.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use sip::time::Instant;

use super::bindings::{instant, millis};
use super::mirror::{Mirrored, Rows};
use crate::auth::{Auth, SilentPhone};

/// A phone that is offered MD5 alone, as a command shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quirk {
    /// Which.
    pub phone: SilentPhone,
    /// When it was found out, as `2026-01-01 12:00:00Z`.
    pub since: String,
}

/// Their table.
pub(super) enum Quirks {}

impl Mirrored for Quirks {
    type Key = SilentPhone;
    type Value = i64;

    fn standing(auth: &Auth, now: Instant) -> Rows<Self> {
        let all = auth.learning().silent(now).into_iter();
        all.map(|(phone, since)| (phone, millis(since))).collect()
    }

    fn restore(auth: &Auth, now: Instant, phone: &SilentPhone, since: &i64) {
        auth.learning().restore(now, phone, instant(*since));
    }

    fn lift(auth: &Auth, phone: &SilentPhone) {
        if auth.learning().forget(phone) {
            tracing::info!(?phone, "quirk forgotten by command");
        }
    }

    fn read(db: &Connection) -> rusqlite::Result<Rows<Self>> {
        let mut rows = db.prepare("SELECT address, agent, since FROM quirks")?;
        let rows = rows.query_map([], |row| {
            let phone = SilentPhone {
                address: row.get("address")?,
                agent: row.get("agent")?,
            };
            Ok((phone, row.get("since")?))
        })?;
        rows.collect::<rusqlite::Result<BTreeMap<_, _>>>()
    }

    fn put(db: &Connection, phone: &SilentPhone, since: &i64) -> rusqlite::Result<()> {
        db.execute(
            "INSERT OR REPLACE INTO quirks (address, agent, since) VALUES (?1, ?2, ?3)",
            params![phone.address, phone.agent, since],
        )?;
        Ok(())
    }

    fn remove(db: &Connection, phone: &SilentPhone) -> rusqlite::Result<bool> {
        let sql = "DELETE FROM quirks WHERE address = ?1 AND agent = ?2";
        Ok(db.execute(sql, params![phone.address, phone.agent])? > 0)
    }
}

/// All, by address.
pub(super) fn list(db: &Connection) -> rusqlite::Result<Vec<Quirk>> {
    let mut rows = db.prepare(
        "SELECT address, agent, strftime('%Y-%m-%d %H:%M:%SZ', since / 1000, 'unixepoch') AS since
         FROM quirks ORDER BY address, agent",
    )?;
    let rows = rows.query_map([], |row| {
        let phone = SilentPhone {
            address: row.get("address")?,
            agent: row.get("agent")?,
        };
        let since = row.get("since")?;
        Ok(Quirk { phone, since })
    })?;
    rows.collect()
}
