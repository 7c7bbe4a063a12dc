//! Tables `[[peers]]`: other servers that calls come from and go to, such as the trunk of a telephone company.

use std::path::PathBuf;

use sip::auth::Login;
use sip::name::{Scheme, Uri};

use super::network::Network;
use super::value::{Found, Value, host, items, text};

/// One of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// What the log calls it.
    pub name: String,
    /// Domains that it serves, lower case; at least one. Calls to these go to it, if they come from our users.
    pub domains: Vec<String>,
    /// Where it is, if that is not where the DNS says that its domains are.
    pub server: Option<Uri>,
    /// What we log in with where it asks for a password.
    pub login: Option<Login>,
    /// Where that password stands.
    pub password_file: Option<PathBuf>,
    /// From where its calls to our users are let in without a password.
    pub sources: Vec<Network>,
    /// What numbers begin with that go to it, if nobody of ours has them.
    pub prefix: String,
}

/// What is wrong with a table.
pub(super) enum Fault {
    /// No such key; the one that looks most like it.
    Unknown(String, &'static str),
    /// A key with a value that is none: key, value, what would be right.
    Wrong(&'static str, String, &'static str),
}

const KEYS: [&str; 8] = [
    "peers.name",
    "peers.domains",
    "peers.server",
    "peers.user",
    "peers.password_file",
    "peers.realm",
    "peers.sources",
    "peers.prefix",
];

/// All that is wrong with the tables in `found`.
pub(super) fn faults(found: &Found) -> Vec<Fault> {
    match found {
        Found::List(tables) => tables.iter().filter_map(|it| read(it).err()).collect(),
        Found::Text(_)
        | Found::Integer(_)
        | Found::Boolean(_)
        | Found::Table(_)
        | Found::Other(_) => Vec::new(),
    }
}

fn read(found: &Found) -> Result<Peer, Fault> {
    let Found::Table(entries) = found else {
        let right = "a table such as { name = \"trunk\", domains = [\"sip.example.net\"] }";
        return Err(Fault::Wrong("peers", found.to_string(), right));
    };
    let mut peer = Peer::default();
    let (mut user, mut realm) = (String::new(), None);
    for (key, value) in entries {
        let wrong = |key, right| Fault::Wrong(key, value.to_string(), right);
        match key.as_str() {
            "name" => {
                peer.name = word(value).ok_or_else(|| wrong(KEYS[0], "a word for the log"))?;
            }
            "domains" => {
                let domains = items(value, host).filter(|domains| !domains.is_empty());
                let right = "a list of host names or addresses, at least one, such as [\"sip.example.net\"]";
                peer.domains = domains.ok_or_else(|| wrong(KEYS[1], right))?;
            }
            "server" => {
                let right =
                    "a SIP URI without a user, such as \"sip:192.0.2.7:5060;transport=tcp\"";
                let uri = text(value).and_then(|line| Uri::parse(line).ok());
                let is_server = |uri: &Uri| {
                    let uri = uri.as_ref();
                    uri.user().is_none() && matches!(uri.scheme(), Scheme::Sip | Scheme::Sips)
                };
                let uri = uri.filter(is_server);
                peer.server = Some(uri.ok_or_else(|| wrong(KEYS[2], right))?);
            }
            "user" => {
                user = word(value).ok_or_else(|| wrong(KEYS[3], "the user name at the peer"))?;
            }
            "password_file" => {
                let right = "a file that holds the password in its first line, and can be read";
                let path = word(value).ok_or_else(|| wrong(KEYS[4], right))?;
                peer.password_file = Some(path.into());
            }
            "realm" => {
                let right = "the realm in which the peer asks for the password";
                realm = Some(word(value).ok_or_else(|| wrong(KEYS[5], right))?);
            }
            "sources" => {
                let right =
                    "a list of addresses or networks, such as [\"192.0.2.7\", \"198.51.100.0/24\"]";
                let networks = items(value, |network| network.parse::<Network>().ok());
                peer.sources = networks.ok_or_else(|| wrong(KEYS[6], right))?;
            }
            "prefix" => {
                let right = "what numbers begin with, such as \"0\" or \"+\"";
                peer.prefix = word(value).ok_or_else(|| wrong(KEYS[7], right))?;
            }
            _ => {
                let distance =
                    |known: &&str| strsim::damerau_levenshtein(&known["peers.".len()..], key);
                let nearest = KEYS.into_iter().min_by_key(distance);
                return Err(Fault::Unknown(
                    format!("peers.{key}"),
                    nearest.unwrap_or("peers"),
                ));
            }
        }
    }
    if peer.domains.is_empty() {
        let right = "there, with at least one domain, in each [[peers]]";
        return Err(Fault::Wrong(KEYS[1], "missing".to_owned(), right));
    }
    if peer.name.is_empty() {
        peer.name.clone_from(&peer.domains[0]);
    }
    peer.login = login(&peer, user, realm)?;
    Ok(peer)
}

fn login(peer: &Peer, user: String, realm: Option<String>) -> Result<Option<Login>, Fault> {
    let Some(path) = &peer.password_file else {
        let right = "there while `peers.user` names a user";
        return if user.is_empty() {
            Ok(None)
        } else {
            Err(Fault::Wrong(KEYS[4], "missing".to_owned(), right))
        };
    };
    if user.is_empty() {
        let right = "there while `peers.password_file` names a password";
        return Err(Fault::Wrong(KEYS[3], "missing".to_owned(), right));
    }
    let right = "a file that holds the password in its first line, and can be read";
    let wrong = |why: String| Fault::Wrong(KEYS[4], format!("{:?} ({why})", path.display()), right);
    let file = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let password = file.lines().next().unwrap_or_default();
    if password.is_empty() {
        return Err(wrong("empty".to_owned()));
    }
    Ok(Some(Login {
        name: user.into(),
        password: password.into(),
        realm: realm.map(Into::into),
    }))
}

fn word(found: &Found) -> Option<String> {
    let line = text(found)?;
    let is_word = !line.is_empty() && !line.contains(|c: char| c.is_control());
    is_word.then(|| line.to_owned())
}

impl Value for Vec<Peer> {
    const RIGHT: &'static str =
        "a list of tables: [[peers]] with `domains`, and what else is known of each";

    fn read(found: &Found) -> Option<Self> {
        match found {
            Found::List(tables) => tables.iter().map(|table| read(table).ok()).collect(),
            Found::Text(line) if line.trim().is_empty() => Some(Vec::new()),
            Found::Text(_)
            | Found::Integer(_)
            | Found::Boolean(_)
            | Found::Table(_)
            | Found::Other(_) => None,
        }
    }

    fn show(&self) -> Found {
        Found::List(self.iter().map(shown).collect())
    }
}

/// Without the password: it stands in its file.
fn shown(peer: &Peer) -> Found {
    let word = |text: &str| Found::Text(text.to_owned());
    let mut table = vec![
        ("name".to_owned(), word(&peer.name)),
        ("domains".to_owned(), peer.domains.show()),
    ];
    let mut put = |key: &str, value: Option<Found>| {
        table.extend(value.map(|value| (key.to_owned(), value)));
    };
    put("server", peer.server.as_ref().map(|uri| word(uri.as_str())));
    put("user", peer.login.as_ref().map(|login| word(&login.name)));
    let path = peer.password_file.as_ref();
    put(
        "password_file",
        path.map(|path| word(&path.to_string_lossy())),
    );
    let realm = peer.login.as_ref().and_then(|login| login.realm.as_deref());
    put("realm", realm.map(word));
    let sources = peer.sources.iter().map(|it| Found::Text(it.to_string()));
    put("sources", Some(Found::List(sources.collect())));
    put(
        "prefix",
        (!peer.prefix.is_empty()).then(|| word(&peer.prefix)),
    );
    Found::Table(table)
}
