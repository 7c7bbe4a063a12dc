//! The fuzzing corpus, replayed: what once was found stays found.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use testkit::exercise;

/// All inputs, by path.
pub(crate) fn files() -> &'static [(String, Vec<u8>)] {
    static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(read);
    &FILES
}

fn read() -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let mut files = Vec::new();
    for target in ["parse", "framing"] {
        for entry in fs::read_dir(root.join(target)).expect("a folder of inputs") {
            let path = entry.expect("an input").path();
            files.push((
                path.display().to_string(),
                fs::read(&path).expect("a readable input"),
            ));
        }
    }
    files.sort();
    files
}

#[test]
fn every_input_is_harmless() {
    let files = files();
    assert!(files.len() >= 20, "the corpus is there");
    for (name, octets) in files {
        println!("{name}");
        exercise::datagram(octets);
        exercise::stream(octets, []);
        exercise::stream(octets, vec![1; octets.len()]);
        exercise::name(&String::from_utf8_lossy(octets));
    }
}
