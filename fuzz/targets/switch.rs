//! Any datagrams to a whole server, with calls going on; the format stands in `server/tests/torture/datagrams.rs`.
#![no_main]
#![expect(
    dead_code,
    reason = "the server of the tests can do more than is asked of it here"
)]

#[path = "../../server/tests/torture/datagrams.rs"]
mod datagrams;

#[path = "../../server/tests/support/house.rs"]
mod house;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    datagrams::play(octets);
});
