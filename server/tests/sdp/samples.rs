//! Descriptions as phones write them, and short ways to read and compare them.

use std::net::{IpAddr, Ipv4Addr};

use server::sdp::{Description, View};
use sip::dialog::Body;

/// A desk phone's: one codec more than G.711, and key presses.
pub const DESK: &str = "v=0\r\no=alice 3872 1 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n\
    a=tool:desk 1.0\r\nm=audio 27000 RTP/AVP 9 8 0 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\n\
    a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\na=ptime:20\r\n";

/// One with pictures, whose streams have addresses of their own.
pub const VIDEO: &str = "v=0\r\no=bob 9 4 IN IP4 192.0.2.12\r\ns=Talk\r\nt=0 0\r\n\
    m=audio 7078 RTP/AVP 96 0 101\r\nc=IN IP4 192.0.2.12\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n\
    m=video 9078 RTP/AVP 97\r\nc=IN IP4 192.0.2.13\r\na=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42801F\r\n";

/// A browser's, shortened.
pub const BROWSER: &str = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
    a=extmap-allow-mixed\r\na=msid-semantic: WMS stream\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63 0 126\r\nc=IN IP4 0.0.0.0\r\n\
    a=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:4ZcD\r\na=ice-pwd:2/1muCWoOi3uLifh0NuRHlFz\r\na=ice-options:trickle\r\n\
    a=fingerprint:sha-256 7B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08\r\n\
    a=setup:actpass\r\na=mid:0\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
    a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:126 telephone-event/8000\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:4ZcD\r\na=ice-pwd:2/1muCWoOi3uLifh0NuRHlFz\r\n\
    a=fingerprint:sha-256 7B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08\r\n\
    a=setup:actpass\r\na=mid:1\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n";

pub fn read(text: &str) -> Description {
    Description::parse(&Body::sdp(text.to_owned())).unwrap()
}

pub fn again(body: &Body) -> Description {
    Description::parse(body).unwrap()
}

pub fn text(body: &Body) -> &str {
    std::str::from_utf8(&body.bytes).unwrap()
}

pub fn view() -> View {
    View::new(0x1234_5678_9abc_def0, ours())
}

pub fn ours() -> IpAddr {
    Ipv4Addr::new(192, 0, 2, 1).into()
}

/// The `m=` lines.
pub fn media(body: &Body) -> Vec<&str> {
    text(body)
        .lines()
        .filter(|line| line.starts_with("m="))
        .collect()
}

/// All lines that begin so.
pub fn lines<'a>(body: &'a Body, prefix: &str) -> Vec<&'a str> {
    text(body)
        .lines()
        .filter(|line| line.starts_with(prefix))
        .collect()
}

/// The version in the `o=` line.
pub fn version(body: &Body) -> u64 {
    lines(body, "o=")[0]
        .split(' ')
        .nth(2)
        .unwrap()
        .parse()
        .unwrap()
}
