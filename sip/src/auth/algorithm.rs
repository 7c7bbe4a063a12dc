//! The hashes of digest authentication (RFC 7616 section 3.2; SIP takes them up by RFC 8760).
//!
//! Knows how to hash and how to say a hash in hexadecimal digits; nothing of what is hashed.

use std::fmt;

use md5::Md5;
use sha2::{Digest as _, Sha256};

/// What an `algorithm` parameter names. SHA-512-256, which RFC 7616 has as well, is understood by no phone that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `MD5`; also what is meant where none is named.
    Md5,
    /// `MD5-sess`: nonce and client nonce go into the first hash.
    Md5Sess,
    /// `SHA-256`
    Sha256,
    /// `SHA-256-sess`: nonce and client nonce go into the first hash.
    Sha256Sess,
}

impl Algorithm {
    /// All of them, the strongest first.
    pub const ALL: [Self; 4] = [Self::Sha256, Self::Sha256Sess, Self::Md5, Self::Md5Sess];

    /// As the RFC writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Md5Sess => "MD5-sess",
            Self::Sha256 => "SHA-256",
            Self::Sha256Sess => "SHA-256-sess",
        }
    }

    /// Reads a name, in any case.
    pub fn parse(text: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|known| text.eq_ignore_ascii_case(known.as_str().as_bytes()))
    }

    /// Whether it is one of the `-sess` variants.
    pub const fn is_session(self) -> bool {
        matches!(self, Self::Md5Sess | Self::Sha256Sess)
    }

    /// The hash it is made with.
    pub const fn hash(self) -> Hash {
        match self {
            Self::Md5 | Self::Md5Sess => Hash::Md5,
            Self::Sha256 | Self::Sha256Sess => Hash::Sha256,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// 16 octets.
    Md5,
    /// 32 octets.
    Sha256,
}

impl Hash {
    /// The hash of all parts, one behind the other.
    pub fn of(self, parts: &[&[u8]]) -> Hashed {
        let mut octets = [0; 32];
        match self {
            Self::Md5 => {
                let mut hasher = Md5::new();
                parts.iter().for_each(|part| hasher.update(part));
                octets[..16].copy_from_slice(&hasher.finalize());
            }
            Self::Sha256 => {
                let mut hasher = Sha256::new();
                parts.iter().for_each(|part| hasher.update(part));
                octets.copy_from_slice(&hasher.finalize());
            }
        }
        Hashed { hash: self, octets }
    }

    /// Octets of its result.
    pub const fn width(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha256 => 32,
        }
    }
}

/// What came of hashing. May be as good as a password, so it does not show itself.
#[derive(Clone, Copy)]
pub struct Hashed {
    hash: Hash,
    octets: [u8; 32],
}

impl Hashed {
    /// The octets; as many as [`Hash::width`] says.
    pub fn octets(&self) -> &[u8] {
        &self.octets[..self.hash.width()]
    }

    /// In lower-case hexadecimal digits.
    pub fn hex(&self) -> Hex {
        Hex::of(self.octets())
    }
}

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hashed({:?})", self.hash)
    }
}

/// Up to 32 octets in lower-case hexadecimal digits.
#[derive(Clone, Copy)]
pub struct Hex {
    digits: [u8; 64],
    len: usize,
}

impl Hex {
    /// The digits of the first 32 octets.
    pub fn of(octets: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 64];
        for (pair, octet) in digits.chunks_exact_mut(2).zip(octets) {
            pair[0] = DIGITS[usize::from(octet >> 4)];
            pair[1] = DIGITS[usize::from(octet & 15)];
        }
        Self {
            digits,
            len: 2 * octets.len().min(32),
        }
    }

    /// The digits as octets of ASCII.
    pub fn digits(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    /// The digits as text.
    pub fn as_str(&self) -> &str {
        // They are ASCII.
        std::str::from_utf8(self.digits()).unwrap_or("")
    }
}

/// Reads exactly as many octets as `into` has from hexadecimal digits of any case; `false` if it is anything else.
pub(super) fn read_hex(digits: &[u8], into: &mut [u8]) -> bool {
    if digits.len() != 2 * into.len() {
        return false;
    }
    let value = |digit: u8| char::from(digit).to_digit(16);
    into.iter_mut()
        .zip(digits.chunks_exact(2))
        .all(|(octet, pair)| {
            let both = value(pair[0]).zip(value(pair[1]));
            both.and_then(|(high, low)| u8::try_from(high << 4 | low).ok())
                .map(|value| *octet = value)
                .is_some()
        })
}
