//! What fuzzing starts from and what it found is played again, as it is and with small changes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{datagrams, rig};

/// The corpus of the fuzz target `switch`, and every torture message.
fn inputs() -> Vec<Vec<u8>> {
    let messages = std::fs::read_dir(rig::folder()).unwrap();
    let messages = messages.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    let inputs = testkit::corpus::inputs("switch");
    inputs
        .into_iter()
        .map(|(_, octets)| octets)
        .chain(messages)
        .collect()
}

#[test]
fn every_input_is_harmless() {
    for octets in inputs() {
        println!("{}", octets.escape_ascii());
        datagrams::play(&octets);
    }
}

proptest! {
    #[test]
    fn mutants_of_them_are_harmless(
        parts in vec((any::<Index>(), prop::sample::select(&b"uuuutaaaaaphcb"[..]), b'0'..b'z'), 1..6),
        edits in vec((any::<Index>(), 0_u8..4, any::<u8>(), 0_usize..40), 0..6),
    ) {
        let inputs = inputs();
        let mut octets = Vec::new();
        for (input, how, wait) in parts {
            octets.extend_from_slice(input.get(&inputs));
            octets.extend_from_slice(b"\n===");
            octets.extend([how, wait]);
        }
        for (place, kind, value, length) in edits {
            let at = place.index(octets.len() + 1);
            let end = (at + length).min(octets.len());
            match kind {
                0 => octets.insert(at, value),
                1 => drop(octets.drain(at..end)),
                2 => octets.extend_from_within(at..end),
                _ => octets.iter_mut().skip(at).take(1).for_each(|octet| *octet = value),
            }
        }
        datagrams::play(&octets);
    }
}
