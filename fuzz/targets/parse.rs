//! Any octets as one datagram, and as a name.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::exercise;

fuzz_target!(|octets: &[u8]| {
    exercise::datagram(octets);
    if let Ok(text) = std::str::from_utf8(octets) {
        exercise::name(text);
    }
});
