//! Requests by hand, for what no decent phone would send.

use std::fmt::Display;
use std::net::SocketAddr;

use bytes::Bytes;
use sip::msg::{Message, lex};

/// Reads an address.
pub fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A request that is right until something is put in it that is not.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method, in the request line and in CSeq.
    pub method: String,
    /// The Request-URI.
    pub uri: String,
    /// The whole value of Via.
    pub via: String,
    /// The whole value of From.
    pub from: String,
    /// The whole value of To.
    pub to: String,
    /// The Call-ID.
    pub call_id: String,
    /// The number of CSeq.
    pub cseq: u32,
    lines: Vec<String>,
    body: String,
}

impl Request {
    /// From `alice@click.test` at 10.0.0.2:5060 to the server itself.
    pub fn new(method: &str) -> Self {
        Self {
            method: method.to_owned(),
            uri: "sip:click.test".to_owned(),
            via: "SIP/2.0/UDP 10.0.0.2:5060;rport;branch=z9hG4bK-1".to_owned(),
            from: "<sip:alice@click.test>;tag=from".to_owned(),
            to: "<sip:alice@click.test>".to_owned(),
            call_id: "call-id-1".to_owned(),
            cseq: 1,
            lines: Vec::new(),
            body: String::new(),
        }
    }

    /// A REGISTER of `user@click.test`.
    pub fn register(user: &str) -> Self {
        let mut request = Self::new("REGISTER");
        request.from = format!("<sip:{user}@click.test>;tag=from");
        request.to = format!("<sip:{user}@click.test>");
        request
    }

    /// Changes a field.
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// With another CSeq number, and a branch of its own.
    pub fn cseq(mut self, number: u32) -> Self {
        self.cseq = number;
        self.branch(&format!("z9hG4bK-{number}"))
    }

    /// With another Call-ID.
    pub fn call_id(mut self, call_id: &str) -> Self {
        call_id.clone_into(&mut self.call_id);
        self
    }

    /// With another branch, as another transaction has.
    pub fn branch(mut self, branch: &str) -> Self {
        let (before, _) = self.via.split_once("branch=").unwrap();
        self.via = format!("{before}branch={branch}");
        self
    }

    /// With one more Contact.
    pub fn contact(self, value: &str) -> Self {
        self.header("Contact", value)
    }

    /// With an Expires.
    pub fn expires(self, seconds: impl Display) -> Self {
        self.header("Expires", seconds)
    }

    /// With one more header line.
    pub fn header(mut self, name: &str, value: impl Display) -> Self {
        self.lines.push(format!("{name}: {value}"));
        self
    }

    /// With a body.
    pub fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    /// As it goes over the wire.
    pub fn bytes(&self) -> Bytes {
        let mut text = format!(
            "{method} {uri} SIP/2.0\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n",
            method = self.method,
            uri = self.uri,
            via = self.via,
            from = self.from,
            to = self.to,
            call_id = self.call_id,
            cseq = self.cseq,
        );
        for line in &self.lines {
            text.push_str(line);
            text.push_str("\r\n");
        }
        text.push_str(&format!(
            "Content-Length: {}\r\n\r\n{}",
            self.body.len(),
            self.body
        ));
        text.into()
    }

    /// As it is read.
    pub fn message(&self) -> Message {
        lex(self.bytes()).unwrap()
    }
}
