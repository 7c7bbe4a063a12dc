//! An answer that rejects every stream of an offer (RFC 3264 section 6): what the ACK carries when a 2xx made an
//! offer and the session ends before anybody answered it.
//!
//! RFC 3261 section 13.2.2.4: the ACK to a 2xx with an offer MUST have an answer, then BYE follows at once.

use std::net::IpAddr;

use super::Body;

/// The answer; `None` when the offer is no SDP that can be read so far (then the ACK stays bare).
///
/// `local` stands in the origin and connection lines, where an address must be; nothing is ever sent there.
pub(super) fn of(offer: &Body, local: IpAddr) -> Option<Body> {
    let is_sdp = offer
        .content_type
        .split(';')
        .next()
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/sdp"));
    let text = std::str::from_utf8(&offer.bytes).ok().filter(|_| is_sdp)?;
    let lines = || text.lines().map(str::trim_end);
    if lines().next() != Some("v=0") {
        return None;
    }
    let kind = if local.is_ipv4() { "IP4" } else { "IP6" };
    // Section 6: the t line of the answer is that of the offer.
    let time = lines()
        .find(|line| line.starts_with("t="))
        .unwrap_or("t=0 0");
    let mut answer =
        format!("v=0\r\no=- 0 0 IN {kind} {local}\r\ns=-\r\nc=IN {kind} {local}\r\n{time}\r\n");
    for media in lines().filter_map(|line| line.strip_prefix("m=")) {
        // m=<media> <port> <proto> <fmt> ...: the port is 0, all else as it was.
        let (kind, rest) = media.split_once(' ')?;
        let (_port, rest) = rest.split_once(' ')?;
        answer.push_str("m=");
        answer.push_str(kind);
        answer.push_str(" 0 ");
        answer.push_str(rest);
        answer.push_str("\r\n");
    }
    Some(Body::sdp(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn rejected(offer: &'static str) -> Option<String> {
        let answer = of(&Body::sdp(offer.as_bytes()), LOCAL)?;
        Some(String::from_utf8(answer.bytes.to_vec()).unwrap())
    }

    #[test]
    fn every_stream_stays_in_its_place_with_port_zero() {
        let offer = "v=0\r\no=alice 1 1 IN IP4 192.0.2.9\r\ns=call\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n\
                     m=audio 27000 RTP/AVP 0 8\r\na=sendrecv\r\nm=video 27002/2 RTP/AVP 96\r\n";
        assert_eq!(
            rejected(offer).as_deref(),
            Some(
                "v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
                 m=audio 0 RTP/AVP 0 8\r\nm=video 0 RTP/AVP 96\r\n"
            )
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_answered() {
        assert_eq!(rejected(""), None);
        assert_eq!(rejected("v=1\r\n"), None);
        assert_eq!(rejected("v=0\r\nm=audio\r\n"), None);
        let html = Body {
            content_type: "text/html".into(),
            bytes: "v=0".into(),
        };
        assert!(of(&html, LOCAL).is_none());
    }
}
