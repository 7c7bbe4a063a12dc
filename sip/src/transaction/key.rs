//! What tells one transaction from all others (RFC 3261 17.1.3 and 17.2.3), as a keyed 128-bit fingerprint.
//!
//! A fingerprint costs sixteen bytes instead of the texts it is made of. Two different texts share one by
//! accident never, and on purpose only for who knows the seed. Knows nothing of what is done with it.

use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::net::IpAddr;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::msg::{Message, Method, Via};
use crate::name::ids::MAGIC_COOKIE;
use crate::name::{Flow, Host, Tag};

/// A fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u128);

/// Makes fingerprints.
pub(super) struct Keys {
    empty: SipHasher13,
}

impl Keys {
    pub(super) fn new(seed: &[u8; 16]) -> Self {
        Self {
            empty: SipHasher13::new_with_key(seed),
        }
    }

    /// Of a client transaction: the branch is ours, so it is enough with the method that CSeq names (17.1.3).
    pub(super) fn client(&self, branch: &str, method: &Method) -> Key {
        self.of(Kind::Client)
            .token(branch)
            .text(method.as_str())
            .key()
    }

    /// Of the client transaction that a response belongs to.
    pub(super) fn client_of(&self, response: &Message) -> Option<Key> {
        let (_, method) = response.cseq().ok()?;
        Some(self.client(response.via().ok()?.branch()?, &method))
    }

    /// Of the server transaction that a request belongs to if its method counts as `method`: an ACK and a
    /// CANCEL belong to their INVITE's. `None` if the request lacks what tells it apart.
    pub(super) fn server(&self, request: &Message, method: &Method) -> Option<Key> {
        let via = request.via().ok()?;
        if let Some(branch) = unique_branch(&via) {
            let print = self.of(Kind::Server).token(branch).sent_by(&via);
            return Some(print.text(method.as_str()).key());
        }
        let to_tag = request.to().ok()?.tag();
        self.server_2543(request, &via, method, to_tag)
    }

    /// Of the INVITE without To tag that an ACK of an RFC 2543 client belongs to. That ACK has the To tag of
    /// the *response*, which is to be compared. `None` for a client of RFC 3261.
    pub(super) fn server_of_old_ack(&self, ack: &Message) -> Option<Key> {
        let via = ack.via().ok()?;
        match unique_branch(&via) {
            Some(_) => None,
            None => self.server_2543(ack, &via, &Method::Invite, None),
        }
    }

    /// 17.2.3, for a branch without the magic cookie.
    fn server_2543(
        &self,
        request: &Message,
        via: &Via<'_>,
        method: &Method,
        to_tag: Option<&str>,
    ) -> Option<Key> {
        let (number, _) = request.cseq().ok()?;
        let print = self
            .of(Kind::Server2543)
            .text(request.request_uri()?)
            .token(to_tag.unwrap_or_default())
            .token(request.from().ok()?.tag().unwrap_or_default())
            .text(request.call_id().ok()?)
            .number(u64::from(number))
            .text(method.as_str())
            .token(via.transport_text())
            .token(via.branch().unwrap_or_default())
            .sent_by(via);
        Some(print.key())
    }

    /// Of a flow.
    pub(super) fn flow(&self, flow: &Flow) -> Key {
        self.of(Kind::Flow)
            .text(flow.transport.via_token())
            .address(flow.local.ip())
            .number(u64::from(flow.local.port()))
            .address(flow.peer.ip())
            .number(u64::from(flow.peer.port()))
            .number(flow.connection.0)
            .key()
    }

    /// A To tag for a response without a transaction: the same whenever the request comes again (8.2.7).
    pub(super) fn tag(&self, request: &Message) -> Tag {
        let branch = request
            .via()
            .ok()
            .and_then(|via| via.branch())
            .unwrap_or_default();
        let call_id = request.call_id().unwrap_or_default();
        let Key(print) = self.of(Kind::Tag).token(branch).text(call_id).key();
        Tag::new(&format!("{:016x}", print >> 64))
    }

    fn of(&self, kind: Kind) -> Print {
        let mut hasher = self.empty;
        hasher.write_u8(kind as u8);
        Print(hasher)
    }
}

/// The branch, if it has the magic cookie and something after it; then it is unique (8.1.1.7).
fn unique_branch<'a>(via: &Via<'a>) -> Option<&'a str> {
    let branch = via.branch()?;
    let (cookie, rest) = branch.split_at_checked(MAGIC_COOKIE.len())?;
    (cookie.eq_ignore_ascii_case(MAGIC_COOKIE) && !rest.is_empty()).then_some(branch)
}

/// What a fingerprint is of: two kinds never meet.
#[derive(Clone, Copy)]
enum Kind {
    Client,
    Server,
    Server2543,
    Flow,
    Tag,
}

/// A fingerprint that is being made.
struct Print(SipHasher13);

impl Print {
    /// Text that compares octet by octet. Its end is marked, so that no text runs into the next.
    fn text(mut self, text: &str) -> Self {
        self.0.write(text.as_bytes());
        self.0.write_u8(0xff);
        self
    }

    /// Text that compares without case, as tokens and host names do (7.3.1).
    fn token(mut self, text: &str) -> Self {
        let mut lower = [0; 64];
        for chunk in text.as_bytes().chunks(lower.len()) {
            let lower = &mut lower[..chunk.len()];
            lower.copy_from_slice(chunk);
            lower.make_ascii_lowercase();
            self.0.write(lower);
        }
        self.0.write_u8(0xff);
        self
    }

    fn number(mut self, number: u64) -> Self {
        self.0.write_u64(number);
        self
    }

    fn address(mut self, address: IpAddr) -> Self {
        match address {
            IpAddr::V4(four) => self.0.write(&four.octets()),
            IpAddr::V6(six) => self.0.write(&six.octets()),
        }
        self.0.write_u8(0xff);
        self
    }

    fn sent_by(self, via: &Via<'_>) -> Self {
        let print = match via.host() {
            Host::Name(name) => self.token(name),
            Host::V4(four) => self.address(four.into()),
            Host::V6(six) => self.address(six.into()),
        };
        print.number(u64::from(via.port_or_default()))
    }

    fn key(self) -> Key {
        let print = self.0.finish128();
        Key(u128::from(print.h1) << 64 | u128::from(print.h2))
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Half of it spreads as well as the whole.
        state.write_u64((self.0 >> 64) as u64);
    }
}

/// For tables by [`Key`], which needs no further hashing.
pub(super) type BuildTaken = BuildHasherDefault<Taken>;

/// Takes the number it is given for the hash.
#[derive(Default)]
pub(super) struct Taken(u64);

impl Hasher for Taken {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
