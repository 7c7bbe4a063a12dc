//! Messages: what is framed, how it is read, what is refused, and what is written.

mod bounds;
mod build;
mod corpus;
mod datagram;
mod faults;
mod properties;
mod splice;
mod stamp;
mod stream;
mod verdicts;
mod views;

use bytes::Bytes;
use sip::msg::{Message, lex};

/// A message as the wire has it, from one whose lines end as in this file.
pub(crate) fn wire(text: &str) -> Bytes {
    Bytes::from(text.replace('\n', "\r\n"))
}

/// The message in such a text.
pub(crate) fn message(text: &str) -> Message {
    lex(wire(text)).unwrap_or_else(|why| panic!("{why}:\n{text}"))
}

/// A good request with some lines more.
pub(crate) fn request_with(lines: &str) -> Message {
    let end = if lines.is_empty() { "" } else { "\n" };
    message(&format!(
        "OPTIONS sip:bob@example.com SIP/2.0\n\
         Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\n\
         From: <sip:alice@example.com>;tag=a\n\
         To: <sip:bob@example.com>\n\
         Call-ID: 1@192.0.2.1\n\
         CSeq: 1 OPTIONS\n\
         {lines}{end}\n"
    ))
}

/// A message as text whose lines end as in this file.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}
