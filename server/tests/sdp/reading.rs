//! Reading: what counts as a description, its bounds, directions, addresses, codecs.

use server::limits;
use server::sdp::{Description, Direction, Fault};
use sip::dialog::Body;

use crate::samples::{BROWSER, DESK, VIDEO, read};

fn fault(text: impl Into<String>) -> Fault {
    Description::parse(&Body::sdp(text.into())).unwrap_err()
}

#[test]
fn another_kind_of_body_is_not_read() {
    let body = |content_type: &str| Body {
        content_type: content_type.into(),
        bytes: DESK.into(),
    };
    for foreign in ["multipart/mixed;boundary=x", "application/dtmf-relay", ""] {
        assert_eq!(Description::parse(&body(foreign)), Err(Fault::Foreign));
    }
    assert!(Description::parse(&body("Application/SDP; charset=utf-8")).is_ok());
}

#[test]
fn what_can_not_be_passed_on_says_where_it_is_broken() {
    for (text, expected) in [
        ("", Fault::Version),
        ("\r\n", Fault::Version),
        ("o=- 1 1 IN IP4 x\r\nv=0\r\n", Fault::Version),
        ("v=1\r\n", Fault::Version),
        ("v=0\r\nwhatever\r\n", Fault::Line(2)),
        ("v=0\r\ns=a\rm=audio 1 RTP/AVP 0\r\n", Fault::Line(2)),
        ("v=0\r\ns=\0\r\n", Fault::Line(2)),
        ("v=0\r\nm=audio 70000 RTP/AVP 0\r\n", Fault::Media(2)),
        ("v=0\r\nm=audio 7000 RTP/AVP\r\n", Fault::Media(2)),
        ("v=0\r\n\r\nm=audio\r\n", Fault::Media(3)),
    ] {
        assert_eq!(fault(text), expected, "{text:?}");
    }
}

#[test]
fn the_bounds_are_where_they_are_said_to_be() {
    let streams = |count| format!("v=0\r\n{}", "m=audio 1 RTP/AVP 0\r\n".repeat(count));
    assert_eq!(
        read(&streams(limits::SDP_STREAMS)).streams().len(),
        limits::SDP_STREAMS
    );
    assert_eq!(
        fault(streams(limits::SDP_STREAMS + 1)),
        Fault::TooManyStreams
    );

    let lines = |count: usize| format!("v=0\r\n{}", "a=x\r\n".repeat(count - 1));
    read(&lines(limits::SDP_LINES));
    assert_eq!(fault(lines(limits::SDP_LINES + 1)), Fault::TooManyLines);

    let octets = |count: usize| format!("v=0\r\ns={}\r\n", "x".repeat(count - 9));
    read(&octets(limits::SDP_OCTETS));
    assert_eq!(
        fault(octets(limits::SDP_OCTETS + 1)),
        Fault::TooLong(limits::SDP_OCTETS + 1)
    );
}

#[test]
fn lines_may_end_without_cr_and_the_last_without_anything() {
    let bare = DESK.replace("\r\n", "\n");
    let read = read(bare.trim_end());
    let audio = read.streams().next().unwrap();
    assert_eq!(
        (audio.port(), audio.direction()),
        (27_000, Direction::SendRecv)
    );
    assert_eq!(audio.address(), Some("192.0.2.11".parse().unwrap()));
}

/// RFC 3264 section 8.4, RFC 2543 section B.5, RFC 8839 section 4.2.1.
#[test]
fn every_form_of_hold_is_one() {
    let with = |line: &str| read(&DESK.replace("a=sendrecv", line));
    for (line, direction, holds) in [
        ("a=sendrecv", Direction::SendRecv, false),
        ("a=x-other", Direction::SendRecv, false),
        ("a=recvonly", Direction::RecvOnly, false),
        ("a=sendonly", Direction::SendOnly, true),
        ("a=inactive", Direction::Inactive, true),
    ] {
        assert_eq!(with(line).direction(), Some(direction), "{line}");
        assert_eq!(with(line).holds(), holds, "{line}");
    }
    let old =
        |address: &str| read(&DESK.replace("c=IN IP4 192.0.2.11", &format!("c=IN {address}")));
    assert!(old("IP4 0.0.0.0").holds());
    assert!(old("IP6 ::").holds());
    assert!(!old("IP6 2001:db8::7").holds());
    // Of the session, for a stream that says nothing of its own.
    let session = DESK
        .replace("a=tool", "a=inactive\r\na=tool")
        .replace("a=sendrecv\r\n", "");
    assert!(read(&session).holds());
    // One stream that is heard is enough; one that is given up does not count.
    assert!(!read(&VIDEO.replace("m=video", "a=sendonly\r\nm=video")).holds());
    let without_video = VIDEO.replace("m=video 9078", "a=sendonly\r\nm=video 0");
    assert!(read(&without_video).holds());
    // A browser writes the null address before it knows better.
    assert!(!read(BROWSER).holds());
    assert_eq!(read("v=0\r\nm=audio 0 RTP/AVP 0\r\n").direction(), None);
    assert!(!read("v=0\r\nm=audio 0 RTP/AVP 0\r\n").holds());
}

/// RFC 3551 section 6: what needs no `a=rtpmap`.
#[test]
fn codecs_have_their_names_with_and_without_rtpmap() {
    let names = |text: &str| {
        let read = read(text);
        let names: Vec<String> = read.codecs().iter().map(ToString::to_string).collect();
        names.join(", ")
    };
    assert_eq!(
        names(DESK),
        "G722/8000, PCMA/8000, PCMU/8000, telephone-event/8000"
    );
    assert_eq!(
        names("v=0\r\nm=audio 1 RTP/AVP 0 8 18 13 77\r\n"),
        "PCMU/8000, PCMA/8000, G729/8000, CN/8000"
    );
    assert_eq!(
        names(VIDEO),
        "opus/48000/2, PCMU/8000, telephone-event/8000, H264/90000"
    );
    assert_eq!(names("v=0\r\nm=image 1 udptl t38\r\n"), "");
    assert_eq!(names("v=0\r\nm=audio 0 RTP/AVP 0\r\n"), "");
}
