//! One request at the door: let in as whom, or refused how (RFC 3261 section 22, RFC 7616 sections 3.4 and 5).
//!
//! ```text
//! no credentials of our realm        challenge
//! a nonce that is not, or too old    challenge, stale=true: whatever the password
//! wrong password, unknown user       challenge, counted
//! right, but nc was used before      challenge, stale=true
//! right, but not his address         403
//! right                              let in
//! ```
//!
//! A right answer to a challenge just given is always let in: phones take a second challenge for a wrong password.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use sip::auth::{AuthFault, Claim, Credentials, Nonce, Use};
use sip::limits::MAX_CREDENTIALS;
use sip::msg::{Message, Method, Name};
use sip::name::{Aor, Flow, Tag, UriRef};
use sip::time::Instant;

use super::bans::{Offence, Sentence};
use super::response::{self, Refusal};
use super::tally::count;
use super::users::User;
use super::{Auth, PARTS};
use crate::config::MethodRule;

/// Who asks for proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    /// The registrar, by 401; the user's address is in To.
    Registrar,
    /// The proxy, by 407; the user's address is in From.
    Proxy,
}

/// As whom a request is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Nobody asked.
    Anyone,
    /// A user who has proven himself.
    User(Arc<User>),
}

/// A challenge that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Nothing, or something wrong, was offered.
    Plain,
    /// Only the nonce, or its count, is used up.
    Stale,
}

/// Why a request is not let in.
enum Denial {
    Challenge(Again),
    Refusal(Refusal),
}

impl Auth {
    /// Whether a request outside of a dialog is not even to be answered: it comes from a source that is slowed or banned,
    /// or from a scanner. To be asked before a transaction begins.
    pub fn overlooks(&self, now: Instant, request: &Message, flow: &Flow) -> bool {
        if self.is_open() || matches!(request.method(), None | Some(Method::Ack | Method::Cancel)) {
            return false;
        }
        let is_deaf = self.bans.is_deaf_to(now, flow.peer.ip());
        let is_scanner = || {
            request.raw(Name::Authorization).is_none()
                && request.raw(Name::ProxyAuthorization).is_none()
                && request
                    .raw(Name::UserAgent)
                    .is_some_and(|agent| self.quirks.is_scanner(agent))
        };
        if !is_deaf && !is_scanner() {
            return false;
        }
        if request.to().is_ok_and(|to| to.tag().is_some()) {
            return false;
        }
        if is_deaf {
            count(&self.tally.unheard);
            return true;
        }
        count(&self.tally.scanned);
        tracing::debug!(peer = %flow.peer, "a scanner is not answered");
        // By datagram anybody could say so in anybody's name.
        if flow.transport.is_reliable() {
            self.failed(now, "", flow, Offence::Scanner);
        }
        true
    }

    /// Whether a request may go on, and as whose; else the response to it. Not for requests in dialogs that are known:
    /// these were let in when they began.
    pub fn judge(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        desk: Desk,
        tag: &Tag,
    ) -> Result<Subject, Bytes> {
        let rule = request.method().and_then(|method| self.policy.rule(method));
        let Some(rule) = rule else {
            return Ok(Subject::Anyone);
        };
        match self.examine(now, request, flow, desk, rule) {
            Ok(user) => {
                count(&self.tally.accepted);
                Ok(Subject::User(user))
            }
            Err(Denial::Challenge(again)) => {
                Err(self.challenge(now, request, flow, desk, tag, again))
            }
            Err(Denial::Refusal(refusal)) => {
                let counter = match refusal {
                    Refusal::Malformed(_) | Refusal::OtherUri | Refusal::WithoutQop => {
                        &self.tally.malformed
                    }
                    Refusal::NotHis | Refusal::NoRole => &self.tally.forbidden,
                    Refusal::Wait(_) => &self.tally.waited,
                };
                count(counter);
                tracing::debug!(peer = %flow.peer, ?refusal, "credentials refused");
                Err(response::refused(request, tag, refusal))
            }
        }
    }

    fn examine(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        desk: Desk,
        rule: &MethodRule,
    ) -> Result<Arc<User>, Denial> {
        let Some(credentials) = self.credentials(request, desk)? else {
            return Err(Denial::Challenge(Again::Plain));
        };
        let source = flow.peer.ip();
        let nonce = self
            .nonce(now, &credentials, source)
            .ok_or(Denial::Challenge(Again::Stale))?;
        if desk == Desk::Registrar && self.policy.algorithms.len() > 1 {
            self.learning.answers(self.phone(request));
        }
        let (method, uri) = request
            .method()
            .zip(request.request_uri())
            .ok_or(Denial::Challenge(Again::Plain))?;
        if !credentials.are_for_uri(uri) {
            return Err(Denial::Refusal(Refusal::OtherUri));
        }
        let Some(nc) = credentials.count() else {
            return Err(Denial::Refusal(Refusal::WithoutQop));
        };
        let user = self.prove(now, flow, method, &credentials)?;
        self.take(now, nonce, nc, request)?;
        self.bans.succeed(&user.name, source);
        self.permit(request, flow, desk, rule, &user)?;
        Ok(user)
    }

    /// The credentials for our realm, those with an algorithm of ours before others; `None` if there are none.
    fn credentials<'a>(
        &self,
        request: &'a Message,
        desk: Desk,
    ) -> Result<Option<Credentials<'a>>, Denial> {
        let header = match desk {
            Desk::Registrar => Name::Authorization,
            Desk::Proxy => Name::ProxyAuthorization,
        };
        let (mut found, mut fault) = (None, None);
        for value in request.all(header).take(MAX_CREDENTIALS) {
            match Credentials::parse(value) {
                Ok(these) if !these.is_for(&self.policy.realm) => {}
                Ok(these) if these.algorithm().is_some() => {
                    found = Some(these);
                    break;
                }
                Ok(these) => found = found.or(Some(these)),
                // Another scheme is somebody else's.
                Err(AuthFault::NotDigest) => {}
                Err(why) => fault = Some(why),
            }
        }
        match (found, fault) {
            (Some(found), _) => Ok(Some(found).filter(|it| !it.are_empty())),
            (None, Some(why)) => Err(Denial::Refusal(Refusal::Malformed(why))),
            (None, None) => Ok(None),
        }
    }

    /// The nonce that is answered, if it is one of ours, given to this source, and not too old.
    fn nonce(&self, now: Instant, credentials: &Credentials<'_>, source: IpAddr) -> Option<Nonce> {
        let is_ours = credentials
            .opaque()
            .is_none_or(|opaque| opaque == self.nonces.opaque().as_bytes());
        self.nonces
            .read(credentials.nonce(), source)
            .filter(|nonce| is_ours && now.since(nonce.given) < self.lifetime)
    }

    /// The user, if the password is right. Whatever is wrong takes the same way.
    fn prove(
        &self,
        now: Instant,
        flow: &Flow,
        method: &Method,
        credentials: &Credentials<'_>,
    ) -> Result<Arc<User>, Denial> {
        let wrong = Denial::Challenge(Again::Plain);
        let (claim, algorithm) = credentials
            .claim()
            .zip(credentials.algorithm())
            .ok_or(wrong)?;
        let realm = &*self.policy.realm;
        let found = match &claim {
            Claim::Name(name) => self.users.find(realm, name),
            Claim::Hash(octets, width) => self.users.find_by_hash(realm, &octets[..*width]),
        };
        let found = found.filter(|user| user.enabled);
        let name = match (&found, &claim) {
            (Some(user), _) => &*user.name,
            (None, Claim::Name(name)) => name,
            (None, Claim::Hash(..)) => "",
        };
        if let Some(wait) = self.bans.wait(now, name, flow.peer.ip()) {
            let seconds = wait.as_secs() + 1;
            return Err(Denial::Refusal(Refusal::Wait(seconds)));
        }
        let user = found.as_deref().unwrap_or(&self.nobody);
        let offered = user.algorithms.as_ref().unwrap_or(&self.policy.algorithms);
        let is_offered = offered.contains(&algorithm);
        let is_right = credentials.prove(method, user.ha1(algorithm.hash()));
        if let Some(user) = found.as_ref().filter(|_| is_right && is_offered) {
            return Ok(Arc::clone(user));
        }
        if is_right && found.is_some() {
            // He knows the password, but says it in a way that is not accepted.
            return Err(Denial::Challenge(Again::Plain));
        }
        let is_known = found.is_some();
        tracing::info!(user = ?name, is_known, peer = %flow.peer, %method, "wrong password or unknown user");
        count(&self.tally.wrong);
        self.failed(now, name, flow, Offence::Password);
        Err(Denial::Challenge(Again::Plain))
    }

    /// Uses the nonce up, once more.
    fn take(&self, now: Instant, nonce: Nonce, nc: u32, request: &Message) -> Result<(), Denial> {
        let part = usize::try_from(nonce.number).unwrap_or(0) % PARTS;
        let this = std::hash::BuildHasher::hash_one(&self.requests, request.bytes());
        let taken = self.counts[part]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(now, nonce, nc, this);
        match taken {
            // The very same request again does nothing that the first has not done.
            Use::First | Use::Repeated => Ok(()),
            Use::Replayed | Use::Stale => Err(Denial::Challenge(Again::Stale)),
        }
    }

    /// Whether the user may do this, under this address.
    fn permit(
        &self,
        request: &Message,
        flow: &Flow,
        desk: Desk,
        rule: &MethodRule,
        user: &User,
    ) -> Result<(), Denial> {
        let uri = address(request, desk);
        let is_his = match uri.map(Aor::from_uri) {
            Some(Ok(aor)) => self.policy.is_his(user, &aor),
            Some(Err(_)) | None => false,
        };
        // RFC 3323 section 4.1.1.3: who hides his name from the other side does not hide it from us.
        let is_hidden = desk == Desk::Proxy
            && uri.is_some_and(|uri| {
                uri.user() == Some("anonymous")
                    && uri.host() == sip::name::Host::Name("anonymous.invalid")
            });
        let denial = if !is_his && !is_hidden {
            Refusal::NotHis
        } else if rule.role.as_ref().is_some_and(|role| !user.plays(role)) {
            Refusal::NoRole
        } else {
            return Ok(());
        };
        let address = uri.map_or("", |uri| uri.as_str());
        tracing::info!(user = ?user.name, ?address, peer = %flow.peer, "403: {denial:?}");
        Err(Denial::Refusal(denial))
    }

    fn failed(&self, now: Instant, name: &str, flow: &Flow, offence: Offence) {
        let peer = flow.peer.ip();
        let [source, user] = self.bans.fail(now, name, peer, offence);
        for (sentence, what) in [(source, "its address"), (user, "the user")] {
            match sentence {
                Sentence::Free => {}
                Sentence::Slowed(wait) => {
                    tracing::debug!(user = ?name, %peer, ?wait, ?offence, "too many failures: {what} has to wait");
                }
                Sentence::Banned(time) => {
                    count(&self.tally.banned);
                    tracing::warn!(user = ?name, %peer, ?time, ?offence, "too many failures: {what} is banned");
                }
            }
        }
    }
}

/// Under which address a request comes.
pub(super) fn address(request: &Message, desk: Desk) -> Option<UriRef<'_>> {
    let named = match desk {
        Desk::Registrar => request.to(),
        Desk::Proxy => request.from(),
    };
    named.and_then(|named| named.uri()).ok()
}
