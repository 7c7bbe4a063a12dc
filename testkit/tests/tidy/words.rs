//! Words that have no place in the repository. They are written in two halves here, or this file would break its rules.

use crate::source::is_test;
use crate::tree::{Fault, File, Tree, has_word};

/// Names of files, types and functions that say nothing.
pub(crate) fn names(tree: &Tree) -> Vec<Fault> {
    const EMPTY: &[&str] = &[
        "manager", "helper", "helpers", "util", "utils", "common", "misc",
    ];
    let mut faults = Vec::new();
    for f in tree.rust() {
        let parts = f.path.split(['/', '.', '_']);
        faults.extend(parts.filter(|part| EMPTY.contains(part)).map(|part| {
            f.fault(
                0,
                format!("`{part}` says nothing: name the file after what it does"),
            )
        }));
        // In a test it may be the method GET.
        for (line, code) in f.code().filter(|_| !is_test(&f.path)) {
            let Some((before, name)) = code.split_once("fn get_") else {
                continue;
            };
            let begins = before
                .chars()
                .all(|c| c.is_ascii_lowercase() || "() ".contains(c));
            let name = name
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            // `get_mut` is the standard library's own word for a second `get`.
            if let (true, Some(name)) = (begins, name.filter(|name| *name != "mut")) {
                let what = format!("call it `{name}`: the prefix `get_` says nothing");
                faults.push(f.fault(line, what));
            }
        }
    }
    faults
}

pub(crate) fn left_over(tree: &Tree) -> Vec<Fault> {
    each_line(
        tree,
        &[
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
            concat!("XX", "X"),
        ],
        "do it now, or open an issue",
    )
}

/// Hosts of package registries and paths of one machine: both are right in one place only.
pub(crate) fn machines(tree: &Tree) -> Vec<Fault> {
    const HOSTS: &[&str] = &[
        concat!("index.crates", ".io"),
        concat!("static.crates", ".io"),
        concat!("registry.npm", "js"),
        concat!("pypi", ".org"),
        concat!("python", "hosted.org"),
        concat!("deb.deb", "ian.org"),
    ];
    const PATHS: &[&str] = &[
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/tmp/", "target"),
        concat!("/tmp/", "brief"),
    ];
    let mut faults = each_line(
        tree,
        HOSTS,
        "name no registry: the client of the reader knows its own",
    );
    faults.extend(each_line(
        tree,
        PATHS,
        "name no path of one machine: derive it, or take it as a setting",
    ));
    faults
}

/// cargo and npm write the lock files, licences are quoted.
fn is_ours(f: &File) -> bool {
    !f.path.ends_with("Cargo.lock")
        && !f.path.ends_with("package-lock.json")
        && !f.path.starts_with("LICENSE-")
}

fn each_line(tree: &Tree, words: &[&str], remedy: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for f in tree.files.iter().filter(|f| is_ours(f)) {
        for (at, line) in f.text.lines().enumerate() {
            let found = words.iter().filter(|word| {
                line.contains(**word) && (word.contains(['/', '.']) || has_word(line, word))
            });
            faults.extend(found.map(|word| f.fault(at + 1, format!("`{word}`: {remedy}"))));
        }
    }
    faults
}
