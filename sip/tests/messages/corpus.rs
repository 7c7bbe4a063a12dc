//! The fuzzing corpus, replayed: what once was found stays found.

use std::sync::LazyLock;

use testkit::{corpus, exercise};

/// All messages and streams, by path.
pub(crate) fn files() -> &'static [(String, Vec<u8>)] {
    static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
        ["parse", "framing"]
            .into_iter()
            .flat_map(corpus::inputs)
            .collect()
    });
    &FILES
}

#[test]
fn every_input_is_harmless() {
    for (name, octets) in files() {
        println!("{name}");
        exercise::datagram(octets);
        exercise::stream(octets, []);
        exercise::stream(octets, vec![1; octets.len()]);
        exercise::name(&String::from_utf8_lossy(octets));
    }
}

#[test]
fn every_name_is_harmless() {
    for (name, octets) in corpus::inputs("uri") {
        println!("{name}");
        exercise::names(&String::from_utf8_lossy(&octets));
    }
}

#[test]
fn every_value_is_harmless() {
    for (name, octets) in corpus::inputs("headers") {
        println!("{name}");
        exercise::header(&octets);
    }
}

#[test]
fn every_digest_is_harmless() {
    for (name, octets) in corpus::inputs("digest") {
        println!("{name}");
        exercise::digest(&octets);
    }
}
