//! Any octets as the value of a header, read and written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::exercise;

fuzz_target!(|octets: &[u8]| {
    exercise::header(octets);
});
