//! What one leg of a call has been shown: it sees one session of one other party, whoever that is behind us (RFC 3264
//! sections 5, 6 and 8).
//!
//! Streams of two legs belong together by kind: the first audio of one is the first audio of the other. A stream that a
//! leg has seen keeps its place, its kind and its name; what the other party lacks stands there with port 0.

use std::hash::Hasher;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};
use sip::dialog::Body;
use siphasher::sip::SipHasher13;

use super::description::Description;
use super::groups::fresh;
use super::made;
use super::stream::{Stream, family_of};
use super::write::{Section, write};
use crate::limits;
use crate::tone::Target;

/// What one leg has been shown. One for each dialog, as long as it lives; can be kept in a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    seed: u64,
    address: IpAddr,
    /// Of the last `o=` line; 0 when nothing has been shown.
    version: u64,
    /// A digest of what followed that line.
    shown: u64,
    streams: Vec<Place>,
}

/// The place of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Its `m=` line with port 0, which begins with its kind.
    refusal: String,
    mid: Option<String>,
}

impl Place {
    fn of(stream: Stream<'_>) -> Self {
        Self {
            refusal: refusal(stream),
            mid: stream.mid().map(str::to_owned),
        }
    }

    fn is(&self, kind: &str) -> bool {
        self.refusal.split(' ').next() == Some(kind)
    }
}

impl View {
    /// Of a leg that has seen nothing. `seed` is random; `address` stands in the `o=` line and, where no media flow, as
    /// the place from which they do not.
    pub fn new(seed: u64, address: IpAddr) -> Self {
        Self {
            seed,
            address,
            version: 0,
            shown: 0,
            streams: Vec::new(),
        }
    }

    /// An offer to this leg: what the other leg's phone said, be that an offer or an answer.
    pub fn offer(&mut self, other: &Description) -> Body {
        let mut found: Vec<Option<Stream<'_>>> = vec![None; self.streams.len()];
        for stream in other.streams() {
            let mut free = (0..found.len()).filter(|&at| found[at].is_none());
            if let Some(at) = free.find(|&at| self.streams[at].is(stream.kind())) {
                found[at] = Some(stream);
            } else if found.len() < limits::SDP_STREAMS {
                found.push(Some(stream));
                let mid = None;
                let refusal = refusal(stream);
                self.streams.push(Place { refusal, mid });
            }
        }
        for (at, stream) in found.iter().enumerate() {
            if let Some(stream) = stream {
                self.streams[at].refusal = refusal(*stream);
                self.streams[at].mid = self.name(at, *stream);
            }
        }
        let sections: Vec<_> = (self.streams.iter().zip(found))
            .map(|(place, stream)| Section {
                stream,
                refusal: place.refusal.clone(),
                // Who names no streams is not made to.
                mid: place
                    .mid
                    .clone()
                    .filter(|_| stream.is_none_or(|stream| stream.mid().is_some())),
            })
            .collect();
        self.show(&write(other, &sections))
    }

    /// The answer to an offer of this leg's phone: what the other leg's phone answered to that offer, as
    /// [`View::offer`] of the other leg showed it.
    pub fn answer(&mut self, offer: &Description, answer: &Description) -> Body {
        self.learn(offer);
        let mut answers: Vec<Option<Stream<'_>>> = answer.streams().map(Some).collect();
        let sections: Vec<_> = offer
            .streams()
            .map(|offered| {
                let mut answers = answers.iter_mut();
                let is_its = |answer: &&mut Option<Stream<'_>>| {
                    answer.is_some_and(|answer| answer.kind() == offered.kind())
                };
                let stream = answers.find(is_its).and_then(Option::take);
                Section {
                    // What is not offered can not be accepted (RFC 3264 section 6).
                    stream: stream.filter(|_| offered.is_live()),
                    refusal: refusal(offered),
                    mid: offered.mid().map(str::to_owned),
                }
            })
            .collect();
        self.show(&write(answer, &sections))
    }

    /// An answer of our own to an offer of this leg's phone that keeps its streams and lets nothing flow: `inactive` in
    /// the profile that was offered, with what a browser demands where it is one. Streams that are no RTP are refused.
    pub fn held_answer(&mut self, offer: &Description) -> Body {
        self.learn(offer);
        self.show(&made::answer(offer, self.seed, self.address, None))
    }

    /// An answer of our own by which this leg's phone hears what is sent from `rtp`, and where that has to go. `None`
    /// where it can not: the first audio stream is no plain RTP, has neither PCMU nor PCMA, wants to hear nothing, or has
    /// no address that may be sent to from there.
    pub fn tone_answer(&mut self, offer: &Description, rtp: SocketAddr) -> Option<(Body, Target)> {
        let (index, target) = made::tone(offer, rtp)?;
        self.learn(offer);
        let tone = Some((index, &target, rtp));
        let rest = made::answer(offer, self.seed, self.address, tone);
        Some((self.show(&rest), target))
    }

    /// An offer of our own, for a phone that refuses an INVITE without one: G.711 and key presses, at `rtp`. What it
    /// answers is heard there and by nobody else; [`View::tone_target`] says where a tone for it has to go.
    pub fn own_offer(&mut self, rtp: SocketAddr) -> Body {
        match Description::read(&made::offer(rtp)) {
            Ok(offer) => self.offer(&offer),
            // It is ours, and can be read.
            Err(_) => Body::sdp(""),
        }
    }

    /// Where a tone sent from `rtp` has to go for a phone that answered [`View::own_offer`].
    pub fn tone_target(answer: &Description, rtp: SocketAddr) -> Option<Target> {
        made::tone(answer, rtp).map(|(_, target)| target)
    }

    /// Takes the places of the streams as the phone of this leg has them.
    fn learn(&mut self, offer: &Description) {
        for (at, stream) in offer.streams().enumerate() {
            match self.streams.get_mut(at) {
                Some(place) => *place = Place::of(stream),
                None => self.streams.push(Place::of(stream)),
            }
        }
    }

    /// The name of the stream at a place: as it was, or as the other party calls it.
    fn name(&self, at: usize, stream: Stream<'_>) -> Option<String> {
        let place = &self.streams[at];
        let is_taken = |name: &str| {
            let places = self.streams.iter().enumerate();
            places
                .filter(|(other, _)| *other != at)
                .any(|(_, place)| place.mid.as_deref() == Some(name))
        };
        let named = || stream.mid().map(|mid| fresh(mid, is_taken));
        place.mid.clone().or_else(named)
    }

    /// With our own `o=` line: its version grows when, and only when, the rest is another (RFC 3264 section 8).
    fn show(&mut self, rest: &str) -> Body {
        let mut digest = SipHasher13::new_with_keys(self.seed, 0);
        digest.write(rest.as_bytes());
        let shown = digest.finish();
        if self.version == 0 || shown != self.shown {
            self.version += 1;
            self.shown = shown;
        }
        let (session, version, address) = (self.session(), self.version, self.address);
        let family = family_of(address);
        Body::sdp(format!(
            "v=0\r\no=- {session} {version} IN {family} {address}\r\n{rest}"
        ))
    }

    /// 31 bits: there are phones that count no further.
    const fn session(&self) -> u64 {
        self.seed >> 33
    }
}

/// The `m=` line, without `m=`, that refuses or keeps the place of a stream. A format must be there and may be any (RFC
/// 3264 section 6).
pub(super) fn refusal(stream: Stream<'_>) -> String {
    let media = stream.media();
    format!("{} 0 {} {}", media.kind, media.protocol, media.format())
}
