//! What one leg is shown of the other's phone: its own session, its own places, its own names.

use server::sdp::View;

use crate::samples::{BROWSER, DESK, VIDEO, again, lines, media, read, text, version, view};

/// RFC 3264 section 8, RFC 8866 section 5.2.
#[test]
fn the_session_is_ours_and_everything_else_the_phones() {
    let shown = view().offer(&read(DESK));
    assert_eq!(lines(&shown, "o="), ["o=- 152709948 1 IN IP4 192.0.2.1"]);
    let rest = |text: &str| {
        let lines: Vec<_> = text
            .lines()
            .filter(|line| !line.starts_with("o="))
            .collect();
        lines.join("\n")
    };
    assert_eq!(rest(text(&shown)), rest(DESK));
    for phone in [VIDEO, BROWSER] {
        assert_eq!(rest(text(&view().offer(&read(phone)))), rest(phone));
    }
}

#[test]
fn the_version_grows_exactly_when_something_changes() {
    let mut view = view();
    let first = view.offer(&read(DESK));
    // A phone that counts, and says the same.
    let same = view.offer(&read(&DESK.replace("3872 1", "3872 2")));
    assert_eq!(first, same);
    let held = view.offer(&read(&DESK.replace("sendrecv", "sendonly")));
    assert_eq!((version(&first), version(&held)), (1, 2));
    assert_eq!(version(&view.offer(&read(DESK))), 3);
}

#[test]
fn what_a_description_must_have_is_added_where_it_belongs() {
    let shown = view().offer(&read(
        "v=0\r\nc=IN IP4 192.0.2.7\r\na=x\r\nm=audio 7 RTP/AVP 0\r\n",
    ));
    assert_eq!(
        text(&shown),
        "v=0\r\no=- 152709948 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\na=x\r\nm=audio 7 RTP/AVP 0\r\n"
    );
    let shown = view().offer(&read(
        "v=0\r\ns=\r\nm=audio 7 RTP/AVP 0\r\nc=IN IP4 192.0.2.7\r\n",
    ));
    assert_eq!(lines(&shown, "s="), ["s=-"]);
    assert_eq!(lines(&shown, "t="), ["t=0 0"]);
}

/// RFC 3264 section 8: a leg that has seen a stream sees it for good.
#[test]
fn a_stream_keeps_its_place_when_the_other_party_has_it_not() {
    let mut view = view();
    view.offer(&read(VIDEO));
    let without = view.offer(&read(DESK));
    assert_eq!(
        media(&without),
        ["m=audio 27000 RTP/AVP 9 8 0 101", "m=video 0 RTP/AVP 97"]
    );
    assert_eq!(version(&without), 2);
    let back = view.offer(&read(VIDEO));
    assert_eq!(media(&back)[1], "m=video 9078 RTP/AVP 97");
    // In places of its own, whatever the order of the other.
    let (session, streams) = VIDEO.split_at(VIDEO.find("m=audio").unwrap());
    let (audio, video) = streams.split_at(streams.find("m=video").unwrap());
    let turned = view.offer(&read(&[session, video, audio].concat()));
    assert_eq!(media(&turned), media(&back));
}

#[test]
fn a_place_without_an_address_of_the_session_has_its_own() {
    let mut view = view();
    view.offer(&read(VIDEO));
    let only_audio = &VIDEO[..VIDEO.find("m=video").unwrap()];
    let shown = view.offer(&read(only_audio));
    assert!(text(&shown).ends_with("m=video 0 RTP/AVP 97\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n"));
}

/// A's offer goes to B; B's answer comes back in A's order (RFC 3264 section 6).
#[test]
fn an_answer_has_the_streams_of_its_offer() {
    let (mut a, mut b) = (view(), View::new(7, crate::samples::ours()));
    let offer = read(VIDEO);
    // B has seen pictures first, of somebody else.
    b.offer(&read(
        "v=0\r\nm=video 5 RTP/AVP 31\r\nc=IN IP4 192.0.2.9\r\n",
    ));
    let to_b = b.offer(&offer);
    assert_eq!(
        media(&to_b),
        ["m=video 9078 RTP/AVP 97", "m=audio 7078 RTP/AVP 96 0 101"]
    );
    let answer = read(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n\
         m=video 0 RTP/AVP 97\r\nm=audio 600 RTP/AVP 0\r\n",
    );
    let to_a = a.answer(&offer, &answer);
    assert_eq!(
        media(&to_a),
        ["m=audio 600 RTP/AVP 0", "m=video 0 RTP/AVP 97"]
    );
    // One that lacks a stream altogether refuses it.
    let to_a = a.answer(&offer, &read(DESK));
    assert_eq!(
        media(&to_a),
        ["m=audio 27000 RTP/AVP 9 8 0 101", "m=video 0 RTP/AVP 97"]
    );
    // And what was given up in the offer stays so.
    let given_up = read(&VIDEO.replace("m=video 9078", "m=video 0"));
    let to_a = a.answer(&given_up, &read(VIDEO));
    assert_eq!(media(&to_a)[1], "m=video 0 RTP/AVP 97");
}

/// RFC 9143 sections 7 and 9: one name for a stream on a leg, and no packets that carry another.
#[test]
fn a_browser_sees_the_names_that_it_knows() {
    let mut view = view();
    let firefox = BROWSER
        .replace("a=mid:0", "a=mid:sound")
        .replace("a=mid:1", "a=mid:0");
    let firefox = firefox.replace("BUNDLE 0 1", "BUNDLE sound 0");
    view.held_answer(&read(&firefox));
    let shown = view.offer(&read(BROWSER));
    assert_eq!(lines(&shown, "a=mid"), ["a=mid:sound", "a=mid:0"]);
    assert_eq!(lines(&shown, "a=group"), ["a=group:BUNDLE sound 0"]);
    assert_eq!(lines(&shown, "a=extmap:"), Vec::<&str>::new());
    assert_eq!(lines(&shown, "a=ice-ufrag").len(), 2);
    // The answer goes back in the names of whoever offered.
    let answer = again(&shown);
    let back = View::new(3, crate::samples::ours()).answer(&read(BROWSER), &answer);
    assert_eq!(lines(&back, "a=mid"), ["a=mid:0", "a=mid:1"]);
    assert_eq!(lines(&back, "a=group"), ["a=group:BUNDLE 0 1"]);
}

#[test]
fn what_is_not_there_is_in_no_bundle() {
    let mut view = view();
    view.offer(&read(BROWSER));
    let audio = &BROWSER[..BROWSER.find("m=video").unwrap()].replace("BUNDLE 0 1", "BUNDLE 0");
    let shown = view.offer(&read(audio));
    assert_eq!(lines(&shown, "a=group"), ["a=group:BUNDLE 0"]);
    assert_eq!(media(&shown)[1], "m=video 0 UDP/TLS/RTP/SAVPF 96");
    assert_eq!(lines(&shown, "a=mid"), ["a=mid:0", "a=mid:1"]);
    assert_eq!(lines(&shown, "a=extmap:").len(), 1);
    // A name that is taken is not given twice.
    let mut other = crate::samples::view();
    other.offer(&read(audio));
    let renamed = BROWSER
        .replace("a=mid:0", "a=mid:9")
        .replace("a=mid:1", "a=mid:0");
    let shown = other.offer(&read(&renamed.replace("BUNDLE 0 1", "BUNDLE 9 0")));
    assert_eq!(lines(&shown, "a=mid"), ["a=mid:0", "a=mid:1"]);
    assert_eq!(lines(&shown, "a=group"), ["a=group:BUNDLE 0 1"]);
}

#[test]
fn a_view_that_was_kept_goes_on_where_it_was() {
    let mut view = view();
    view.offer(&read(VIDEO));
    let kept = serde_json::to_string(&view).unwrap();
    let mut back: View = serde_json::from_str(&kept).unwrap();
    assert_eq!(back, view);
    assert_eq!(version(&back.offer(&read(DESK))), 2);
}
