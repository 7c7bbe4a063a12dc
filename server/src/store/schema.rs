//! The tables, as steps from each version to the next. A step that a release contained is never changed.

use rusqlite::{Connection, TransactionBehavior};

/// Marks a file as ours, in its header: `XPNT`.
pub(super) const APPLICATION: i32 = 0x5850_4E54;

/// Step *n* leads from version *n* to version *n* + 1.
const STEPS: &[&str] = &[
    // Where phones are reached. `rank` is the order among the bindings of one address of record, `connected` is 1 where
    // only the connection of the process that wrote it leads there. `expires` is in milliseconds since 1970, `q` in
    // thousandths. `clock` is the time of the last commit, to see that the clock was set back.
    "
    CREATE TABLE bindings (
        aor TEXT NOT NULL,
        rank INTEGER NOT NULL,
        contact TEXT NOT NULL,
        transport TEXT NOT NULL,
        local TEXT NOT NULL,
        peer TEXT NOT NULL,
        connected INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        cseq INTEGER NOT NULL,
        call_id TEXT NOT NULL,
        q INTEGER NOT NULL,
        reg_id INTEGER,
        instance TEXT,
        path TEXT,
        display_name TEXT,
        user_agent TEXT,
        PRIMARY KEY (aor, rank)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE clock (at INTEGER NOT NULL) STRICT;
    INSERT INTO clock VALUES (0);
    ",
    // Who may log in. `ha1_*` are the hashes of `name:realm:password`; where SHA-256 is not known, `algorithms` names MD5
    // only. Lists are separated by blanks.
    "
    CREATE TABLE users (
        realm TEXT NOT NULL,
        name TEXT NOT NULL,
        ha1_md5 BLOB NOT NULL,
        ha1_sha256 BLOB,
        aliases TEXT NOT NULL,
        roles TEXT NOT NULL,
        algorithms TEXT,
        enabled INTEGER NOT NULL,
        PRIMARY KEY (realm, name)
    ) STRICT, WITHOUT ROWID;
    ",
    // Who has failed too often: `kind` is `source` (an address) or `user`; times in milliseconds since 1970.
    "
    CREATE TABLE bans (
        kind TEXT NOT NULL,
        who TEXT NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        offence TEXT NOT NULL,
        PRIMARY KEY (kind, who)
    ) STRICT, WITHOUT ROWID;
    ",
    // Phones that fall silent at two challenges: address of record and User-Agent; `since` in milliseconds since 1970.
    "
    CREATE TABLE quirks (
        address TEXT NOT NULL,
        agent TEXT NOT NULL,
        since INTEGER NOT NULL,
        PRIMARY KEY (address, agent)
    ) STRICT, WITHOUT ROWID;
    ",
    // By how many milliseconds `expires` may be earlier than what was granted; 0 after a clean end.
    "
    ALTER TABLE clock ADD COLUMN slack INTEGER NOT NULL DEFAULT 0;
    ",
    // `call` is the 16 octets of a call's reference, a UUID version 7: in its order calls were opened. `calls` has what a
    // call is taken up from again at a start, `unfinished` the records of calls that are not over, `records` those of calls
    // that are (`record` is JSON), `parties` everybody who was in one, by address of record.
    "
    CREATE TABLE calls (call BLOB NOT NULL PRIMARY KEY, state BLOB NOT NULL) STRICT;
    CREATE TABLE unfinished (call BLOB NOT NULL PRIMARY KEY, state BLOB NOT NULL) STRICT;
    CREATE TABLE records (
        call BLOB NOT NULL PRIMARY KEY,
        outcome TEXT NOT NULL,
        placed TEXT NOT NULL,
        record TEXT NOT NULL
    ) STRICT;
    CREATE TABLE parties (
        aor TEXT NOT NULL,
        call BLOB NOT NULL,
        PRIMARY KEY (aor, call)
    ) STRICT, WITHOUT ROWID;
    ",
];

/// The version that this program writes.
pub(super) fn latest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// The version of a database; 0 when it has no tables yet.
pub(super) fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Takes all steps that are missing, all or none.
pub(super) fn upgrade(db: &mut Connection) -> rusqlite::Result<()> {
    upgrade_to(db, latest())
}

/// The same, not further than to that version.
pub(super) fn upgrade_to(db: &mut Connection, wanted: i64) -> rusqlite::Result<()> {
    if version(db)? >= wanted {
        return Ok(());
    }
    let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another program may have been faster.
    let from = version(&step)?;
    for (number, sql) in (1..).zip(STEPS) {
        if (from + 1..=wanted).contains(&number) {
            step.execute_batch(sql)?;
        }
    }
    step.pragma_update(None, "application_id", APPLICATION)?;
    step.pragma_update(None, "user_version", from.max(wanted))?;
    step.commit()
}
