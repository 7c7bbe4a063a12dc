//! Whether two phones can talk at all: the profiles and codecs of what both said.
//!
//! Asked so that a mismatch has a name, where phones answer 488 or worse, nothing.

use super::description::Description;
use super::stream::Stream;

/// Why the audio of two phones can not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Mismatch {
    /// One of them describes no audio that is in use.
    #[error("one phone offers no audio")]
    NoAudio,
    /// One wants its audio secured in a way that the other does not.
    #[error("{0} does not meet {1}")]
    Security(Security, Security),
    /// They have no codec in common.
    #[error("the phones have no codec in common")]
    Codecs,
}

/// How the audio of a phone is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Security {
    /// Not: `RTP/AVP` and `RTP/AVPF`.
    Plain,
    /// SRTP whose keys stand in the description (RFC 4568).
    Sdes,
    /// SRTP whose keys are agreed by DTLS (RFC 5763), as browsers do.
    Dtls,
}

impl std::fmt::Display for Security {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain RTP",
            Self::Sdes => "SRTP with keys by SDES",
            Self::Dtls => "SRTP with keys by DTLS",
        })
    }
}

/// Why the audio of these two can not meet; `None` when some stream of one can meet one of the other.
pub fn mismatch(a: &Description, b: &Description) -> Option<Mismatch> {
    let mut reason = Mismatch::NoAudio;
    for one in audio(a) {
        for other in audio(b) {
            match between(one, other) {
                None => return None,
                Some(between) => reason = between,
            }
        }
    }
    Some(reason)
}

fn audio(description: &Description) -> impl Iterator<Item = Stream<'_>> {
    let streams = description.streams();
    streams.filter(|stream| stream.kind() == "audio" && stream.is_live())
}

fn between(a: Stream<'_>, b: Stream<'_>) -> Option<Mismatch> {
    let offered = b.securities();
    if !a.securities().iter().any(|one| offered.contains(one)) {
        return Some(Mismatch::Security(a.securities()[0], offered[0]));
    }
    let common = a.codecs().filter(|codec| codec.carries_media());
    let mut common = common.filter(|one| b.codecs().any(|other| one.is_same(&other)));
    common.next().is_none().then_some(Mismatch::Codecs)
}

impl Stream<'_> {
    /// How it can be secured; the first is what it asks for. There is one at least.
    pub(super) fn securities(&self) -> Vec<Security> {
        let protocol = self.protocol().to_ascii_uppercase();
        let has_keys = self.attribute("crypto").is_some();
        let has_fingerprint = self.inherited("fingerprint").is_some();
        let mut ways = Vec::with_capacity(2);
        if !protocol.contains("SAVP") {
            ways.push(Security::Plain);
        }
        if has_fingerprint || protocol.contains("TLS") {
            ways.push(Security::Dtls);
        }
        // A secured profile without either is SDES whose keys were forgotten.
        if has_keys || ways.is_empty() {
            ways.push(Security::Sdes);
        }
        ways
    }
}
