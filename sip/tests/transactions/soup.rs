//! Any messages in any order, from peers that keep to nothing: the layer stays within its bound, and when its
//! user has answered and cancelled what there is, it empties. The laws stand in `testkit/src/exercise/transactions.rs`.

use proptest::prelude::*;
use testkit::{corpus, exercise};

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_the_layer(octets in prop::collection::vec(any::<u8>(), 1..360)) {
        exercise::transactions(&octets);
    }
}

#[test]
fn every_input_is_harmless() {
    for (name, octets) in corpus::inputs("transaction") {
        println!("{name}");
        exercise::transactions(&octets);
    }
}
