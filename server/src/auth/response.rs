//! The responses at the door (RFC 3261 sections 21.4.2, 21.4.4 and 21.4.8, RFC 8760 section 2.3).

use bytes::Bytes;
use sip::auth::{Algorithm, AuthFault, Challenge};
use sip::msg::build::Response;
use sip::msg::{Message, Name};
use sip::name::Tag;

use super::judge::Desk;

/// Why a request is not let in. What is wrong with name or password is not among it: both are a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The credentials cannot be read.
    Malformed(AuthFault),
    /// They were made for another request.
    OtherUri,
    /// They lack `qop=auth`, which was asked for.
    WithoutQop,
    /// The user may not use that address.
    NotHis,
    /// The user has not the role.
    NoRole,
    /// The user is guessed at; in so many seconds he may try again.
    Wait(u64),
}

impl Refusal {
    const fn status(self) -> (u16, &'static str) {
        match self {
            // RFC 7616 section 3.4: what is improper is a bad request.
            Self::Malformed(_) => (400, "Malformed Credentials"),
            Self::OtherUri => (400, "Credentials For Another URI"),
            Self::WithoutQop => (400, "Credentials Without QOP"),
            Self::NotHis => (403, "Not Your Address"),
            Self::NoRole => (403, "Not Allowed To You"),
            Self::Wait(_) => (503, "Too Many Wrong Passwords"),
        }
    }
}

/// The response to a request that is refused.
pub(super) fn refused(request: &Message, tag: &Tag, refusal: Refusal) -> Bytes {
    let (status, phrase) = refusal.status();
    let response = Response::to(request, status, Some(phrase), Some(tag));
    match refusal {
        Refusal::Wait(seconds) => response.retry_after(seconds).finish(),
        Refusal::Malformed(_)
        | Refusal::OtherUri
        | Refusal::WithoutQop
        | Refusal::NotHis
        | Refusal::NoRole => response.finish(),
    }
}

/// One challenge for each algorithm, the best first.
pub(super) fn challenge(
    request: &Message,
    tag: &Tag,
    desk: Desk,
    first: Challenge<'_>,
    algorithms: &[Algorithm],
) -> Bytes {
    let (status, header) = match desk {
        Desk::Registrar => (401, Name::WwwAuthenticate),
        Desk::Proxy => (407, Name::ProxyAuthenticate),
    };
    let mut response = Response::to(request, status, None, Some(tag));
    for &algorithm in algorithms {
        response = response.header(header, Challenge { algorithm, ..first });
    }
    response.finish()
}
