//! A message body and what it is (RFC 3261 section 7.4), as it goes from one leg to the other. Never looks inside.

use std::sync::Arc;

use bytes::Bytes;

use crate::msg::{Message, Name};

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

    /// The body of a message; `None` if it is empty. Without a `Content-Type`, which section 20.15 demands, it
    /// counts as mere octets.
    pub fn of(message: &Message) -> Option<Self> {
        let bytes = message.body();
        if bytes.is_empty() {
            return None;
        }
        let content_type = message.text(Name::ContentType);
        Some(Self {
            content_type: Arc::from(
                content_type
                    .as_deref()
                    .unwrap_or("application/octet-stream"),
            ),
            bytes: bytes.clone(),
        })
    }
}
