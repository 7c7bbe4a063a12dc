//! Identifiers of dialogs and transactions (RFC 3261 sections 8.1.1.4, 8.1.1.7 and 19.3), and their generator.
//!
//! Draws no randomness of its own: the generator is seeded from outside, so the same seed gives the same names.

use std::fmt;
use std::hash::Hasher;
use std::sync::Arc;

use chacha20::ChaCha12Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use siphasher::sip::SipHasher13;

/// What every branch of RFC 3261 begins with (section 8.1.1.7).
pub const MAGIC_COOKIE: &str = "z9hG4bK";

/// Stands between the random part of a Call-ID of ours and its shard number.
const SHARD_MARK: &str = ".xp";

/// Lower case only: tokens compare without case (RFC 3261 section 7.3.1), so case must carry no information.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: &str) -> Self {
                Self(Arc::from(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

identifier! {
    /// A Call-ID: what all messages of one dialog, or of one registering device, have in common.
    CallId
}
identifier! {
    /// The tag of a From or To header: one end of a dialog.
    Tag
}
identifier! {
    /// The branch of a Via: one transaction.
    Branch
}

/// Makes identifiers for one shard.
pub struct Ids {
    random: ChaCha12Rng,
    shard: u8,
}

impl Ids {
    /// A generator for `shard`. The seed must come from the system's entropy and be used once; tests give a fixed one.
    pub fn new(seed: [u8; 32], shard: u8) -> Self {
        Self {
            random: ChaCha12Rng::from_seed(seed),
            shard,
        }
    }

    /// A tag with 80 random bits (RFC 3261 section 19.3 wants 32).
    pub fn tag(&mut self) -> Tag {
        let mut text = Text::new();
        self.push(&mut text, 16);
        Tag::new(text.as_str())
    }

    /// A branch with the magic cookie and 80 random bits.
    pub fn branch(&mut self) -> Branch {
        let mut text = Text::new();
        text.push(MAGIC_COOKIE.as_bytes());
        self.push(&mut text, 16);
        Branch::new(text.as_str())
    }

    /// A Call-ID with 120 random bits that [`Owners`] leads back to this shard.
    pub fn call_id(&mut self) -> CallId {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = Text::new();
        self.push(&mut text, 24);
        text.push(SHARD_MARK.as_bytes());
        text.push(&[
            HEX[usize::from(self.shard >> 4)],
            HEX[usize::from(self.shard & 15)],
        ]);
        CallId::new(text.as_str())
    }

    /// 64 random bits for anything else.
    pub fn random_u64(&mut self) -> u64 {
        self.random.next_u64()
    }

    /// Random octets for seeds and secrets.
    pub fn random_bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&self.random_u64().to_be_bytes()[..part.len()]);
        }
        bytes
    }

    /// Five random bits per character.
    fn push(&mut self, text: &mut Text, characters: usize) {
        let mut pool = 0_u64;
        for i in 0..characters {
            if i % 12 == 0 {
                pool = self.random.next_u64();
            }
            text.push(&[ALPHABET[(pool & 31) as usize]]);
            pool >>= 5;
        }
    }
}

/// Without its state: whoever knows it knows all names to come.
impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ids")
            .field("shard", &self.shard)
            .finish_non_exhaustive()
    }
}

/// Which of several shards owns a Call-ID: the one written in it if we made it, else one by a keyed hash of its bytes.
///
/// A number that is written in it and not below that of the shards was written by a process that had more of them: it counts
/// modulo their number now, so that all Call-IDs of one call still lead to one shard.
///
/// Whoever does not know the key cannot tell which Call-IDs fall to the same shard.
#[derive(Clone)]
pub struct Owners {
    shards: u8,
    empty: SipHasher13,
}

impl Owners {
    /// For so many shards; none counts as one. The key comes from the system's entropy, the same for all shards of a
    /// server; tests give a fixed one.
    pub fn new(shards: u8, key: [u8; 16]) -> Self {
        Self {
            shards: shards.max(1),
            empty: SipHasher13::new_with_key(&key),
        }
    }

    /// The shard, below their number.
    pub fn of(&self, call_id: &str) -> u8 {
        let written = call_id
            .rsplit_once(SHARD_MARK)
            .filter(|(_, digits)| digits.len() == 2)
            .and_then(|(_, digits)| u8::from_str_radix(digits, 16).ok())
            .map(|shard| shard % self.shards);
        written.unwrap_or_else(|| {
            let mut hasher = self.empty;
            hasher.write(call_id.as_bytes());
            // The high half of a product spreads over the shards without a division.
            let spread = (u128::from(hasher.finish()) * u128::from(self.shards)) >> 64;
            u8::try_from(spread).unwrap_or(0)
        })
    }
}

/// Without the key.
impl fmt::Debug for Owners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owners")
            .field("shards", &self.shards)
            .finish_non_exhaustive()
    }
}

/// A short ASCII text that is put together on the stack.
struct Text {
    bytes: [u8; 32],
    length: usize,
}

impl Text {
    const fn new() -> Self {
        Self {
            bytes: [0; 32],
            length: 0,
        }
    }

    fn push(&mut self, more: &[u8]) {
        let end = self.length + more.len();
        if let Some(room) = self.bytes.get_mut(self.length..end) {
            room.copy_from_slice(more);
            self.length = end;
        }
    }

    fn as_str(&self) -> &str {
        self.bytes
            .get(..self.length)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }
}
