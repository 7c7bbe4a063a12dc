//! Why a REGISTER is refused: status, phrase, and a sentence that names the remedy.

use std::net::IpAddr;

use sip::msg::{Fault, Message};
use sip::name::Flow;

use crate::location::Full;

/// One reason. The text goes into a Warning header and the log; nothing in it comes from the wire.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error(
        "this server takes any password, and therefore registrations from private networks only; {0} is in none"
    )]
    NotPrivate(IpAddr),
    #[error("the Request-URI names no host; register with sip: and the domain")]
    BadTarget,
    #[error("the domain is none of this server; its domains: {ours}")]
    ForeignDomain { ours: String },
    #[error("the To header names no valid address of record")]
    BadAor,
    #[error("the To header must be a sip: or sips: URI")]
    AorNotSip,
    #[error("the To header names no user; register as sip:user@domain")]
    NoUser,
    #[error("{0}")]
    Malformed(Fault),
    #[error("Contact: * needs Expires: 0 and no other Contact")]
    BadWildcard,
    #[error("a Contact must be a sip: or sips: URI")]
    ContactNotSip,
    #[error("the proxy on the way keeps no flows (no `ob` in its Path); register without reg-id")]
    FirstHopLacksOutbound,
    #[error("a request with reg-id comes by one flow and may have one Contact")]
    ManyContactsOneFlow,
    #[error("a sips: Contact needs a registration by TLS")]
    SipsWithoutTls,
    #[error("the shortest registration here is {min} s")]
    TooBrief { min: u32 },
    #[error("a request with the same Call-ID and this or a higher CSeq came before")]
    OutOfOrder,
    #[error("an address of record has at most {limit} contacts here; unregister those not in use")]
    TooManyContacts { limit: usize },
    #[error("{0} is longer than this server keeps")]
    TooLong(&'static str),
    #[error(transparent)]
    Full(#[from] Full),
}

impl Refusal {
    /// The response it makes.
    pub(super) const fn status(&self) -> (u16, &'static str) {
        match self {
            Self::NotPrivate(_) => (403, "Private Networks Only"),
            Self::BadTarget => (400, "Bad Request-URI"),
            // Section 10.3 step 5.
            Self::ForeignDomain { .. } => (404, "Unknown Domain"),
            Self::BadAor => (404, "Bad Address Of Record"),
            // Section 10.2: To must be one; RFC 4475 section 3.3.4.
            Self::AorNotSip => (400, "Not A SIP Address Of Record"),
            Self::NoUser => (404, "No User In To"),
            Self::Malformed(fault) => (fault.status, fault.reason),
            // Section 10.3 step 6.
            Self::BadWildcard => (400, "Bad Wildcard Contact"),
            Self::ContactNotSip => (400, "Contact Is Not SIP"),
            // RFC 5626 section 6.
            Self::FirstHopLacksOutbound => (439, "First Hop Lacks Outbound Support"),
            Self::ManyContactsOneFlow => (400, "Several Contacts For One Flow"),
            Self::SipsWithoutTls => (400, "SIPS Contact Without TLS"),
            // Section 10.3 step 7.
            Self::TooBrief { .. } => (423, "Interval Too Brief"),
            // Not the name of the header: SIPp takes it for the header itself.
            Self::OutOfOrder => (500, "Request Out Of Order"),
            // 403, not 503: the server is well, and to try another one would not help.
            Self::TooManyContacts { .. } => (403, "Too Many Contacts"),
            Self::TooLong(_) => (403, "Registration Too Long"),
            Self::Full(_) => (503, "Location Service Full"),
        }
    }

    /// One line: INFO where an operator may want to change a setting or a phone, WARN where the server itself
    /// is at its limit, DEBUG where a peer is odd.
    pub(super) fn log(&self, request: &Message, flow: &Flow) {
        let to = request.to().map_or("", |to| to.uri_text());
        let (status, peer) = (self.status().0, flow.peer);
        match self {
            Self::Full(_) => tracing::warn!(to, %peer, status, "REGISTER refused: {self}"),
            Self::NotPrivate(_)
            | Self::ForeignDomain { .. }
            | Self::TooBrief { .. }
            | Self::TooManyContacts { .. } => {
                tracing::info!(to, %peer, status, "REGISTER refused: {self}");
            }
            Self::BadTarget
            | Self::BadAor
            | Self::AorNotSip
            | Self::NoUser
            | Self::Malformed(_)
            | Self::BadWildcard
            | Self::ContactNotSip
            | Self::FirstHopLacksOutbound
            | Self::ManyContactsOneFlow
            | Self::SipsWithoutTls
            | Self::OutOfOrder
            | Self::TooLong(_) => tracing::debug!(to, %peer, status, "REGISTER refused: {self}"),
        }
    }
}
