//! Any octets as a stream: all at once, octet by octet, and cut at lengths that are taken from the octets themselves.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::exercise;

fuzz_target!(|octets: &[u8]| {
    exercise::stream(octets, octets.iter().map(|&octet| usize::from(octet)));
    if octets.len() < 1_000 {
        exercise::stream(octets, vec![1; octets.len()]);
    }
});
