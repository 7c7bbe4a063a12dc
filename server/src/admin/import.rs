//! Users of the original: `users.properties` with A1 hashes (RFC 2617 section 3.2.2.2), `roles.properties` beside it.
//!
//! Both are Java properties: `name=value` or `name:value`, `#` and `!` begin a comment, a backslash takes the next
//! character as it is.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use sip::auth::Algorithm;

use super::{AdminError, user};
use crate::auth::User;

/// All users of `users`, or everything that is wrong with it.
pub(super) fn read(
    users: &Path,
    roles: Option<&Path>,
    realm: &str,
) -> Result<Vec<User>, AdminError> {
    let beside = users.with_file_name("roles.properties");
    let roles = roles.or_else(|| beside.exists().then_some(&*beside));
    let mut faults = Vec::new();
    let mut playing: HashMap<String, Vec<Box<str>>> = HashMap::new();
    if let Some(roles) = roles {
        for (name, value, _) in properties(roles, &mut faults)? {
            let each = value.split(',').map(str::trim);
            let each = each.filter(|role| !role.is_empty()).map(Into::into);
            playing.insert(name, each.collect());
        }
    }
    let mut found: Vec<User> = Vec::new();
    for (name, value, place) in properties(users, &mut faults)? {
        if user::check(&name).is_err() {
            faults.push(format!("{place}: {name:?} cannot be a user's name"));
            continue;
        }
        let Some(ha1_md5) = hash(&value) else {
            faults.push(format!(
                "{place}: what stands for {name} is no A1 hash (32 hexadecimal digits); if it is a password, use `crosspoint user add {name}`"
            ));
            continue;
        };
        // Of two the later one counts, as Java has it.
        found.retain(|user| *user.name != *name);
        found.push(User {
            realm: realm.into(),
            ha1_md5,
            ha1_sha256: [0; 32],
            aliases: Vec::new(),
            roles: playing.remove(&name).unwrap_or_default(),
            algorithms: Some(vec![Algorithm::Md5]),
            enabled: true,
            name: name.into(),
        });
    }
    if faults.is_empty() {
        Ok(found)
    } else {
        Err(AdminError::Faults { faults })
    }
}

/// Name, value and place of each line.
fn properties(
    path: &Path,
    faults: &mut Vec<String>,
) -> Result<Vec<(String, String, String)>, AdminError> {
    let text = fs::read_to_string(path).map_err(|cause| AdminError::Unreadable {
        path: path.to_owned(),
        cause,
    })?;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let place = format!("{}, line {number}", path.display());
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        match split(line) {
            Some((name, value)) => found.push((name, value, place)),
            None => faults.push(format!("{place}: there is no `=`")),
        }
    }
    Ok(found)
}

/// At the first `=` or `:` that no backslash protects.
fn split(line: &str) -> Option<(String, String)> {
    let (mut name, mut chars) = (String::new(), line.chars());
    loop {
        match chars.next()? {
            '\\' => name.push(chars.next()?),
            '=' | ':' => break,
            c => name.push(c),
        }
    }
    Some((name.trim().to_owned(), chars.as_str().trim().to_owned()))
}

fn hash(text: &str) -> Option<[u8; 16]> {
    let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let octets = is_hex.then(|| u128::from_str_radix(text, 16).ok())??;
    Some(octets.to_be_bytes())
}
