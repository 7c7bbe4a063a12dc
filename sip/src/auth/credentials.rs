//! Credentials: one value of Authorization or Proxy-Authorization, read and held against a password's hash
//! (RFC 7616 section 3.4, RFC 3261 section 22.4).
//!
//! A view that costs no allocation. Hashes over exactly the octets that the peer wrote, as it did. Knows no users.

use std::borrow::Cow;
use std::fmt;

use subtle::ConstantTimeEq;

use super::algorithm::{Algorithm, Hash, Hashed, read_hex};
use super::params::{self, AuthFault};
use crate::limits::{MAX_AOR, MAX_URI};
use crate::msg::Method;
use crate::name::UriRef;

/// What a peer offers as proof of who it is.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    username: Username<'a>,
    realm: &'a [u8],
    nonce: &'a [u8],
    uri: &'a [u8],
    response: &'a [u8],
    algorithm: Option<Algorithm>,
    opaque: Option<&'a [u8]>,
    qop: Option<Qop<'a>>,
}

/// Who a peer says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Username<'a> {
    /// `username`
    Plain(&'a [u8]),
    /// `username*` (RFC 8187), still escaped, without its character set.
    Extended(&'a [u8]),
    /// `username` with `userhash=true`
    Hashed(&'a [u8]),
}

/// What comes with `qop=auth`.
#[derive(Clone, Copy)]
struct Qop<'a> {
    count: u32,
    nc: &'a [u8],
    cnonce: &'a [u8],
}

/// Who a peer says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim<'a> {
    /// A name.
    Name(Cow<'a, str>),
    /// The hash of `name:realm`, 16 or 32 octets (RFC 7616 section 3.4.4).
    Hash([u8; 32], usize),
}

impl<'a> Credentials<'a> {
    /// Reads the value of one header line.
    pub fn parse(value: &'a [u8]) -> Result<Self, AuthFault> {
        let [
            username,
            extended,
            realm,
            nonce,
            uri,
            response,
            algorithm,
            cnonce,
            opaque,
            qop,
            nc,
            userhash,
        ] = params::named(value, NAMES)?;
        let is_hash = userhash.is_some_and(|value| value.eq_ignore_ascii_case(b"true"));
        let username = match (username, extended) {
            (Some(hash), None) if is_hash => Username::Hashed(hash),
            (Some(name), None) => Username::Plain(name),
            (None, Some(name)) if !is_hash => Username::Extended(utf8_value(name)?),
            (Some(_), Some(_)) | (None, Some(_) | None) => return Err(AuthFault::Bad("username")),
        };
        let qop = match qop {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case(b"auth") => {
                let nc = nc.ok_or(AuthFault::Bad("nc"))?;
                Some(Qop {
                    count: count(nc).ok_or(AuthFault::Bad("nc"))?,
                    nc,
                    cnonce: cnonce.ok_or(AuthFault::Bad("cnonce"))?,
                })
            }
            Some(_) => return Err(AuthFault::Bad("qop")),
        };
        Ok(Self {
            username,
            realm: realm.ok_or(AuthFault::Bad("realm"))?,
            nonce: nonce.ok_or(AuthFault::Bad("nonce"))?,
            uri: uri
                .filter(|uri| uri.len() <= MAX_URI)
                .ok_or(AuthFault::Bad("uri"))?,
            response: response.ok_or(AuthFault::Bad("response"))?,
            algorithm: match algorithm {
                None => Some(Algorithm::Md5),
                Some(name) => Algorithm::parse(name),
            },
            opaque,
            qop,
        })
    }

    /// Whether they are for this realm. Realms compare exactly.
    pub fn is_for(&self, realm: &str) -> bool {
        *params::unescaped(self.realm) == *realm.as_bytes()
    }

    /// Whether they answer no challenge: some phones send empty ones with their first REGISTER (3GPP TS 24.229 section
    /// 5.1.1.2).
    pub const fn are_empty(&self) -> bool {
        self.nonce.is_empty() || self.response.is_empty()
    }

    /// Who they say the peer is; `None` if it cannot be a name: no text, or longer than an AOR may be.
    pub fn claim(&self) -> Option<Claim<'a>> {
        match self.username {
            Username::Plain(raw) if raw.len() <= MAX_AOR => match params::unescaped(raw) {
                Cow::Borrowed(name) => std::str::from_utf8(name).ok().map(Cow::Borrowed),
                Cow::Owned(name) => String::from_utf8(name).ok().map(Cow::Owned),
            }
            .map(Claim::Name),
            Username::Extended(escaped) if escaped.len() <= 3 * MAX_AOR => {
                let name = String::from_utf8(percent_decoded(escaped)?).ok()?;
                Some(Claim::Name(Cow::Owned(name)))
            }
            Username::Hashed(digits) => {
                let mut octets = [0; 32];
                let width = [Hash::Sha256.width(), Hash::Md5.width()]
                    .into_iter()
                    .find(|width| 2 * width == digits.len())?;
                read_hex(digits, &mut octets[..width]).then_some(Claim::Hash(octets, width))
            }
            Username::Plain(_) | Username::Extended(_) => None,
        }
    }

    /// The nonce they answer, as written.
    pub const fn nonce(&self) -> &'a [u8] {
        self.nonce
    }

    /// What was to be returned unchanged.
    pub const fn opaque(&self) -> Option<&'a [u8]> {
        self.opaque
    }

    /// How they are made; `None` for an algorithm that is not known here.
    pub const fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// How many requests were sent with this nonce, with this one; `None` without `qop=auth`.
    pub fn count(&self) -> Option<u32> {
        self.qop.map(|qop| qop.count)
    }

    /// Whether they were made for a request to `uri` (RFC 7616 section 3.4.6). Phones leave parameters and ports out
    /// here that stand in their Request-URI, so the user and host decide.
    pub fn are_for_uri(&self, uri: &str) -> bool {
        self.uri == uri.as_bytes() || {
            let said = std::str::from_utf8(self.uri)
                .ok()
                .and_then(|said| UriRef::parse(said).ok());
            let asked = UriRef::parse(uri).ok();
            said.zip(asked).is_some_and(|(said, asked)| {
                said.user().unwrap_or("") == asked.user().unwrap_or("") && same_host(&said, &asked)
            })
        }
    }

    /// Whether they prove that the peer knows the password whose `ha1`, the hash of `name:realm:password` by the hash of
    /// their algorithm, is given. Takes the same time whatever is wrong. `false` without `qop=auth` and for an unknown
    /// algorithm.
    pub fn prove(&self, method: &Method, ha1: &[u8]) -> bool {
        let (Some(algorithm), Some(qop)) = (self.algorithm, self.qop) else {
            return false;
        };
        let ha1 = session_ha1(algorithm, ha1, self.nonce, qop.cnonce);
        let right = response(
            algorithm.hash(),
            &ha1,
            method,
            self.uri,
            &Fresh {
                nonce: self.nonce,
                nc: qop.nc,
                cnonce: qop.cnonce,
            },
        );
        let mut said = [0; 32];
        let said = &mut said[..algorithm.hash().width()];
        let is_hex = read_hex(self.response, said);
        bool::from(right.octets().ct_eq(said)) && is_hex
    }
}

/// Neither the response nor what it is made from: a log line needs only whose they are.
impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("claim", &self.claim())
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The parameters that count, in the order in which [`Credentials::parse`] takes them apart.
const NAMES: [&str; 12] = [
    "username",
    "username*",
    "realm",
    "nonce",
    "uri",
    "response",
    "algorithm",
    "cnonce",
    "opaque",
    "qop",
    "nc",
    "userhash",
];

/// What makes each response another one.
pub(super) struct Fresh<'a> {
    pub(super) nonce: &'a [u8],
    pub(super) nc: &'a [u8],
    pub(super) cnonce: &'a [u8],
}

/// RFC 7616 section 3.4.2: what A1 is hashed from once more for `-sess`, else the hash as it is.
pub(super) fn session_ha1(
    algorithm: Algorithm,
    ha1: &[u8],
    nonce: &[u8],
    cnonce: &[u8],
) -> super::Hex {
    let plain = super::Hex::of(ha1);
    if !algorithm.is_session() {
        return plain;
    }
    algorithm
        .hash()
        .of(&[plain.digits(), b":", nonce, b":", cnonce])
        .hex()
}

/// RFC 7616 section 3.4.1 for `qop=auth`.
pub(super) fn response(
    hash: Hash,
    ha1: &super::Hex,
    method: &Method,
    uri: &[u8],
    fresh: &Fresh<'_>,
) -> Hashed {
    let ha2 = hash.of(&[method.as_str().as_bytes(), b":", uri]).hex();
    hash.of(&[
        ha1.digits(),
        b":",
        fresh.nonce,
        b":",
        fresh.nc,
        b":",
        fresh.cnonce,
        b":auth:",
        ha2.digits(),
    ])
}

/// `nc`: up to eight hexadecimal digits.
fn count(digits: &[u8]) -> Option<u32> {
    let good = (1..=8).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| good)?;
    u32::from_str_radix(text, 16).ok()
}

/// `UTF-8'language'escaped`, the only form that RFC 7616 section 3.4 has.
fn utf8_value(value: &[u8]) -> Result<&[u8], AuthFault> {
    let mut parts = value.splitn(3, |&octet| octet == b'\'');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(set), Some(_), Some(escaped)) if set.eq_ignore_ascii_case(b"UTF-8") => Ok(escaped),
        _ => Err(AuthFault::Bad("username*")),
    }
}

fn percent_decoded(escaped: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(escaped.len());
    let mut rest = escaped;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'%' {
            let mut octet = [0];
            if !read_hex(rest.get(..2)?, &mut octet) {
                return None;
            }
            plain.extend(octet);
            rest = &rest[2..];
        } else {
            plain.push(*first);
        }
    }
    Some(plain)
}

fn same_host(one: &UriRef<'_>, other: &UriRef<'_>) -> bool {
    use crate::name::Host;
    match (one.host(), other.host()) {
        (Host::Name(one), Host::Name(other)) => one.eq_ignore_ascii_case(other),
        (one, other) => one == other,
    }
}
