//! What became of requests at the door, counted for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! tally {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// Counts since the start, of all shards together.
        #[derive(Debug, Default)]
        pub struct Tally {
            $($(#[$doc])* pub(super) $name: AtomicU64,)*
        }

        impl Tally {
            /// Each count with its name.
            pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name.load(Ordering::Relaxed)),)*].into_iter()
            }
        }
    };
}

tally! {
    /// Let in with a password.
    accepted
    /// Asked for a password, and had sent none.
    challenged
    /// Asked again, because nonce or count were used up.
    stale
    /// Wrong password, or no such user.
    wrong
    /// Right password, but for somebody else's address, or without the role.
    forbidden
    /// Credentials that cannot be read.
    malformed
    /// A user who is guessed at had to wait.
    waited
    /// Not heard, because its source is slowed or banned.
    unheard
    /// Not heard, because it came from a scanner.
    scanned
    /// Bans that began.
    banned
    /// Phones that were found to fall silent at two challenges.
    silenced
}

/// One more.
pub(super) fn count(of: &AtomicU64) {
    of.fetch_add(1, Ordering::Relaxed);
}
