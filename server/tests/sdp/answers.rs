//! Answers of our own: held, or with a tone.

use std::net::SocketAddr;

use server::sdp::{Direction, View};
use server::tone::Law;

use crate::samples::{BROWSER, DESK, VIDEO, again, lines, media, read, text, view};

fn rtp() -> SocketAddr {
    SocketAddr::new(crate::samples::ours(), 40_000)
}

#[test]
fn a_desk_phone_is_held_with_one_codec() {
    let held = view().held_answer(&read(DESK));
    assert_eq!(
        text(&held),
        "v=0\r\no=- 152709948 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 9\r\nc=IN IP4 192.0.2.1\r\n\
         a=inactive\r\na=rtpmap:9 G722/8000\r\n"
    );
    let both = view().held_answer(&read(VIDEO));
    assert_eq!(
        media(&both),
        ["m=audio 9 RTP/AVP 96", "m=video 9 RTP/AVP 97"]
    );
    assert_eq!(lines(&both, "a=inactive").len(), 2);
    assert_eq!(
        lines(&both, "a=fmtp"),
        ["a=fmtp:97 profile-level-id=42801F"]
    );
}

/// RFC 8829 section 5.8, RFC 5763 section 5, RFC 9143 section 7.3.
#[test]
fn a_browser_is_held_in_its_own_terms() {
    let held = view().held_answer(&read(BROWSER));
    assert_eq!(
        media(&held),
        [
            "m=audio 9 UDP/TLS/RTP/SAVPF 111",
            "m=video 9 UDP/TLS/RTP/SAVPF 96"
        ]
    );
    assert_eq!(lines(&held, "a=group"), ["a=group:BUNDLE 0 1"]);
    assert_eq!(lines(&held, "a=mid"), ["a=mid:0", "a=mid:1"]);
    assert_eq!(lines(&held, "a=setup"), ["a=setup:active"; 2]);
    assert_eq!(lines(&held, "a=rtcp-mux").len(), 2);
    assert_eq!(lines(&held, "c="), ["c=IN IP4 0.0.0.0"; 2]);
    let length = |prefix: &str| lines(&held, prefix)[0].len() - prefix.len();
    assert!((4..=256).contains(&length("a=ice-ufrag:")));
    assert!((22..=256).contains(&length("a=ice-pwd:")));
    assert_eq!(length("a=fingerprint:sha-256 "), 32 * 3 - 1);
    assert_eq!(again(&held).direction(), Some(Direction::Inactive));
    let passive = BROWSER.replace("actpass", "active");
    assert_eq!(
        lines(&view().held_answer(&read(&passive)), "a=setup"),
        ["a=setup:passive"; 2]
    );
}

/// RFC 4568 section 5.1.2: tag and suite of the offer, a key of the suite's length.
#[test]
fn keys_in_the_description_are_answered_with_a_key() {
    let key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
    let offer = DESK.replace("RTP/AVP", "RTP/SAVP")
        + &format!(
            "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^20|1:4 FEC_ORDER=FEC_SRTP\r\n"
        );
    let held = view().held_answer(&read(&offer));
    let crypto = lines(&held, "a=crypto:")[0];
    let ours = crypto
        .strip_prefix("a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:")
        .unwrap();
    assert_eq!(ours.len(), key.len());
    assert_ne!(ours, key);
    let other = View::new(99, crate::samples::ours()).held_answer(&read(&offer));
    assert_ne!(
        lines(&other, "a=crypto:")[0],
        crypto,
        "another call, another key"
    );
}

#[test]
fn what_is_no_rtp_is_refused_and_what_was_given_up_stays_so() {
    let offer = DESK.to_owned()
        + "m=image 4000 udptl t38\r\nm=video 0 RTP/AVP 31\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n";
    let held = view().held_answer(&read(&offer));
    assert_eq!(
        media(&held)[1..],
        [
            "m=image 0 udptl t38",
            "m=video 0 RTP/AVP 31",
            "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"
        ]
    );
    assert_eq!(lines(&held, "c=").len(), 4);
}

#[test]
fn a_tone_goes_where_the_phone_listens() {
    let (answer, target) = view().tone_answer(&read(DESK), rtp()).unwrap();
    assert_eq!(
        text(&answer),
        "v=0\r\no=- 152709948 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\nc=IN IP4 192.0.2.1\r\n\
         a=rtpmap:8 PCMA/8000\r\na=ptime:20\r\na=sendrecv\r\n"
    );
    assert_eq!(target.to(), "192.0.2.11:27000".parse().unwrap());
    assert_eq!((target.payload_type(), target.law()), (8, Law::A));
    // Under a number of the phone's own, and only to be listened to.
    let offer = "v=0\r\nc=IN IP4 192.0.2.11\r\nm=audio 8 RTP/AVP 18 99\r\na=rtpmap:99 pcmu/8000\r\na=recvonly\r\n\
                 m=video 6 RTP/AVP 31\r\n";
    let (answer, target) = view().tone_answer(&read(offer), rtp()).unwrap();
    assert_eq!(
        media(&answer),
        ["m=audio 40000 RTP/AVP 99", "m=video 9 RTP/AVP 31"]
    );
    assert_eq!((target.payload_type(), target.law()), (99, Law::Mu));
    assert_eq!(
        again(&answer).streams().next().unwrap().direction(),
        Direction::SendOnly
    );
}

#[test]
fn no_tone_where_it_would_not_be_heard_or_must_not_go() {
    let none = |offer: &str| view().tone_answer(&read(offer), rtp()).is_none();
    assert!(none(BROWSER), "not plain RTP");
    for (was, is, why) in [
        ("RTP/AVP", "RTP/SAVP", "secured"),
        ("sendrecv", "sendonly", "holds"),
        ("sendrecv", "inactive", "holds"),
        ("9 8 0 101", "9 101", "no G.711"),
        ("27000", "0", "given up"),
        ("c=IN IP4 192.0.2.11", "c=IN IP4 0.0.0.0", "held of old"),
        ("c=IN IP4 192.0.2.11", "c=IN IP4 phone.example", "a name"),
        (
            "c=IN IP4 192.0.2.11",
            "c=IN IP6 2001:db8::1",
            "another family",
        ),
        ("c=IN IP4 192.0.2.11", "c=IN IP6 192.0.2.11", "of no family"),
        (
            "c=IN IP4 192.0.2.11",
            "c=IN IP4 239.1.2.3/127",
            "everybody's",
        ),
        (
            "c=IN IP4 192.0.2.11",
            "c=IN IP4 255.255.255.255",
            "everybody's",
        ),
        ("c=IN IP4 192.0.2.11", "c=IN IP4 127.0.0.1", "our own"),
        ("m=audio", "m=video", "no audio"),
    ] {
        assert!(none(&DESK.replace(was, is)), "{why}");
    }
    let mut view = view();
    let untouched = view.clone();
    assert!(view.tone_answer(&read(BROWSER), rtp()).is_none());
    assert_eq!(view, untouched, "what was not shown is not remembered");
}

#[test]
fn an_offer_of_our_own_is_answered_with_a_place_for_the_tone() {
    let mut view = view();
    let offer = view.own_offer(rtp());
    assert_eq!(media(&offer), ["m=audio 40000 RTP/AVP 0 8 101"]);
    assert_eq!(lines(&offer, "c="), ["c=IN IP4 192.0.2.1"]);
    let target = View::tone_target(&read(DESK), rtp()).unwrap();
    assert_eq!(target.to(), "192.0.2.11:27000".parse().unwrap());
    // What comes then is another description in the same session.
    assert_eq!(crate::samples::version(&view.offer(&read(DESK))), 2);
}
