//! What a phone is asked: a fresh nonce, and the algorithms that this phone can bear (RFC 8760 sections 2.3 and 2.4).
//!
//! Knows nothing of answers.

use std::borrow::Cow;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use sip::auth::{Algorithm, Challenge, Nonce};
use sip::msg::{Message, Name};
use sip::name::{Flow, Tag};
use sip::time::Instant;

use super::judge::{Again, Desk, address};
use super::learning::{Lesson, PhoneKey};
use super::tally::count;
use super::{Auth, response};

impl Auth {
    /// The 401 or 407 to a request.
    pub(super) fn challenge(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        desk: Desk,
        tag: &Tag,
        again: Again,
    ) -> Bytes {
        count(match again {
            Again::Plain => &self.tally.challenged,
            Again::Stale => &self.tally.stale,
        });
        let nonce = Nonce {
            given: now,
            number: self.number.fetch_add(1, Ordering::Relaxed),
        };
        let nonce = self.nonces.give(nonce, flow.peer.ip());
        let algorithms = self.offer(now, request, desk);
        let first = Challenge {
            realm: &self.policy.realm,
            nonce: nonce.as_str(),
            opaque: self.nonces.opaque(),
            algorithm: Algorithm::Md5,
            stale: again == Again::Stale,
            userhash: false,
        };
        response::challenge(request, tag, desk, first, &algorithms)
    }

    /// What this phone is offered: what is set for its user, else what is known of its make, else what was learned of
    /// it, else all.
    fn offer(&self, now: Instant, request: &Message, desk: Desk) -> Cow<'_, [Algorithm]> {
        let all = &self.policy.algorithms;
        let his = address(request, desk)
            .and_then(|uri| self.users.algorithms_of(&self.policy.realm, uri))
            .filter(|his| !his.is_empty());
        if let Some(his) = his {
            return Cow::Owned(his);
        }
        if all.len() == 1 {
            return Cow::Borrowed(all);
        }
        let agent = request.raw(Name::UserAgent).unwrap_or_default();
        if let Some(only) = self.quirks.algorithms(agent) {
            return Cow::Owned(self.policy.of(only));
        }
        let has_answered = request.raw(Name::Authorization).is_some();
        if desk == Desk::Proxy || has_answered || !all.contains(&Algorithm::Md5) {
            return Cow::Borrowed(all);
        }
        let asker = request.to().map_or("", |to| to.uri_text());
        match self.learning.asks(now, asker, agent) {
            Lesson::None => return Cow::Borrowed(all),
            Lesson::Known => {}
            Lesson::New => {
                count(&self.tally.silenced);
                let address = address(request, desk).map_or("", |uri| uri.as_str());
                let agent = String::from_utf8_lossy(agent);
                tracing::warn!(
                    ?address,
                    ?agent,
                    "a phone fell silent when it was offered more than MD5; it is offered MD5 alone from now on"
                );
            }
        }
        Cow::Borrowed(&[Algorithm::Md5])
    }

    /// The phone that a REGISTER comes from.
    pub(super) fn phone(&self, request: &Message) -> PhoneKey {
        let address = request.to().map_or("", |to| to.uri_text());
        let agent = request.raw(Name::UserAgent).unwrap_or_default();
        self.learning.phone(address, agent)
    }
}
