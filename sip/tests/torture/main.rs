//! The torture tests of RFC 4475 and RFC 5118, first layer: what is framed, what is found bad, what is read. A test
//! has the name that the RFC gives its message, which stands in `messages/` as it goes over the wire.
//!
//! What the server answers to each is in `server/tests/torture/`.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod application;
mod invalid;
mod ipv6;
mod valid;

use std::fs;
use std::path::PathBuf;

use bytes::Bytes;
use sip::msg::splice::Splice;
use sip::msg::{Fault, Message, NameAddr, lex};
use testkit::exercise;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/torture/messages")
}

/// The octets of a message.
pub(crate) fn octets(name: &str) -> Bytes {
    let path = folder().join(format!("{name}.sip"));
    fs::read(&path)
        .unwrap_or_else(|why| panic!("{}: {why}", path.display()))
        .into()
}

/// A message, good or bad. Every one is read in every way, and passed on octet for octet.
pub(crate) fn framed(name: &str) -> Message {
    let octets = octets(name);
    exercise::datagram(&octets);
    exercise::stream(&octets, vec![1; octets.len()]);
    let message = lex(octets).unwrap_or_else(|why| panic!("{name}: {why}"));
    assert_eq!(Splice::new(&message).finish(), message.bytes(), "{name}");
    message
}

/// A message that can be worked on.
pub(crate) fn good(name: &str) -> Message {
    let message = framed(name);
    assert_eq!(message.verify(), Ok(()), "{name}");
    message
}

/// What is wrong with a message.
pub(crate) fn fault(name: &str) -> (u16, &'static str) {
    let Fault { status, reason } = framed(name).verify().expect_err(name);
    (status, reason)
}

/// The contacts of a message that has no `*`.
pub(crate) fn contacts(message: &Message) -> Vec<NameAddr<'_>> {
    message
        .contacts()
        .map(|contact| contact.unwrap().address().unwrap())
        .collect()
}

#[test]
fn every_message_has_its_test_in_both_layers() {
    let mut names: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    // RFC 4475: 13 valid, 19 invalid, 17 of higher layers. RFC 5118: 12.
    assert_eq!(names.len(), 13 + 19 + 17 + 12, "{names:?}");
    for layer in ["tests/torture", "../server/tests/torture"] {
        let layer = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(layer);
        let tests: String = fs::read_dir(&layer)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
            .map(|path| fs::read_to_string(path).unwrap())
            .collect();
        for name in &names {
            let test = format!("#[test]\nfn {}() {{", name.replace('-', "_"));
            assert!(tests.contains(&test), "{name} in {}", layer.display());
        }
    }
}
