//! `crosspoint user`: those who may log in.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sip::auth::{Algorithm, Hash};
use sip::name::Aor;

use super::{AdminError, import, password};
use crate::auth::User;
use crate::config;
use crate::store::Tables;

/// What can be done with users.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum UserCommand {
    /// Add one; the password is asked for, or read from standard input.
    Add {
        /// Whom.
        #[command(flatten)]
        who: Who,
        /// What else is known of him.
        #[command(flatten)]
        traits: Traits,
    },
    /// Set another password; it is asked for, or read from standard input.
    Passwd {
        /// Whom.
        #[command(flatten)]
        who: Who,
    },
    /// Change what else is known of one: what is given takes the place of what was there.
    Set {
        /// Whom.
        #[command(flatten)]
        who: Who,
        /// What else is known of him.
        #[command(flatten)]
        traits: Traits,
        /// Take all his aliases from him.
        #[arg(long, conflicts_with = "aliases")]
        no_aliases: bool,
        /// Take all his roles from him.
        #[arg(long, conflicts_with = "roles")]
        no_roles: bool,
        /// Whether he may log in.
        #[arg(long, value_name = "true|false")]
        enabled: Option<bool>,
    },
    /// Remove one.
    Remove {
        /// Whom.
        #[command(flatten)]
        who: Who,
    },
    /// List all, without what proves them.
    List,
    /// Take over a `users.properties` with lines NAME=HASH, the hash being MD5 of NAME:REALM:PASSWORD.
    Import {
        /// The file.
        file: PathBuf,
        /// Roles, with lines NAME=ROLE,ROLE [default: roles.properties beside the file, if it is there].
        #[arg(long, value_name = "FILE")]
        roles: Option<PathBuf>,
        /// The realm in which the hashes were made [default: `auth.realm`].
        #[arg(long)]
        realm: Option<String>,
        /// Change those who are there already; else they are left as they are.
        #[arg(long)]
        replace: bool,
    },
}

/// Whom it is about.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Who {
    /// What a phone sends as its user name: `alice`, or with a host `alice@example.org`.
    name: String,
    /// The realm that he belongs to [default: `auth.realm`].
    #[arg(long)]
    realm: Option<String>,
}

/// What can be said of a user.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Traits {
    /// An address of record that is his too; may be given several times.
    #[arg(long = "alias", value_name = "AOR", value_parser = aor)]
    aliases: Vec<Aor>,
    /// A role; may be given several times.
    #[arg(long = "role", value_name = "ROLE", value_parser = role)]
    roles: Vec<String>,
    /// What he is offered in place of the server's algorithms, best first; may be given several times.
    #[arg(long = "algorithm", value_name = "SHA-256|MD5", value_parser = algorithm)]
    algorithms: Vec<Algorithm>,
}

/// Octets of a name.
const NAME: usize = 64;

/// Does it.
pub(super) fn run(
    command: UserCommand,
    dir: &Path,
    settings: &config::Auth,
) -> Result<String, AdminError> {
    let of_server = &*settings.realm.0;
    match command {
        UserCommand::Add { who, traits } => {
            check(&who.name)?;
            let mut tables = Tables::open(dir)?;
            let (name, realm) = who.read(of_server);
            if tables.user(&realm, &name)?.is_some() {
                return Err(AdminError::UserExists { name, realm });
            }
            let mut user = User::new(&name, &realm, &password::read(&name)?);
            traits.give(&mut user)?;
            tables.put_users(&[user])?;
            Ok(format!("{name} is added\n"))
        }
        UserCommand::Passwd { who } => {
            let mut tables = Tables::find(dir)?;
            let (name, realm) = who.read(of_server);
            let before = find(&tables, &name, &realm)?;
            let fresh = User::new(&name, &realm, &password::read(&name)?);
            // An import offers MD5 alone because it knows no other hash; now it does.
            let algorithms = before.algorithms.clone().filter(|_| knows_sha256(&before));
            let user = User {
                ha1_md5: fresh.ha1_md5,
                ha1_sha256: fresh.ha1_sha256,
                algorithms,
                ..before
            };
            tables.put_users(&[user])?;
            Ok(format!("{name} has another password\n"))
        }
        UserCommand::Set {
            who,
            traits,
            no_aliases,
            no_roles,
            enabled,
        } => {
            let mut tables = Tables::find(dir)?;
            let (name, realm) = who.read(of_server);
            let mut user = find(&tables, &name, &realm)?;
            if no_aliases {
                user.aliases.clear();
            }
            if no_roles {
                user.roles.clear();
            }
            traits.give(&mut user)?;
            user.enabled = enabled.unwrap_or(user.enabled);
            let text = format!("{}\n", line(&user));
            tables.put_users(&[user])?;
            Ok(text)
        }
        UserCommand::Remove { who } => {
            let tables = Tables::find(dir)?;
            let (name, realm) = who.read(of_server);
            if !tables.remove_user(&realm, &name)? {
                return Err(AdminError::NoSuchUser { name, realm });
            }
            Ok(format!("{name} is removed\n"))
        }
        UserCommand::List => {
            let users = Tables::find(dir)?.users()?;
            let mut text = String::new();
            for user in &users {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{}", line(user));
            }
            if users.is_empty() {
                text.push_str("there are no users\n");
            }
            Ok(text)
        }
        UserCommand::Import {
            file,
            roles,
            realm,
            replace,
        } => {
            let realm = realm.unwrap_or_else(|| of_server.to_owned());
            let found = import::read(&file, roles.as_deref(), &realm)?;
            let mut tables = Tables::open(dir)?;
            let (mut users, mut left) = (Vec::new(), 0);
            for user in found {
                if !replace && tables.user(&user.realm, &user.name)?.is_some() {
                    left += 1;
                } else {
                    users.push(user);
                }
            }
            tables.put_users(&users)?;
            let mut text = format!(
                "{} users are imported into the realm {realm:?}\n",
                users.len()
            );
            if realm != of_server {
                let _ = writeln!(
                    text,
                    "their phones can log in when `auth.realm` is {realm:?}; it is {of_server:?} now"
                );
            }
            if left > 0 {
                let _ = writeln!(
                    text,
                    "{left} were there already and are left as they are; --replace changes them"
                );
            }
            Ok(text)
        }
    }
}

impl Who {
    /// Name and realm.
    fn read(self, of_server: &str) -> (String, String) {
        let realm = self.realm.unwrap_or_else(|| of_server.to_owned());
        (self.name, realm)
    }
}

fn find(tables: &Tables, name: &str, realm: &str) -> Result<User, AdminError> {
    let found = tables.user(realm, name)?;
    found.ok_or_else(|| AdminError::NoSuchUser {
        name: name.to_owned(),
        realm: realm.to_owned(),
    })
}

impl Traits {
    fn give(self, user: &mut User) -> Result<(), AdminError> {
        if !self.aliases.is_empty() {
            user.aliases = self.aliases;
        }
        if !self.roles.is_empty() {
            user.roles = self.roles.into_iter().map(Into::into).collect();
        }
        if !self.algorithms.is_empty() {
            let md5_only = self.algorithms.iter().all(|each| each.hash() == Hash::Md5);
            if !md5_only && !knows_sha256(user) {
                let name = user.name.to_string();
                return Err(AdminError::OnlyMd5 { name });
            }
            user.algorithms = Some(self.algorithms);
        }
        Ok(())
    }
}

/// Whether a name can be sent by phones and told apart: it stands between quotes and before a colon.
pub(super) fn check(name: &str) -> Result<(), AdminError> {
    let is_good = |c: char| !c.is_whitespace() && !c.is_control() && !"\":\\".contains(c);
    if !name.is_empty() && name.len() <= NAME && name.chars().all(is_good) {
        return Ok(());
    }
    Err(AdminError::BadName {
        name: name.to_owned(),
    })
}

fn knows_sha256(user: &User) -> bool {
    user.ha1_sha256 != [0; 32]
}

/// One user in one line, without what proves him.
fn line(user: &User) -> String {
    let mut line = format!("{}  realm {}", user.name, user.realm);
    let mut more = |what: &str, values: Vec<&str>| {
        if !values.is_empty() {
            let _ = write!(line, "  {what} {}", values.join(","));
        }
    };
    more("aliases", user.aliases.iter().map(Aor::as_str).collect());
    more("roles", user.roles.iter().map(AsRef::as_ref).collect());
    let algorithms = user.algorithms.iter().flatten();
    more("algorithms", algorithms.map(|each| each.as_str()).collect());
    if !user.enabled {
        line.push_str("  disabled");
    }
    line
}

fn aor(text: &str) -> Result<Aor, String> {
    Aor::parse(text).map_err(|error| format!("{error}; it must be like sip:alice@example.org"))
}

fn role(text: &str) -> Result<String, String> {
    let is_good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !text.is_empty() && text.len() <= NAME && text.chars().all(is_good) {
        return Ok(text.to_owned());
    }
    Err("it must be a word of letters, digits, '-', '_' and '.'".to_owned())
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    Algorithm::parse(text.as_bytes()).ok_or_else(|| "it must be SHA-256 or MD5".to_owned())
}
