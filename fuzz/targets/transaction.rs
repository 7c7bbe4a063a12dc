//! Any order of messages, failures and time that transactions can meet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use testkit::exercise;

fuzz_target!(|octets: &[u8]| {
    exercise::transactions(octets);
});
