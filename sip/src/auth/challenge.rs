//! Challenges: one value of WWW-Authenticate or Proxy-Authenticate (RFC 7616 section 3.3), written and read.
//!
//! Of several the topmost is the one that the server likes best (RFC 8760 section 2.4). Knows no policy.

use std::fmt;

use super::algorithm::Algorithm;
use super::params::{self, AuthFault};

/// A challenge of ours. Realm, nonce and opaque must hold neither quotes nor backslashes.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    /// Where the password is good, for people to read.
    pub realm: &'a str,
    /// What the peer has to answer.
    pub nonce: &'a str,
    /// What the peer has to return.
    pub opaque: &'a str,
    /// How the peer has to answer.
    pub algorithm: Algorithm,
    /// Whether only the nonce of the peer's last answer was too old.
    pub stale: bool,
    /// Whether the peer may hide its name.
    pub userhash: bool,
}

impl fmt::Display for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [
            "Digest realm=\"",
            self.realm,
            "\", nonce=\"",
            self.nonce,
            "\", opaque=\"",
            self.opaque,
            "\", algorithm=",
            self.algorithm.as_str(),
            ", qop=\"auth\"",
        ] {
            f.write_str(part)?;
        }
        if self.stale {
            f.write_str(", stale=true")?;
        }
        if self.userhash {
            f.write_str(", userhash=true")?;
        }
        Ok(())
    }
}

/// A challenge of a peer. Values are as they stand between the quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Challenged<'a> {
    pub(super) realm: &'a [u8],
    pub(super) nonce: &'a [u8],
    pub(super) opaque: Option<&'a [u8]>,
    /// `None` for one that is not known here.
    pub(super) algorithm: Option<Algorithm>,
    pub(super) qop: Option<&'a [u8]>,
    pub(super) stale: bool,
}

const NAMES: [&str; 6] = ["realm", "nonce", "opaque", "algorithm", "qop", "stale"];

impl<'a> Challenged<'a> {
    pub(super) fn parse(value: &'a [u8]) -> Result<Self, AuthFault> {
        let [realm, nonce, opaque, algorithm, qop, stale] = params::named(value, NAMES)?;
        Ok(Self {
            realm: realm.ok_or(AuthFault::Bad("realm"))?,
            nonce: nonce.ok_or(AuthFault::Bad("nonce"))?,
            opaque,
            algorithm: match algorithm {
                None => Some(Algorithm::Md5),
                Some(name) => Algorithm::parse(name),
            },
            qop,
            stale: stale.is_some_and(|value| value.eq_ignore_ascii_case(b"true")),
        })
    }

    /// Whether `auth` is among the qualities of protection.
    pub(super) fn offers_auth(&self) -> bool {
        self.qop.is_some_and(|qops| {
            qops.split(|&octet| octet == b',')
                .any(|qop| qop.trim_ascii().eq_ignore_ascii_case(b"auth"))
        })
    }
}
