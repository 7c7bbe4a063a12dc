//! Section `[auth]`: its values, and how they are written.

use std::time::Duration;

use sip::auth::Algorithm;
use sip::msg::Method;

use super::value::{Found, Value, items, text};

/// Section `[auth]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    /// How a phone proves who it is.
    pub mode: AuthMode,
    /// The realm that users and passwords belong to.
    pub realm: Realm,
    /// What a phone may prove itself with, in the order in which it is offered (RFC 8760 section 2.4).
    pub algorithms: Vec<Algorithm>,
    /// Which requests need proof, and which role.
    pub methods: Vec<MethodRule>,
    /// For how long a phone may answer one challenge again and again.
    pub nonce_lifetime: Duration,
    /// Failures of one source or user after which it is answered slowly.
    pub slow_after: u32,
    /// Failures of one source or user after which it is banned; 0 lifts bans and slowness.
    pub ban_after: u32,
    /// How long a ban lasts, and how long as many failures as make one are remembered.
    pub ban_time: Duration,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            mode: AuthMode::OpenLab,
            realm: Realm("crosspoint".into()),
            algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
            methods: vec![MethodRule {
                method: None,
                role: None,
            }],
            nonce_lifetime: Duration::from_secs(300),
            slow_after: 5,
            ban_after: 20,
            ban_time: Duration::from_secs(600),
        }
    }
}

/// How a phone proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMode {
    /// Any user with any password, but only from loopback and private networks.
    OpenLab,
    /// By digest authentication (RFC 3261 section 22).
    Digest,
}

/// A realm: printable ASCII without quotes and backslashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realm(pub Box<str>);

/// Which requests need proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodRule {
    /// The method; `None` for all that no other rule names.
    pub method: Option<Method>,
    /// What the user must be.
    pub role: Option<Box<str>>,
}

impl Value for Realm {
    const RIGHT: &'static str = "a text without quotes and backslashes, such as \"crosspoint\" or \"example.org\", in which the users' passwords were set";

    fn read(found: &Found) -> Option<Self> {
        let is_plain = |b: u8| (b' '..0x7f).contains(&b) && !matches!(b, b'"' | b'\\');
        text(found)
            .filter(|realm| !realm.is_empty() && realm.len() <= 64 && realm.bytes().all(is_plain))
            .map(|realm| Self(realm.into()))
    }

    fn show(&self) -> Found {
        Found::Text(self.0.to_string())
    }
}

impl Value for Vec<Algorithm> {
    const RIGHT: &'static str = "a list, best first, of \"SHA-256\", \"MD5\", \"SHA-256-sess\", \"MD5-sess\", with at least one and none twice";

    fn read(found: &Found) -> Option<Self> {
        let algorithms = items(found, |item| Algorithm::parse(item.as_bytes()))?;
        let is_set = (1..algorithms.len()).all(|nth| !algorithms[..nth].contains(&algorithms[nth]));
        (is_set && !algorithms.is_empty()).then_some(algorithms)
    }

    fn show(&self) -> Found {
        Found::List(
            self.iter()
                .map(|it| Found::Text(it.as_str().to_owned()))
                .collect(),
        )
    }
}

impl Value for Vec<MethodRule> {
    const RIGHT: &'static str = "a list of methods, such as [\"REGISTER\", \"INVITE\"], each with a role if it needs one (\"INVITE:caller\"), or \"ALL\" for all others, with REGISTER or ALL in it";

    fn read(found: &Found) -> Option<Self> {
        let rules = items(found, method_rule)?;
        // Whoever may register without proof may take anybody's calls.
        rules
            .iter()
            .any(|rule| matches!(rule.method, None | Some(Method::Register)))
            .then_some(rules)
    }

    fn show(&self) -> Found {
        let shown = self.iter().map(|rule| {
            let method = rule.method.as_ref().map_or("ALL", Method::as_str);
            Found::Text(match &rule.role {
                Some(role) => format!("{method}:{role}"),
                None => method.to_owned(),
            })
        });
        Found::List(shown.collect())
    }
}

fn method_rule(item: &str) -> Option<MethodRule> {
    let (method, role) = match item.split_once(':') {
        Some((method, role)) => (method.trim(), Some(role.trim())),
        None => (item, None),
    };
    // A method is written in capitals; anything else is a slip, since methods are case-sensitive.
    let method = match method {
        "ALL" => None,
        "ACK" | "CANCEL" => return None,
        named if named.bytes().any(|b| b.is_ascii_lowercase()) => return None,
        named => Some(Method::parse(named.as_bytes())?),
    };
    let is_word = |role: &str| !role.is_empty() && role.bytes().all(|b| b.is_ascii_graphic());
    if !role.is_none_or(is_word) {
        return None;
    }
    Some(MethodRule {
        method,
        role: role.map(Into::into),
    })
}
