//! The two verdicts on bad bytes. Knows no header.

use std::fmt;

use crate::limits::MAX_MESSAGE;

/// No message can be told apart: drop the datagram, or close the stream, without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unframeable {
    /// Nothing but line ends: a keep-alive (RFC 5626 section 3.5.1). Not an error to be counted.
    #[error("nothing but line ends (a keep-alive)")]
    Empty,
    /// The first line is neither a request line nor a status line.
    #[error("the first line is not SIP")]
    NotSip,
    /// No empty line ends the headers.
    #[error("no empty line after the headers")]
    Truncated,
    /// Larger than [`MAX_MESSAGE`].
    #[error("larger than {MAX_MESSAGE} octets")]
    TooLarge,
    /// On a stream, nothing says where the message ends: Content-Length is missing, unreadable, or contradicts itself
    /// (RFC 3261 section 18.3).
    #[error("no usable Content-Length on a stream")]
    NoLength,
}

/// A message, but a bad one: how to answer it, if it is a request other than ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The status of the response.
    pub status: u16,
    /// Its reason phrase: what is wrong.
    pub reason: &'static str,
}

impl Fault {
    /// A 400 with its reason.
    pub const fn bad_request(reason: &'static str) -> Self {
        Self {
            status: 400,
            reason,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.reason)
    }
}

impl std::error::Error for Fault {}
