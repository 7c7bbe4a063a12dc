//! Rules about manifests: which crate may depend on which, what all share, and the two places of Leptos' settings.

use toml::{Table, Value};

use crate::tree::{Fault, File, Tree};

const CRATES: &[&str] = &["app", "frontend", "server", "sip", "testkit"];

/// What a crate must not depend on, and why. Names that end in `*` stand for all that begin so.
const NEVER: &[(&str, &[&str], &str)] = &[
    (
        "sip",
        &[
            "app", "server", "frontend", "tokio*", "mio", "leptos*", "axum*", "rand", "socket2",
        ],
        "`sip` is sans-IO",
    ),
    (
        "app",
        &["sip", "server", "frontend", "rsip", "web-sys", "tokio*"],
        "`app` knows words and views only",
    ),
    (
        "frontend",
        &["server", "rsip", "tokio*"],
        "`frontend` runs in a browser",
    ),
    (
        "server",
        &["frontend", "rsip", "web-sys", "testkit"],
        "rsip is named in `sip::msg` only, test code in tests only",
    ),
    (
        "testkit",
        &["app", "server", "frontend"],
        "`testkit` knows nothing of what it tests",
    ),
];

pub(crate) fn dependencies(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for &(name, never, why) in NEVER {
        let path = format!("{name}/Cargo.toml");
        let Some(manifest) = tree.file(&path) else {
            continue;
        };
        for dependency in depends_on(&table(&manifest.text)) {
            let banned = never.iter().any(|ban| match ban.strip_suffix('*') {
                Some(start) => dependency.starts_with(start),
                None => dependency == *ban,
            });
            if banned {
                let line = manifest
                    .text
                    .lines()
                    .position(|line| line.starts_with(&dependency))
                    .map_or(0, |at| at + 1);
                faults.push(manifest.fault(line, format!("take `{dependency}` out: {why}")));
            }
        }
    }
    faults
}

pub(crate) fn lints(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in CRATES {
        let path = format!("{name}/Cargo.toml");
        let Some(manifest) = tree.file(&path) else {
            continue;
        };
        let shared = table(&manifest.text)
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            == Some(&Value::Boolean(true));
        if !shared {
            faults.push(manifest.fault(0, "add `[lints]` with `workspace = true`"));
        }
    }
    faults
}

/// cargo-leptos reads `Cargo.toml`, the running server `Leptos.toml`: a key that stands in both says the same. The
/// name of the output is needed by plain cargo too, from its own configuration.
pub(crate) fn leptos_keys(tree: &Tree) -> Vec<Fault> {
    let [Some(cargo), Some(leptos), Some(config)] =
        ["Cargo.toml", "Leptos.toml", ".cargo/config.toml"].map(|path| tree.file(path))
    else {
        let needed = "Cargo.toml, Leptos.toml and .cargo/config.toml are all needed";
        return vec![Fault::new("Leptos.toml", 0, needed)];
    };
    let (Some(built), Some(running)) = (leptos_table(&cargo.text), leptos_table(&leptos.text))
    else {
        return vec![leptos.fault(0, "both files need a `[[workspace.metadata.leptos]]`")];
    };
    let differs = |f: &File, key: &str, here: Option<&Value>, there: Option<&Value>| {
        (here != there).then(|| {
            let line = f.text.lines().position(|line| line.starts_with(key));
            f.fault(
                line.map_or(0, |at| at + 1),
                format!("`{key}` is {here:?} here and {there:?} in Cargo.toml: make them one"),
            )
        })
    };
    let mut faults: Vec<_> = running
        .iter()
        .filter(|(key, _)| built.contains_key(*key))
        .filter_map(|(key, value)| differs(leptos, key, Some(value), built.get(key)))
        .collect();
    let config_table = table(&config.text);
    let name = config_table
        .get("env")
        .and_then(|env| env.get("LEPTOS_OUTPUT_NAME"));
    faults.extend(differs(
        config,
        "LEPTOS_OUTPUT_NAME",
        name,
        built.get("output-name"),
    ));
    faults
}

fn leptos_table(text: &str) -> Option<Table> {
    let mut value = Value::Table(table(text));
    for key in ["workspace", "metadata", "leptos"] {
        value = value.get(key)?.clone();
    }
    value.get(0)?.as_table().cloned()
}

/// What the crate itself is made of; what its tests use is their own affair.
fn depends_on(manifest: &Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table)
        .chain([manifest]);
    tables
        .filter_map(|table| table.get("dependencies")?.as_table())
        .flat_map(Table::keys)
        .cloned()
        .collect()
}

fn table(text: &str) -> Table {
    text.parse()
        .expect("cargo has read this manifest before us")
}
