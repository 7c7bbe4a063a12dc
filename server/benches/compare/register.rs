//! REGISTER of a phone that is known already.

use std::net::SocketAddr;

use super::load::call_id;
use super::subject::Subject;
use super::{Next, Work};

pub(crate) const REGISTRAR: &str = "sip:example.com";

/// The same phones in every round, each with a higher CSeq.
pub(crate) struct Register {
    phones: u32,
    cseq: u32,
    from: SocketAddr,
    is_registrar: bool,
}

pub(crate) fn work(round: u32, phones: u32, subject: &Subject, from: SocketAddr) -> Register {
    Register {
        phones,
        // The first one was needed to be known, and a round may pass a phone several times.
        cseq: 2 + round * 1_000,
        from,
        is_registrar: subject.is_registrar,
    }
}

/// The same for phones that are not known yet.
pub(crate) fn first(phones: u32, subject: &Subject, from: SocketAddr) -> Register {
    Register {
        phones,
        cseq: 1,
        from,
        is_registrar: subject.is_registrar,
    }
}

impl Register {
    /// Whose operation `n` is.
    pub(crate) fn user(&self, n: u32) -> u32 {
        n % self.phones
    }

    /// The request of operation `n`; with credentials it is the second one.
    pub(crate) fn request(&self, n: u32, credentials: &str) -> String {
        let (from, user) = (self.from, self.user(n));
        // An answer to a challenge has the next number (RFC 3261 section 22.2).
        let cseq = 2 * (self.cseq + n / self.phones) + u32::from(!credentials.is_empty());
        let call_id = call_id(n, 0);
        format!(
            "REGISTER {REGISTRAR} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {from};rport;branch=z9hG4bK{n:08x}{cseq:08x}\r\n\
             Max-Forwards: 70\r\n\
             From: \"Phone {user}\" <sip:{user}@example.com>;tag={n:08x}\r\n\
             To: \"Phone {user}\" <sip:{user}@example.com>\r\n\
             Call-ID: {call_id}\r\n\
             CSeq: {cseq} REGISTER\r\n\
             Contact: <sip:{user}@{from}>;expires=3600\r\n\
             User-Agent: Softphone 5.6.1\r\n\
             Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n\
             {credentials}\
             Content-Length: 0\r\n\r\n"
        )
    }
}

impl Work for Register {
    fn begin(&mut self, n: u32) -> String {
        self.request(n, "")
    }

    fn hear(&mut self, _: u32, message: &str) -> Next {
        assert!(
            !self.is_registrar || message.starts_with("SIP/2.0 200 "),
            "{message}"
        );
        Next::Done
    }
}
