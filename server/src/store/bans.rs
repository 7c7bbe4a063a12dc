//! Bans as rows. Times are milliseconds since 1970.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};
use sip::time::Instant;

use super::bindings::{instant, millis};
use super::mirror::{Mirrored, Rows};
use crate::auth::{Auth, Culprit, Offence, Offender};

/// A ban, as a command shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// Who.
    pub who: Culprit,
    /// When it began, as `2026-01-01 12:00:00Z`.
    pub since: String,
    /// When it ends, alike.
    pub until: String,
    /// What the last failure was.
    pub offence: Offence,
    /// How many there were.
    pub failures: u64,
}

/// Their table.
pub(super) enum Bans {}

/// How long, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sentence {
    since: i64,
    until: i64,
    failures: i64,
    offence: Offence,
}

impl Mirrored for Bans {
    type Key = Culprit;
    type Value = Sentence;

    fn standing(auth: &Auth, now: Instant) -> Rows<Self> {
        let all = auth.bans().list(now).into_iter();
        all.filter_map(|offender| {
            let sentence = Sentence {
                since: millis(offender.banned_since?),
                until: millis(offender.banned_until?),
                failures: i64::try_from(offender.failures).unwrap_or(i64::MAX),
                offence: offender.offence,
            };
            Some((offender.who, sentence))
        })
        .collect()
    }

    fn restore(auth: &Auth, now: Instant, who: &Culprit, sentence: &Sentence) {
        let offender = Offender {
            who: who.clone(),
            failures: u64::try_from(sentence.failures).unwrap_or(0),
            offence: sentence.offence,
            banned_since: Some(instant(sentence.since)),
            banned_until: Some(instant(sentence.until)),
        };
        auth.bans().restore(now, offender);
    }

    fn lift(auth: &Auth, who: &Culprit) {
        if auth.bans().clear(Some(who)) > 0 {
            tracing::info!(?who, "ban lifted by command");
        }
    }

    fn read(db: &Connection) -> rusqlite::Result<Rows<Self>> {
        let mut rows = db.prepare("SELECT kind, who, since, until, failures, offence FROM bans")?;
        let mut rows = rows.query([])?;
        let mut found = BTreeMap::new();
        while let Some(row) = rows.next()? {
            if let (Some(who), Some(offence)) = (culprit(row)?, offence(row)?) {
                let sentence = Sentence {
                    since: row.get("since")?,
                    until: row.get("until")?,
                    failures: row.get("failures")?,
                    offence,
                };
                found.insert(who, sentence);
            }
        }
        Ok(found)
    }

    fn put(db: &Connection, who: &Culprit, sentence: &Sentence) -> rusqlite::Result<()> {
        let (kind, text) = words(who);
        let Sentence {
            since,
            until,
            failures,
            offence,
        } = *sentence;
        db.execute(
            "INSERT OR REPLACE INTO bans (kind, who, since, until, failures, offence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![kind, text, since, until, failures, word(offence)],
        )?;
        Ok(())
    }

    fn remove(db: &Connection, who: &Culprit) -> rusqlite::Result<bool> {
        let (kind, text) = words(who);
        let sql = "DELETE FROM bans WHERE kind = ?1 AND who = ?2";
        Ok(db.execute(sql, [kind, &text])? > 0)
    }
}

/// All that have not run out, the longest first.
pub(super) fn list(db: &Connection) -> rusqlite::Result<Vec<Ban>> {
    let mut rows = db.prepare(
        "SELECT kind, who, offence, failures,
                strftime('%Y-%m-%d %H:%M:%SZ', since / 1000, 'unixepoch') AS since,
                strftime('%Y-%m-%d %H:%M:%SZ', until / 1000, 'unixepoch') AS until
         FROM bans WHERE bans.until > unixepoch() * 1000 ORDER BY bans.until DESC, kind, who",
    )?;
    let mut rows = rows.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if let (Some(who), Some(offence)) = (culprit(row)?, offence(row)?) {
            found.push(Ban {
                who,
                since: row.get("since")?,
                until: row.get("until")?,
                offence,
                failures: u64::try_from(row.get::<_, i64>("failures")?).unwrap_or(0),
            });
        }
    }
    Ok(found)
}

fn culprit(row: &Row<'_>) -> rusqlite::Result<Option<Culprit>> {
    let (kind, who): (String, String) = (row.get("kind")?, row.get("who")?);
    Ok(match kind.as_str() {
        "source" => who.parse().ok().map(Culprit::Source),
        "user" => Some(Culprit::User(who.into())),
        _ => None,
    })
}

fn words(who: &Culprit) -> (&'static str, String) {
    match who {
        Culprit::Source(source) => ("source", source.to_string()),
        Culprit::User(user) => ("user", user.to_string()),
    }
}

const OFFENCES: [(Offence, &str); 2] = [
    (Offence::Password, "password"),
    (Offence::Scanner, "scanner"),
];

fn offence(row: &Row<'_>) -> rusqlite::Result<Option<Offence>> {
    let word: String = row.get("offence")?;
    let known = OFFENCES.into_iter().find(|(_, name)| *name == word);
    Ok(known.map(|(offence, _)| offence))
}

fn word(offence: Offence) -> &'static str {
    match offence {
        Offence::Password => OFFENCES[0].1,
        Offence::Scanner => OFFENCES[1].1,
    }
}
