//! Media descriptions of our own: held ones that fit whatever profile was offered, and one for a tone.
//!
//! A held stream never carries anything, so what secures it need not be secret: it only has to be well formed, and
//! differs from call to call. The next offer brings that of the other phone.

use std::fmt::Write;
use std::hash::Hasher;
use std::net::{IpAddr, SocketAddr};

use siphasher::sip::SipHasher13;

use super::codec::Codec;
use super::description::Description;
use super::meet::Security;
use super::stream::{Direction, Stream, family_of, value};
use super::view::refusal;
use super::write::line;
use crate::tone::{Law, PACKET_MS, Target};

/// What is sent where, for the stream with this number.
pub(super) type Tone<'a> = Option<(usize, &'a Target, SocketAddr)>;

/// The port of discard (RFC 863), which is what browsers write where there is no port.
const NO_PORT: u16 = 9;

/// All of an answer that follows its `o=` line: held but for the tone.
pub(super) fn answer(offer: &Description, seed: u64, address: IpAddr, tone: Tone<'_>) -> String {
    let mut out = String::with_capacity(1_024);
    line(&mut out, &["s=-"]);
    line(&mut out, &["t=0 0"]);
    let is_kept = |stream: &Stream<'_>| stream.is_live() && stream.is_rtp();
    bundle(offer, is_kept, &mut out);
    for (index, stream) in offer.streams().enumerate() {
        match tone {
            Some((toned, target, rtp)) if toned == index => {
                sounding(target, stream.direction(), rtp, &mut out);
            }
            Some(_) | None if is_kept(&stream) => held(stream, seed, address, &mut out),
            Some(_) | None => {
                line(&mut out, &["m=", &refusal(stream)]);
                connection(address, &mut out);
            }
        }
        if let Some(mid) = stream.mid() {
            line(&mut out, &["a=mid:", mid]);
        }
    }
    out
}

/// An offer of our own.
pub(super) fn offer(rtp: SocketAddr) -> String {
    let mut out = String::with_capacity(256);
    let port = rtp.port();
    line(&mut out, &["v=0"]);
    line(&mut out, &["s=-"]);
    line(&mut out, &["t=0 0"]);
    line(&mut out, &[&format!("m=audio {port} RTP/AVP 0 8 101")]);
    connection(rtp.ip(), &mut out);
    for attribute in [
        "rtpmap:0 PCMU/8000",
        "rtpmap:8 PCMA/8000",
        "rtpmap:101 telephone-event/8000",
        "fmtp:101 0-16",
        "sendrecv",
    ] {
        line(&mut out, &["a=", attribute]);
    }
    out
}

/// The first audio stream, if a tone can be sent to it from `rtp`.
pub(super) fn tone(offer: &Description, rtp: SocketAddr) -> Option<(usize, Target)> {
    let mut streams = offer.streams().enumerate();
    let (index, audio) =
        streams.find(|(_, stream)| stream.kind() == "audio" && stream.is_live())?;
    let listens = matches!(audio.direction(), Direction::SendRecv | Direction::RecvOnly);
    if !listens || !audio.protocol().eq_ignore_ascii_case("RTP/AVP") {
        return None;
    }
    let (payload_type, law) = audio
        .codecs()
        .find_map(|codec| Some((codec.payload_type, law(&codec)?)))?;
    let to = SocketAddr::new(audio.address()?, audio.port());
    Target::new(to, payload_type, law, rtp.ip()).map(|target| (index, target))
}

fn law(codec: &Codec<'_>) -> Option<Law> {
    let is = |name: &str| codec.name.eq_ignore_ascii_case(name);
    if (codec.clock, codec.channels) != (8_000, 1) {
        return None;
    }
    if is("PCMU") {
        Some(Law::Mu)
    } else if is("PCMA") {
        Some(Law::A)
    } else {
        None
    }
}

/// Of what is bundled in the offer, what is kept (RFC 9143 section 7.3).
fn bundle(offer: &Description, is_kept: impl Fn(&Stream<'_>) -> bool, out: &mut String) {
    for group in offer
        .session()
        .filter_map(|line| line.strip_prefix("a=group:BUNDLE "))
    {
        let is_here = |name: &&str| {
            let mut streams = offer.streams();
            streams.any(|stream| stream.mid() == Some(*name) && is_kept(&stream))
        };
        let kept: Vec<&str> = group.split_ascii_whitespace().filter(is_here).collect();
        if !kept.is_empty() {
            line(out, &["a=group:BUNDLE ", &kept.join(" ")]);
        }
    }
}

fn sounding(target: &Target, offered: Direction, rtp: SocketAddr, out: &mut String) {
    let (port, payload_type) = (rtp.port(), target.payload_type());
    let name = match target.law() {
        Law::Mu => "PCMU",
        Law::A => "PCMA",
    };
    // Whoever speaks is let speak: `sendonly` would show on the phone as being held.
    let direction = match offered {
        Direction::RecvOnly => Direction::SendOnly,
        Direction::SendRecv | Direction::SendOnly | Direction::Inactive => Direction::SendRecv,
    };
    line(out, &[&format!("m=audio {port} RTP/AVP {payload_type}")]);
    connection(rtp.ip(), out);
    line(out, &[&format!("a=rtpmap:{payload_type} {name}/8000")]);
    line(out, &[&format!("a=ptime:{PACKET_MS}")]);
    line(out, &["a=", direction.attribute()]);
}

/// One codec of those offered: PJSIP answers several by an offer of its own.
fn held(stream: Stream<'_>, seed: u64, address: IpAddr, out: &mut String) {
    let media = stream.media();
    let carried = stream.codecs().find(Codec::carries_media);
    let format = carried.map_or_else(
        || media.format().to_owned(),
        |codec| codec.payload_type.to_string(),
    );
    let (kind, protocol) = (media.kind, media.protocol);
    line(out, &[&format!("m={kind} {NO_PORT} {protocol} {format}")]);
    if stream.has_ice() {
        line(out, &["c=IN IP4 0.0.0.0"]);
    } else {
        connection(address, out);
    }
    line(out, &["a=inactive"]);
    for name in ["rtpmap", "fmtp"] {
        let said = stream.attributes().filter(|attribute| {
            let of = value(attribute, name).and_then(|value| value.split(' ').next());
            of == Some(&format)
        });
        said.for_each(|attribute| line(out, &["a=", attribute]));
    }
    if stream.has("rtcp-mux") {
        line(out, &["a=rtcp-mux"]);
    }
    match stream.securities()[0] {
        Security::Plain => {}
        Security::Sdes => sdes(stream, seed, out),
        Security::Dtls => dtls(stream, seed, out),
    }
}

/// RFC 4568: the suite that was offered first, under its tag, with a key of the same length.
fn sdes(stream: Stream<'_>, seed: u64, out: &mut String) {
    let offered = stream.attribute("crypto").unwrap_or_default();
    let mut words = offered.split_ascii_whitespace();
    let parts = (words.next(), words.next(), words.next());
    if let (Some(tag), Some(suite), Some(key)) = parts
        && let Some(key) = key.strip_prefix("inline:")
    {
        let length = key
            .split('|')
            .next()
            .map_or(0, |key| key.trim_end_matches('=').len());
        let octets = made_up(seed, 0, (length * 3 / 4).min(64));
        let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, octets);
        line(out, &["a=crypto:", tag, " ", suite, " inline:", &key]);
    }
}

/// RFC 5763 and RFC 8839: as browsers want it, with ICE where they have it.
fn dtls(stream: Stream<'_>, seed: u64, out: &mut String) {
    if stream.has_ice() {
        line(out, &["a=ice-ufrag:", &hex(seed, 1, 4, "")]);
        line(out, &["a=ice-pwd:", &hex(seed, 2, 16, "")]);
    }
    line(out, &["a=fingerprint:sha-256 ", &hex(seed, 3, 32, ":")]);
    // Who connects: we, where the offer leaves it open (RFC 5763 section 5).
    let setup = match stream.inherited("setup") {
        Some("active") => "passive",
        Some(_) | None => "active",
    };
    line(out, &["a=setup:", setup]);
}

fn connection(address: IpAddr, out: &mut String) {
    line(
        out,
        &["c=IN ", family_of(address), " ", &address.to_string()],
    );
}

fn hex(seed: u64, purpose: u64, octets: usize, between: &str) -> String {
    let mut text = String::new();
    for octet in made_up(seed, purpose, octets) {
        if !text.is_empty() {
            text.push_str(between);
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{octet:02X}");
    }
    text
}

/// Octets that look like any.
fn made_up(seed: u64, purpose: u64, count: usize) -> Vec<u8> {
    let mut digest = SipHasher13::new_with_keys(seed, purpose);
    let more = std::iter::repeat_with(|| {
        digest.write_u8(0);
        digest.finish().to_be_bytes()
    });
    more.flatten().take(count).collect()
}
