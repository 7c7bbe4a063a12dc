//! Any octets as credentials, and as a challenge.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::exercise;

fuzz_target!(|octets: &[u8]| {
    exercise::digest(octets);
});
