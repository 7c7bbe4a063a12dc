//! What the branch of our Via says (RFC 3261 section 16.6 step 8): which transaction, from which way through this server
//! (RFC 5393 section 4.2), and whether a response that belongs to no transaction any more may go back.
//!
//! ```text
//! z9hG4bK  xxxxxxxxxxxx  wwwwwwwwwwww  bbbbbbbbbbbb
//! cookie   this branch   way           back            60 bits each
//! ```
//!
//! *Way* is a keyed hash of all that decides where a request goes from here: one that comes back with the same way has
//! gone in a circle, one with another way in a spiral. *Back* is a keyed hash of the Via below ours: it proves that a
//! response goes back where a request of ours came from.

use std::fmt;
use std::hash::Hasher as _;

use sip::msg::{Message, Name, Via};
use sip::name::{Branch, Host};
use siphasher::sip::SipHasher13;

/// Makes branches and reads those it has made.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    key: SipHasher13,
}

/// What a branch says, but for its own number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trail {
    way: u64,
    back: u64,
}

const COOKIE: &[u8] = b"z9hG4bK";
/// Characters of 5 bits for each part.
const PART: usize = 12;
impl Trail {
    /// A number for a branch that is to be the same whenever the same request comes again.
    pub(super) const fn number(self) -> u64 {
        self.back
    }
}

/// Lower case only: branches compare without case.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

impl Marks {
    /// With a secret of 16 octets.
    pub(super) fn new(secret: &[u8; 16]) -> Self {
        Self {
            key: SipHasher13::new_with_key(secret),
        }
    }

    /// What the branches of all copies of a request have in common.
    pub(super) fn trail(&self, request: &Message) -> Trail {
        Trail {
            way: self.way(request),
            back: request.via().map_or(0, |via| self.back(&via)),
        }
    }

    /// A branch; `number` is one of its own.
    pub(super) fn branch(number: u64, trail: Trail) -> Branch {
        let mut text = [0; COOKIE.len() + 3 * PART];
        let (cookie, parts) = text.split_at_mut(COOKIE.len());
        cookie.copy_from_slice(COOKIE);
        for (part, value) in parts
            .chunks_exact_mut(PART)
            .zip([number, trail.way, trail.back])
        {
            part.copy_from_slice(&letters(value));
        }
        Branch::new(std::str::from_utf8(&text).unwrap_or_default())
    }

    /// Whether the request has been here before on the same way (RFC 3261 section 16.3 step 4 as RFC 5393 section 4.2
    /// has it). Nobody but us can have written the hash.
    pub(super) fn is_loop(request: &Message, trail: Trail) -> bool {
        let way = memchr::memmem::Finder::new(&letters(trail.way)).into_owned();
        request.all(Name::Via).any(|line| way.find(line).is_some())
    }

    /// Whether a response whose top Via has this branch, and whose next is `via`, answers a request of ours.
    pub(super) fn leads_back(&self, branch: &str, via: &Via<'_>) -> bool {
        let proof = branch.as_bytes().get(COOKIE.len() + 2 * PART..);
        proof.is_some_and(|proof| proof.eq_ignore_ascii_case(&letters(self.back(via))))
    }

    /// Whether a branch is that of a request that was passed on without being remembered ([`Trail::number`]).
    pub(super) fn is_stateless(branch: &str) -> bool {
        let parts = branch.as_bytes().get(COOKIE.len()..).unwrap_or_default();
        let (number, back) = (parts.get(..PART), parts.get(2 * PART..));
        number
            .zip(back)
            .is_some_and(|(number, back)| number.eq_ignore_ascii_case(back))
    }

    /// RFC 5393 section 4.2.1: of all fields that decide where the request goes, and of none that another hop changes.
    fn way(&self, request: &Message) -> u64 {
        let mut hasher = self.key;
        let mut write = |field: Option<&[u8]>| {
            hasher.write(field.unwrap_or_default());
            hasher.write_u8(0xff);
        };
        write(request.request_uri().map(str::as_bytes));
        for name in [Name::CallId, Name::From, Name::To, Name::Cseq] {
            write(request.raw(name));
        }
        for route in request.all(Name::Route) {
            write(Some(route));
        }
        hasher.finish()
    }

    fn back(&self, via: &Via<'_>) -> u64 {
        let mut hasher = self.key;
        match via.host() {
            Host::Name(name) => name
                .bytes()
                .for_each(|b| hasher.write_u8(b.to_ascii_lowercase())),
            Host::V4(ip) => hasher.write(&ip.octets()),
            Host::V6(ip) => hasher.write(&ip.octets()),
        }
        hasher.write_u16(via.port_or_default());
        hasher.write(via.branch().unwrap_or_default().as_bytes());
        if let Some(received) = via.received() {
            match received {
                std::net::IpAddr::V4(ip) => hasher.write(&ip.octets()),
                std::net::IpAddr::V6(ip) => hasher.write(&ip.octets()),
            }
        }
        hasher.write_u16(via.rport().flatten().unwrap_or_default());
        hasher.finish()
    }
}

fn letters(mut value: u64) -> [u8; PART] {
    std::array::from_fn(|_| {
        let letter = ALPHABET[(value & 31) as usize];
        value >>= 5;
        letter
    })
}

impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Marks")
    }
}
