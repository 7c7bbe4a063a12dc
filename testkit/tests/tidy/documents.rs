//! A path that a document names is there: a map that lies is worse than none.

use crate::tree::{Fault, File, Tree};

/// Documents that must be there, and be right. Other pages under `docs/` are read too.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/conformance.md",
];

/// Not in a clean clone: builds make it.
const MADE: &[&str] = &["target", "node_modules"];

pub(crate) fn paths(tree: &Tree) -> Vec<Fault> {
    let mut faults: Vec<_> = DOCUMENTS
        .iter()
        .filter(|path| !tree.has(path))
        .map(|path| {
            Fault::new(
                path,
                0,
                "write this document: readers and other rules count on it",
            )
        })
        .collect();
    for f in tree.files.iter().filter(|f| f.path.ends_with(".md")) {
        for (at, line) in f.text.lines().enumerate() {
            let lost = links(f, line)
                .into_iter()
                .chain(quoted(tree, line))
                .filter(|path| !tree.has(path));
            faults.extend(lost.map(|path| {
                f.fault(
                    at + 1,
                    format!("there is no {path}: correct or delete the name"),
                )
            }));
        }
    }
    faults
}

/// Targets of `[text](target)` inside the repository, from its root.
fn links(f: &File, line: &str) -> Vec<String> {
    let folder = f.path.rfind('/').map_or("", |at| &f.path[..at]);
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty() && !target.contains(':'))
        .map(|target| from_root(folder, target))
        .collect()
}

fn from_root(folder: &str, target: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What stands between backquotes and looks like a path that begins at the root of the repository.
fn quoted(tree: &Tree, line: &str) -> Vec<String> {
    line.split('`')
        .skip(1)
        .step_by(2)
        .map(|word| word.split(':').next().unwrap_or(word))
        .filter(|word| {
            word.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        })
        .filter(|word| {
            word.split_once('/')
                .is_some_and(|(top, _)| !MADE.contains(&top) && tree.has(&format!("{top}/")))
        })
        .filter(|word| !word.split('/').any(|part| MADE.contains(&part)))
        .map(str::to_owned)
        .collect()
}
