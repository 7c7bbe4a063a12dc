//! The users that phones log in as, in memory: who they are, what proves it, and which addresses are theirs.
//!
//! Shared by all shards, read for each request that carries credentials, replaced or changed at run time by whoever
//! keeps them. Knows no file and no database; passwords themselves are never kept.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use sip::auth::{Algorithm, Hash};
use sip::name::{Aor, UriRef};

/// Somebody who may log in, from as many devices as he likes.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// What a phone sends as `username`: `alice`, or with a host `alice@example.org`.
    pub name: Box<str>,
    /// The realm in which the hashes were made (`auth.realm`).
    pub realm: Box<str>,
    /// MD5 of `name:realm:password`.
    pub ha1_md5: [u8; 16],
    /// SHA-256 of `name:realm:password`. Where it is not known, [`User::algorithms`] names MD5 only.
    pub ha1_sha256: [u8; 32],
    /// Addresses of record that are his besides his own: those of his name, at any host of ours.
    pub aliases: Vec<Aor>,
    /// What `auth.methods` can ask for by `METHOD:role`.
    pub roles: Vec<Box<str>>,
    /// What he is offered in place of `auth.algorithms`, best first.
    pub algorithms: Option<Vec<Algorithm>>,
    /// Without it he is as good as unknown.
    pub enabled: bool,
}

impl User {
    /// An enabled user without aliases and roles. The password is hashed and forgotten.
    pub fn new(name: &str, realm: &str, password: &str) -> Self {
        let parts = [name, ":", realm, ":", password].map(str::as_bytes);
        let mut user = Self {
            name: name.into(),
            realm: realm.into(),
            ha1_md5: [0; 16],
            ha1_sha256: [0; 32],
            aliases: Vec::new(),
            roles: Vec::new(),
            algorithms: None,
            enabled: true,
        };
        user.ha1_md5.copy_from_slice(Hash::Md5.of(&parts).octets());
        user.ha1_sha256
            .copy_from_slice(Hash::Sha256.of(&parts).octets());
        user
    }

    /// What proves him, by that hash.
    pub const fn ha1(&self, hash: Hash) -> &[u8] {
        match hash {
            Hash::Md5 => &self.ha1_md5,
            Hash::Sha256 => &self.ha1_sha256,
        }
    }

    /// Whether an address of record is his own or an alias. That its host is ours is for the caller to know.
    pub fn owns(&self, aor: &Aor) -> bool {
        let own = match self.name.rsplit_once('@') {
            Some((user, host)) => aor.user() == user && aor.host().eq_ignore_ascii_case(host),
            None => aor.user() == &*self.name,
        };
        own || self.has_alias(aor)
    }

    /// Whether an address of record is one of his aliases.
    pub fn has_alias(&self, aor: &Aor) -> bool {
        self.aliases.contains(aor)
    }

    /// Whether he has that role.
    pub fn plays(&self, role: &str) -> bool {
        self.roles.iter().any(|has| **has == *role)
    }
}

/// An address of record as names are written that have a host.
fn person(aor: &Aor) -> Box<str> {
    format!("{}@{}", aor.user(), aor.host()).into()
}

/// Without the hashes: they are as good as the password.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .field("realm", &self.realm)
            .field("aliases", &self.aliases)
            .field("roles", &self.roles)
            .field("algorithms", &self.algorithms)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// All users.
#[derive(Debug, Default)]
pub struct Users {
    realms: RwLock<Realms>,
}

type Realms = HashMap<Box<str>, Realm>;

/// The users of one realm.
#[derive(Debug, Default)]
struct Realm {
    by_name: HashMap<Box<str>, Arc<User>>,
    /// By the first half of the hash of `name:realm`, as a phone sends it that hides its name (RFC 7616 section 3.4.4).
    by_hash: HashMap<[u8; 16], Arc<User>>,
    /// How many have an alias, by its user part and host.
    aliases: HashMap<Box<str>, u32>,
}

impl Users {
    /// Nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets these stand in place of all that were there. Of two of one name and realm the later one counts.
    pub fn replace_all(&self, users: impl IntoIterator<Item = User>) {
        let mut realms = Realms::new();
        for user in users {
            realms.entry(user.realm.clone()).or_default().put(user);
        }
        *self.write() = realms;
    }

    /// Adds one, or changes the one of that name and realm.
    pub fn put(&self, user: User) {
        self.write()
            .entry(user.realm.clone())
            .or_default()
            .put(user);
    }

    /// Takes one out; `false` if there was none.
    pub fn remove(&self, realm: &str, name: &str) -> bool {
        self.write()
            .get_mut(realm)
            .is_some_and(|realm| realm.remove(name))
    }

    /// The one of that name, enabled or not.
    pub fn find(&self, realm: &str, name: &str) -> Option<Arc<User>> {
        self.read().get(realm)?.by_name.get(name).cloned()
    }

    /// The one whose `name:realm` has this hash, by either of the two.
    pub fn find_by_hash(&self, realm: &str, hash: &[u8]) -> Option<Arc<User>> {
        let user = self
            .read()
            .get(realm)?
            .by_hash
            .get(hash.first_chunk()?)
            .cloned()?;
        // The index knows the first half only.
        let is_his = name_hashes(&user).any(|his| his.octets() == hash);
        is_his.then_some(user)
    }

    /// What the one is to be offered who owns an address of record by the user part of his name (not by an alias): for
    /// a challenge, which comes before he has said who he is.
    pub fn algorithms_of(&self, realm: &str, uri: UriRef<'_>) -> Option<Vec<Algorithm>> {
        let realms = self.read();
        let names = &realms.get(realm)?.by_name;
        names.get(uri.user()?)?.algorithms.clone()
    }

    /// Whether one of them, enabled or not, owns an address of record.
    pub fn own(&self, realm: &str, aor: &Aor) -> bool {
        let realms = self.read();
        let Some(realm) = realms.get(realm) else {
            return false;
        };
        let person = person(aor);
        realm.by_name.contains_key(aor.user())
            || realm.by_name.contains_key(&*person)
            || realm.aliases.contains_key(&*person)
    }

    /// How many there are, in all realms.
    pub fn len(&self) -> usize {
        self.read().values().map(|realm| realm.by_name.len()).sum()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn read(&self) -> RwLockReadGuard<'_, Realms> {
        self.realms.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Realms> {
        self.realms.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Realm {
    fn put(&mut self, user: User) {
        self.remove(&user.name);
        let user = Arc::new(user);
        for alias in &user.aliases {
            *self.aliases.entry(person(alias)).or_default() += 1;
        }
        for hash in name_hashes(&user) {
            if let Some(key) = hash.octets().first_chunk() {
                self.by_hash.insert(*key, Arc::clone(&user));
            }
        }
        self.by_name.insert(user.name.clone(), user);
    }

    fn remove(&mut self, name: &str) -> bool {
        let Some(user) = self.by_name.remove(name) else {
            return false;
        };
        for alias in &user.aliases {
            let person = person(alias);
            if let Some(count) = self.aliases.get_mut(&person) {
                *count -= 1;
                if *count == 0 {
                    self.aliases.remove(&person);
                }
            }
        }
        for hash in name_hashes(&user) {
            if let Some(key) = hash.octets().first_chunk::<16>() {
                self.by_hash.remove(key);
            }
        }
        true
    }
}

fn name_hashes(user: &User) -> impl Iterator<Item = sip::auth::Hashed> + use<> {
    let parts = [&*user.name, ":", &*user.realm].map(str::as_bytes);
    [Hash::Sha256.of(&parts), Hash::Md5.of(&parts)].into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> User {
        User::new("alice", "crosspoint", "secret")
    }

    fn aor(text: &str) -> Aor {
        Aor::parse(text).unwrap()
    }

    #[test]
    fn a_user_is_found_by_name_and_by_its_hash_until_he_is_taken_out() {
        let users = Users::new();
        users.replace_all([alice(), User::new("bob", "elsewhere", "secret")]);
        assert_eq!(users.len(), 2);
        assert_eq!(users.find("crosspoint", "alice").as_deref(), Some(&alice()));
        assert_eq!(users.find("crosspoint", "bob"), None);
        for hash in [Hash::Md5, Hash::Sha256] {
            let hidden = hash.of(&[b"alice:crosspoint"]);
            let found = users.find_by_hash("crosspoint", hidden.octets());
            assert_eq!(found.as_deref(), Some(&alice()));
            assert_eq!(users.find_by_hash("elsewhere", hidden.octets()), None);
            assert_eq!(
                users.find_by_hash("crosspoint", &hidden.octets()[..15]),
                None
            );
        }
        assert!(users.remove("crosspoint", "alice"));
        assert!(!users.remove("crosspoint", "alice"));
        assert_eq!(users.find("crosspoint", "alice"), None);
        let hidden = Hash::Sha256.of(&[b"alice:crosspoint"]);
        assert_eq!(users.find_by_hash("crosspoint", hidden.octets()), None);
        users.put(User {
            enabled: false,
            ..alice()
        });
        assert!(!users.find("crosspoint", "alice").unwrap().enabled);
        users.replace_all([]);
        assert!(users.is_empty());
    }

    #[test]
    fn an_address_is_owned_by_name_or_as_an_alias() {
        let mut user = alice();
        user.aliases.push(aor("sip:100@example.org"));
        for (address, owned) in [
            ("sip:alice@example.org", true),
            ("sips:alice@10.0.0.1", true),
            ("sip:100@example.org", true),
            ("sips:100@example.org", true),
            ("sip:100@elsewhere.org", false),
            ("sip:Alice@example.org", false),
            ("sip:bob@example.org", false),
        ] {
            assert_eq!(user.owns(&aor(address)), owned, "{address}");
        }
        let with_host = User::new("alice@example.org", "crosspoint", "secret");
        assert!(with_host.owns(&aor("sip:alice@Example.ORG")));
        assert!(!with_host.owns(&aor("sip:alice@elsewhere.org")));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let printed = format!("{:?}", alice());
        assert!(printed.contains("alice"));
        for secret in [
            Hash::Md5.of(&[b"alice:crosspoint:secret"]),
            Hash::Sha256.of(&[b"alice:crosspoint:secret"]),
        ] {
            assert!(!printed.contains(&format!("{:?}", secret.octets())[1..20]));
            assert!(!printed.contains(secret.hex().as_str()));
        }
    }
}
