//! What a REGISTER asks for, read from its Contact and Expires headers (RFC 3261 sections 10.2 and 10.3 steps
//! 6 and 7). Knows nothing of the bindings that stand.

use std::num::NonZeroU32;

use sip::msg::{Contact, Message, Name, NameAddr};
use sip::name::{Flow, Scheme, UriRef};

use super::outbound;
use super::policy::Policy;
use super::refusal::Refusal;
use crate::binding::Q;
use crate::limits;

/// All that one request asks for.
#[derive(Debug)]
pub(super) enum Wishes<'a> {
    /// No Contact: tell which bindings there are (section 10.2.3).
    Query,
    /// `*`: remove all (section 10.2.2).
    RemoveAll,
    /// One or more.
    Each(Vec<Wish<'a>>),
}

/// One Contact.
#[derive(Debug)]
pub(super) struct Wish<'a> {
    pub(super) uri: UriRef<'a>,
    /// How long the binding is to stand, in seconds; zero removes it.
    pub(super) expires: u32,
    pub(super) q: Q,
    /// `+sip.instance` without quotes; empty when there is none.
    pub(super) instance: &'a str,
    pub(super) reg_id: Option<NonZeroU32>,
}

/// Reads the wishes of a request that came by `flow`, or says why they cannot be granted whatever is registered.
pub(super) fn read<'a>(
    request: &'a Message,
    flow: &Flow,
    policy: &Policy,
) -> Result<Wishes<'a>, Refusal> {
    // Behind a proxy the way to the phone is the proxy's.
    let is_secure = flow.transport.is_secure() || request.raw(Name::Path).is_some();
    let header = request.expires();
    let mut wishes = Vec::new();
    let mut contacts = request.contacts();
    while let Some(contact) = contacts.next() {
        let address = match contact.map_err(Refusal::Malformed)? {
            Contact::Star
                if wishes.is_empty() && contacts.next().is_none() && header == Some(0) =>
            {
                return Ok(Wishes::RemoveAll);
            }
            Contact::Star => return Err(Refusal::BadWildcard),
            Contact::Address(address) => address,
        };
        if wishes.len() == policy.bindings_per_aor {
            return Err(Refusal::TooManyContacts {
                limit: policy.bindings_per_aor,
            });
        }
        let wish = wish(address, header, policy)?;
        // A phone that wants to be reached by TLS alone would be called without it (RFC 3261 section 26.2.2).
        if wish.uri.scheme() == Scheme::Sips && wish.expires > 0 && !is_secure {
            return Err(Refusal::SipsWithoutTls);
        }
        wishes.push(wish);
    }
    outbound::judge(request, &mut wishes)?;
    Ok(if wishes.is_empty() {
        Wishes::Query
    } else {
        Wishes::Each(wishes)
    })
}

fn wish<'a>(
    address: NameAddr<'a>,
    header: Option<u32>,
    policy: &Policy,
) -> Result<Wish<'a>, Refusal> {
    let uri = address.uri().map_err(Refusal::Malformed)?;
    match uri.scheme() {
        Scheme::Sip | Scheme::Sips => {}
        // Section 10.2.1 allows any URI, but a contact is where phones are called, and these cannot be.
        Scheme::Tel | Scheme::Other(_) => return Err(Refusal::ContactNotSip),
    }
    if uri.as_str().len() > limits::CONTACT {
        return Err(Refusal::TooLong("Contact"));
    }
    Ok(Wish {
        uri,
        expires: policy.interval(address.expires().or(header))?,
        q: address.q().map_or(Q::MAX, Q::thousandths),
        instance: address
            .param("+sip.instance")
            .flatten()
            .filter(|text| is_instance(text))
            .unwrap_or(""),
        reg_id: address
            .param("reg-id")
            .flatten()
            .and_then(|text| text.parse().ok()),
    })
}

/// `<` URN `>` (RFC 5626 section 4.1), of characters that can be written back between quotes as they are.
/// Anything else names no instance.
fn is_instance(text: &str) -> bool {
    text.len() <= limits::INSTANCE
        && text.starts_with('<')
        && text.ends_with('>')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
}
