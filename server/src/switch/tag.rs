//! The tag that a response of ours puts on To (RFC 3261 sections 8.2.6.2 and 19.3).

use std::hash::{DefaultHasher, Hash, Hasher};

use sip::msg::{Message, Name};
use sip::name::Tag;

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
        let mut hasher = DefaultHasher::new();
        self.key.hash(&mut hasher);
        // A Via tells one request from another, and its branch stays the same when it is sent again.
        request
            .via()
            .ok()
            .and_then(|via| via.branch())
            .hash(&mut hasher);
        for name in [Name::CallId, Name::Cseq, Name::From] {
            request.raw(name).hash(&mut hasher);
        }
        Tag::new(&format!("{:016x}", hasher.finish()))
    }
}

impl std::fmt::Debug for Tags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tags")
    }
}
