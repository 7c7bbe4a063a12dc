//! The tag that a response of ours puts on To (RFC 3261 sections 8.2.6.2 and 19.3).

use std::hash::{DefaultHasher, Hasher};

use sip::auth::Hex;
use sip::msg::{Message, Name};
use sip::name::Tag;

use super::fingerprint::fingerprint;

/// Makes tags out of requests and a secret: the same request gets the same tag however often it is answered, so
/// that nothing has to be remembered (section 8.2.7), and nobody else can foresee it.
#[derive(Clone, Copy)]
pub(super) struct Tags {
    key: u64,
}

impl Tags {
    pub(super) const fn new(key: u64) -> Self {
        Self { key }
    }

    /// For all responses to `request`.
    pub(super) fn of(self, request: &Message) -> Tag {
        let mut keyed = DefaultHasher::new();
        keyed.write_u64(self.key);
        // A Via tells one request from another, and its branch stays the same when it is sent again.
        let via = request.via().ok();
        let branch = via.and_then(|via| via.branch()).map(str::as_bytes);
        let names = [Name::CallId, Name::Cseq, Name::From];
        let number = fingerprint(
            keyed,
            [branch]
                .into_iter()
                .chain(names.map(|name| request.raw(name))),
        );
        Tag::new(Hex::of(&number.to_be_bytes()).as_str())
    }
}

impl std::fmt::Debug for Tags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tags")
    }
}
