//! Nonces that need no memory: signed, with the time at which they were given (RFC 7616 sections 3.3 and 5.4).
//!
//! ```text
//! 8 octets   when it was given, in microseconds
//! 4 octets   a number, so that no two are the same
//! 12 octets  HMAC-SHA-256 over both and the address that it was given to, cut
//! ```
//!
//! Whoever holds the key can tell a nonce of ours from any other text, so every shard can, and nothing is kept for those
//! who never answer. An answer from another address than the challenge went to is no answer to it: that makes a wrong
//! one count against the address which really sent it. Knows no clock.

use std::fmt;
use std::net::IpAddr;

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::algorithm::{Hex, read_hex};
use crate::time::Instant;

const PLAIN: usize = 12;
const WHOLE: usize = 24;

/// Gives nonces and knows them again.
#[derive(Clone)]
pub struct Nonces {
    /// The key, taken in already.
    keyed: Hmac<Sha256>,
    opaque: Hex,
}

/// One nonce of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce {
    /// When it was given.
    pub given: Instant,
    /// Which of those given at that time.
    pub number: u32,
}

impl Nonces {
    /// With a key of 32 random octets. Another key makes all nonces of this one unknown.
    pub fn new(key: &[u8; 32]) -> Self {
        // HMAC itself fills a short key up with zeros.
        let mut block = [0; 64];
        block[..32].copy_from_slice(key);
        let keyed = <Hmac<Sha256> as KeyInit>::new(&block.into());
        let mut signed = keyed.clone();
        signed.update(b"opaque");
        let opaque = Hex::of(&signed.finalize().into_bytes()[..8]);
        Self { keyed, opaque }
    }

    /// A new one as text, for the challenge to a peer. No two may have the same time and number.
    pub fn give(&self, nonce: Nonce, to: IpAddr) -> Hex {
        let mut whole = [0; WHOLE];
        whole[..8].copy_from_slice(&nonce.given.unix_micros().to_be_bytes());
        whole[8..PLAIN].copy_from_slice(&nonce.number.to_be_bytes());
        let signature = self.signature(&whole[..PLAIN], to);
        whole[PLAIN..].copy_from_slice(&signature);
        Hex::of(&whole)
    }

    /// Reads one that a peer sends back; `None` if it was not given to this peer with this key.
    pub fn read(&self, text: &[u8], from: IpAddr) -> Option<Nonce> {
        let mut whole = [0; WHOLE];
        if !read_hex(text, &mut whole) {
            return None;
        }
        let signature = self.signature(&whole[..PLAIN], from);
        if !bool::from(signature.ct_eq(&whole[PLAIN..])) {
            return None;
        }
        let given = u64::from_be_bytes(*whole.first_chunk()?);
        let number = u32::from_be_bytes(*whole[8..].first_chunk()?);
        Some(Nonce {
            given: Instant::from_unix_micros(given),
            number,
        })
    }

    /// What a peer is to return unchanged with each of our nonces.
    pub fn opaque(&self) -> &str {
        self.opaque.as_str()
    }

    fn signature(&self, plain: &[u8], address: IpAddr) -> [u8; WHOLE - PLAIN] {
        let mut signed = self.keyed.clone();
        signed.update(plain);
        match address.to_canonical() {
            IpAddr::V4(v4) => signed.update(&v4.octets()),
            IpAddr::V6(v6) => signed.update(&v6.octets()),
        }
        let mut cut = [0; WHOLE - PLAIN];
        cut.copy_from_slice(&signed.finalize().into_bytes()[..WHOLE - PLAIN]);
        cut
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonces")
    }
}
