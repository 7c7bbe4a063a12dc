//! The codecs of a stream: what its payload types stand for (RFC 8866 section 6.6, RFC 3551 section 6).

use std::fmt;

use super::stream::{Stream, value};

/// What one payload type stands for. Two are the same codec when name, clock and channels are
/// ([`Codec::is_same`]): the payload type is only a number that one description gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codec<'a> {
    /// The number that stands for it in RTP.
    pub payload_type: u8,
    /// As the phone wrote it, or as RFC 3551 does.
    pub name: &'a str,
    /// Of the RTP timestamp, in Hz.
    pub clock: u32,
    /// 1 but where it is said otherwise.
    pub channels: u8,
}

impl Codec<'_> {
    /// Whether both are the same codec (RFC 3551 section 6: names compare without regard to case).
    pub fn is_same(&self, other: &Codec<'_>) -> bool {
        self.name.eq_ignore_ascii_case(other.name)
            && (self.clock, self.channels) == (other.clock, other.channels)
    }

    /// Whether it carries sound or pictures itself, and is no companion of a codec that does: key presses (RFC 4733),
    /// comfort noise (RFC 3389), redundancy, retransmission and the like.
    pub fn carries_media(&self) -> bool {
        let companions = [
            "telephone-event",
            "tone",
            "CN",
            "red",
            "rtx",
            "ulpfec",
            "flexfec-03",
        ];
        !companions
            .iter()
            .any(|name| name.eq_ignore_ascii_case(self.name))
    }
}

impl fmt::Display for Codec<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.clock)?;
        if self.channels > 1 {
            write!(f, "/{}", self.channels)?;
        }
        Ok(())
    }
}

/// What the formats of a stream stand for. One that nothing is said about is left out.
pub(super) fn codecs<'a>(stream: Stream<'a>) -> impl Iterator<Item = Codec<'a>> + use<'a> {
    let media = stream.media();
    let formats = if stream.is_rtp() { media.formats } else { "" };
    formats
        .split_ascii_whitespace()
        .filter_map(|format| format.parse().ok())
        .filter_map(move |payload_type| {
            mapped(stream, payload_type).or_else(|| fixed(payload_type))
        })
}

/// By the `a=rtpmap` of the stream.
fn mapped(stream: Stream<'_>, payload_type: u8) -> Option<Codec<'_>> {
    stream.attributes().find_map(|attribute| {
        let (number, encoding) = value(attribute, "rtpmap")?.split_once(' ')?;
        if number.parse() != Ok(payload_type) {
            return None;
        }
        let mut parts = encoding.trim().split('/');
        Some(Codec {
            payload_type,
            name: parts.next().filter(|name| !name.is_empty())?,
            clock: parts.next()?.parse().ok()?,
            channels: parts
                .next()
                .map_or(Some(1), |channels| channels.parse().ok())?,
        })
    })
}

/// By RFC 3551 section 6, tables 4 and 5.
fn fixed(payload_type: u8) -> Option<Codec<'static>> {
    let (name, clock, channels) = match payload_type {
        0 => ("PCMU", 8_000, 1),
        3 => ("GSM", 8_000, 1),
        4 => ("G723", 8_000, 1),
        5 => ("DVI4", 8_000, 1),
        6 => ("DVI4", 16_000, 1),
        7 => ("LPC", 8_000, 1),
        8 => ("PCMA", 8_000, 1),
        9 => ("G722", 8_000, 1),
        10 => ("L16", 44_100, 2),
        11 => ("L16", 44_100, 1),
        12 => ("QCELP", 8_000, 1),
        13 => ("CN", 8_000, 1),
        14 => ("MPA", 90_000, 1),
        15 => ("G728", 8_000, 1),
        16 => ("DVI4", 11_025, 1),
        17 => ("DVI4", 22_050, 1),
        18 => ("G729", 8_000, 1),
        25 => ("CelB", 90_000, 1),
        26 => ("JPEG", 90_000, 1),
        28 => ("nv", 90_000, 1),
        31 => ("H261", 90_000, 1),
        32 => ("MPV", 90_000, 1),
        33 => ("MP2T", 90_000, 1),
        34 => ("H263", 90_000, 1),
        _ => return None,
    };
    Some(Codec {
        payload_type,
        name,
        clock,
        channels,
    })
}
