//! Tickets: a request that leaves for another server takes along, in a Route of ours, where in its chain it goes on when
//! it comes back (the state of an application router, JSR 289 section 15).
//!
//! Whoever holds one is not asked again who he is, and passes the applications that he has passed. So a ticket is
//! signed, holds for one caller, and not for long. Nothing is remembered for it, and each leads further along the chain: nobody goes
//! round in circles by them.

use std::fmt;
use std::hash::Hasher as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sip::msg::Message;
use sip::name::Aor;
use sip::time::Instant;
use siphasher::sip::SipHasher24;

use super::Router;
use crate::limits;

/// Writes tickets and reads those it has written.
#[derive(Clone)]
pub(super) struct Tickets {
    key: SipHasher24,
}

/// What a Route of ours says about the request that brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing: no ticket, or none of ours.
    No,
    /// It goes on at this place of its chain.
    At(u16),
    /// It has been away too long, or it is another's.
    Stale,
}

/// No flow token begins so: see `proxy::token`.
const KIND: u8 = 0xff;
/// Kind, place, milliseconds, caller, MAC.
const LENGTH: usize = 1 + 2 + 8 + 8 + MAC;
const MAC: usize = 8;

impl Tickets {
    pub(super) fn new(secret: &[u8; 16]) -> Self {
        Self {
            key: SipHasher24::new_with_key(secret),
        }
    }

    fn write(&self, now: Instant, place: u16, caller: u64) -> String {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(KIND);
        bytes.extend_from_slice(&place.to_be_bytes());
        bytes.extend_from_slice(&now.unix_millis().to_be_bytes());
        bytes.extend_from_slice(&caller.to_be_bytes());
        let mac = self.hash(&bytes);
        bytes.extend_from_slice(&mac.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Place, time and caller; `None` for what we have not written.
    fn read(&self, text: &str) -> Option<(u16, u64, u64)> {
        let mut bytes = [0; LENGTH.div_ceil(3) * 3];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (signed, mac) = bytes.get(..length)?.split_last_chunk::<MAC>()?;
        let (&KIND, rest) = signed.split_first()? else {
            return None;
        };
        if u64::from_be_bytes(*mac) != self.hash(signed) {
            return None;
        }
        let (place, rest) = rest.split_first_chunk()?;
        let (at, rest) = rest.split_first_chunk()?;
        let caller = rest.try_into().ok()?;
        Some((
            u16::from_be_bytes(*place),
            u64::from_be_bytes(*at),
            u64::from_be_bytes(caller),
        ))
    }

    /// Of whom a request says that it is.
    fn caller(&self, request: &Message) -> Option<u64> {
        let from = Aor::from_uri(request.from().ok()?.uri().ok()?).ok()?;
        Some(self.hash(from.as_str().as_bytes()))
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.key;
        hasher.write(bytes);
        hasher.finish()
    }
}

impl Router {
    /// The ticket by which a request that leaves goes on at a place of its chain. `None` where it says of nobody that it is
    /// his, or where there is no secret.
    pub fn ticket(&self, now: Instant, request: &Message, place: u16) -> Option<String> {
        let tickets = self.tickets.as_ref()?;
        Some(tickets.write(now, place, tickets.caller(request)?))
    }

    /// What the user part of our own Route says about the request that brings it.
    pub fn seen(&self, now: Instant, request: &Message, user: &str) -> Seen {
        let Some(tickets) = &self.tickets else {
            return Seen::No;
        };
        let Some((place, at, caller)) = tickets.read(user) else {
            return Seen::No;
        };
        let away = now.unix_millis().saturating_sub(at);
        let is_his = tickets.caller(request) == Some(caller);
        let method = request.method().map_or("", |method| method.as_str());
        let before = usize::from(place).checked_sub(1);
        let entry = before.and_then(|before| self.dar.chain(method).get(before));
        let leads_here = entry
            .and_then(|entry| entry.route.as_ref())
            .is_some_and(|route| route.back);
        if is_his && leads_here && u128::from(away) <= limits::TICKET_TIME.as_millis() {
            Seen::At(place)
        } else {
            Seen::Stale
        }
    }
}

/// Without the key: whoever knows it can make tickets.
impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets")
    }
}
