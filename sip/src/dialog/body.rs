//! A message body and what it is (RFC 3261 section 7.4), as it goes from one leg to the other. Never looks inside.

use std::sync::Arc;

use bytes::Bytes;

/// A body with its `Content-Type`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The value of `Content-Type`.
    pub content_type: Arc<str>,
    /// The bytes, unchanged.
    pub bytes: Bytes,
}

impl Body {
    /// A session description (RFC 4566).
    pub fn sdp(bytes: impl Into<Bytes>) -> Self {
        Self {
            content_type: Arc::from("application/sdp"),
            bytes: bytes.into(),
        }
    }
}
