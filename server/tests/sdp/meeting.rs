//! Whether two phones can talk, and why not.

use server::sdp::{Mismatch, Security, mismatch};

use crate::samples::{BROWSER, DESK, VIDEO, read};

fn between(a: &str, b: &str) -> Option<Mismatch> {
    let (a, b) = (read(a), read(b));
    let (one, other) = (mismatch(&a, &b), mismatch(&b, &a));
    assert_eq!(
        one.is_none(),
        other.is_none(),
        "it does not matter who is who"
    );
    one
}

#[test]
fn the_same_codec_is_enough_whatever_its_number_or_its_case() {
    assert_eq!(between(DESK, VIDEO), None);
    let opus = |line: &str| format!("v=0\r\nm=audio 1 RTP/AVP 111\r\na=rtpmap:111 {line}\r\n");
    assert_eq!(between(&opus("OPUS/48000/2"), VIDEO), None);
    assert_eq!(between(&opus("opus/48000"), VIDEO), Some(Mismatch::Codecs));
    assert_eq!(between(&opus("PCMU/8000/1"), DESK), None);
}

#[test]
fn key_presses_and_noise_are_no_conversation() {
    let only = "v=0\r\nm=audio 1 RTP/AVP 18 13 101\r\na=rtpmap:101 telephone-event/8000\r\n";
    let other = "v=0\r\nm=audio 1 RTP/AVP 0 13 101\r\na=rtpmap:101 telephone-event/8000\r\n";
    assert_eq!(between(only, other), Some(Mismatch::Codecs));
}

#[test]
fn profiles_that_can_not_meet_are_named() {
    let expected = Mismatch::Security(Security::Plain, Security::Dtls);
    assert_eq!(between(DESK, BROWSER), Some(expected));
    assert_eq!(
        expected.to_string(),
        "plain RTP does not meet SRTP with keys by DTLS"
    );
    let sdes =
        DESK.replace("RTP/AVP", "RTP/SAVP") + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n";
    assert_eq!(
        between(&sdes, BROWSER),
        Some(Mismatch::Security(Security::Sdes, Security::Dtls))
    );
    assert_eq!(between(&sdes, &sdes), None);
    // RFC 8643: plain, but secured where the other can.
    let either = DESK.to_owned() + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n";
    assert_eq!(between(&either, DESK), None);
    assert_eq!(between(&either, &sdes), None);
    assert_eq!(between(BROWSER, BROWSER), None);
}

#[test]
fn without_audio_there_is_no_call() {
    let none = "v=0\r\nm=video 1 RTP/AVP 31\r\n";
    assert_eq!(between(none, DESK), Some(Mismatch::NoAudio));
    let refused = DESK.replace("27000", "0");
    assert_eq!(between(&refused, DESK), Some(Mismatch::NoAudio));
}
