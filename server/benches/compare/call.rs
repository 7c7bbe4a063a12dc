//! A call from phone to phone through the proxy: INVITE, 100, 180, 200, ACK, BYE, 200; both phones are here.

use std::net::SocketAddr;

use super::load::{call_id, header, headers};
use super::subject::Subject;
use super::{Next, Work};

/// Phone `n` calls phone `n + 1`.
pub(crate) struct Calls {
    phones: u32,
    round: u32,
    from: SocketAddr,
}

pub(crate) fn work(round: u32, phones: u32, _: &Subject, from: SocketAddr) -> Calls {
    Calls {
        phones,
        round,
        from,
    }
}

const SDP: &str = "v=0\r\no=- 3724394400 3724394400 IN IP4 127.0.0.1\r\ns=call\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                   m=audio 27000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n";

impl Calls {
    fn caller(&self, n: u32) -> u32 {
        n % self.phones
    }

    fn callee(&self, n: u32) -> u32 {
        (n + 1) % self.phones
    }

    fn branch(&self, n: u32, what: &str) -> String {
        let (from, round) = (self.from, self.round);
        format!("Via: SIP/2.0/UDP {from};rport;branch=z9hG4bK{what}{n:08x}{round:04x}\r\n")
    }

    /// A request of the caller inside of the dialog that `ok`, the 200, has made.
    fn follow(&self, n: u32, method: &str, cseq: u32, ok: &str) -> String {
        let target = header(ok, "Contact").unwrap();
        let target = target.trim_start_matches('<').split('>').next().unwrap();
        let mut routes: Vec<&str> = headers(ok, "Record-Route").collect();
        routes.reverse();
        let routes: String = routes
            .iter()
            .map(|route| format!("Route: {route}\r\n"))
            .collect();
        format!(
            "{method} {target} SIP/2.0\r\n{via}{routes}Max-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\n\
             Call-ID: {call_id}\r\nCSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n",
            via = self.branch(n, method),
            from = header(ok, "From").unwrap(),
            to = header(ok, "To").unwrap(),
            call_id = header(ok, "Call-ID").unwrap(),
        )
    }

    /// The callee's answer to a request.
    fn answer(&self, n: u32, request: &str, status: &str, body: &str) -> String {
        let vias: String = headers(request, "Via")
            .map(|via| format!("Via: {via}\r\n"))
            .collect();
        let routes: String = headers(request, "Record-Route")
            .map(|route| format!("Record-Route: {route}\r\n"))
            .collect();
        let to = header(request, "To").unwrap();
        let tag = if to.contains(";tag=") {
            String::new()
        } else {
            format!(";tag=b{n:08x}")
        };
        let kind = if body.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        format!(
            "SIP/2.0 {status}\r\n{vias}{routes}From: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n\
             Contact: <sip:{callee}@{addr}>\r\n{kind}Content-Length: {len}\r\n\r\n{body}",
            from = header(request, "From").unwrap(),
            call_id = header(request, "Call-ID").unwrap(),
            cseq = header(request, "CSeq").unwrap(),
            callee = self.callee(n),
            addr = self.from,
            len = body.len(),
        )
    }
}

impl Work for Calls {
    fn begin(&mut self, n: u32) -> String {
        let (from, caller, callee) = (self.from, self.caller(n), self.callee(n));
        format!(
            "INVITE sip:{callee}@example.com SIP/2.0\r\n{via}Max-Forwards: 70\r\n\
             From: \"Phone {caller}\" <sip:{caller}@example.com>;tag=a{n:08x}\r\n\
             To: <sip:{callee}@example.com>\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:{caller}@{from}>\r\nUser-Agent: Softphone 5.6.1\r\n\
             Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nContent-Type: application/sdp\r\n\
             Content-Length: {len}\r\n\r\n{SDP}",
            via = self.branch(n, "INVITE"),
            call_id = call_id(n, self.round),
            len = SDP.len(),
        )
    }

    fn hear(&mut self, n: u32, message: &str) -> Next {
        let cseq = header(message, "CSeq").unwrap();
        let what = message.split(' ').next().unwrap();
        match (what, &message[8..11]) {
            ("INVITE", _) => Next::Send(vec![
                self.answer(n, message, "180 Ringing", ""),
                self.answer(n, message, "200 OK", SDP),
            ]),
            ("BYE", _) => Next::Send(vec![self.answer(n, message, "200 OK", "")]),
            ("ACK", _) | ("SIP/2.0", "100" | "180") => Next::Wait,
            ("SIP/2.0", "200") if cseq.ends_with("INVITE") => Next::Send(vec![
                self.follow(n, "ACK", 1, message),
                self.follow(n, "BYE", 2, message),
            ]),
            ("SIP/2.0", "200") => Next::Done,
            _ => panic!("{message}"),
        }
    }
}
