//! Users as rows, and back. What proves a user is as good as his password: it is read here and nowhere shown.

use rusqlite::{Connection, OptionalExtension, Row, params};
use sip::auth::Algorithm;
use sip::name::Aor;

use crate::auth::User;

const COLUMNS: &str = "realm, name, ha1_md5, ha1_sha256, aliases, roles, algorithms, enabled";

/// All there are, by realm and name. Those whose rows nobody can read are left out, and counted.
pub(super) fn all(db: &Connection) -> rusqlite::Result<(Vec<User>, usize)> {
    let mut rows = db.prepare(&format!("SELECT {COLUMNS} FROM users ORDER BY realm, name"))?;
    let mut rows = rows.query([])?;
    let (mut users, mut unreadable) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        match read(row)? {
            Some(user) => users.push(user),
            None => unreadable += 1,
        }
    }
    Ok((users, unreadable))
}

/// The one of that name.
pub(super) fn find(db: &Connection, realm: &str, name: &str) -> rusqlite::Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE realm = ?1 AND name = ?2");
    let found = db.query_row(&sql, [realm, name], read).optional()?;
    Ok(found.flatten())
}

/// Adds one, or changes the one of that realm and name.
pub(super) fn put(db: &Connection, user: &User) -> rusqlite::Result<()> {
    let knows_sha256 = user.ha1_sha256 != [0; 32];
    let algorithms = user.algorithms.as_ref().map(|each| {
        let names: Vec<_> = each.iter().map(|algorithm| algorithm.as_str()).collect();
        names.join(" ")
    });
    let aliases: Vec<_> = user.aliases.iter().map(Aor::as_str).collect();
    db.execute(
        &format!(
            "INSERT OR REPLACE INTO users ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        ),
        params![
            user.realm,
            user.name,
            user.ha1_md5,
            knows_sha256.then_some(user.ha1_sha256),
            aliases.join(" "),
            user.roles.join(" "),
            algorithms,
            user.enabled,
        ],
    )?;
    Ok(())
}

/// Takes one out; `false` if there was none.
pub(super) fn remove(db: &Connection, realm: &str, name: &str) -> rusqlite::Result<bool> {
    let sql = "DELETE FROM users WHERE realm = ?1 AND name = ?2";
    Ok(db.execute(sql, [realm, name])? > 0)
}

/// `None` for a row that was not written here.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<User>> {
    let aliases: String = row.get("aliases")?;
    let roles: String = row.get("roles")?;
    let algorithms: Option<String> = row.get("algorithms")?;
    let sha256: Option<[u8; 32]> = row.get("ha1_sha256")?;
    let aliases = aliases.split_whitespace().map(Aor::parse).collect();
    let algorithms = algorithms
        .map(|names| {
            let each = names.split_whitespace();
            each.map(|name| Algorithm::parse(name.as_bytes())).collect()
        })
        .map_or(Some(None), |known: Option<Vec<_>>| known.map(Some));
    let (Ok(aliases), Some(algorithms)) = (aliases, algorithms) else {
        return Ok(None);
    };
    Ok(Some(User {
        realm: row.get("realm")?,
        name: row.get("name")?,
        ha1_md5: row.get("ha1_md5")?,
        ha1_sha256: sha256.unwrap_or([0; 32]),
        aliases,
        roles: roles.split_whitespace().map(Box::from).collect(),
        algorithms,
        enabled: row.get("enabled")?,
    }))
}
