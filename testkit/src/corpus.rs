//! The committed inputs of the fuzz targets (`fuzz/corpus/`), for the tests that replay them.

use std::fs;
use std::path::PathBuf;

/// The inputs of one target, by path.
///
/// # Panics
/// If there are none.
pub fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let mut inputs: Vec<_> = fs::read_dir(folder.join(target))
        .expect("a folder of inputs")
        .map(|entry| entry.expect("an input").path())
        .map(|path| {
            let octets = fs::read(&path).expect("a readable input");
            (path.display().to_string(), octets)
        })
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "{target} has inputs");
    inputs
}
