//! Which module may name which, inside `sip`, `server` and `app`: the map in ARCHITECTURE.md as tables.
//!
//! `lib.rs` and `main.rs` stand above the map. A module that no table knows yet is a fault, so that its place is
//! decided when it is born.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Fault, File, Tree};

/// `group = members` names several modules at once; `modules : what they may name`. Each may name itself.
const SIP: &str = "
    ground         = limits time
    ground         : ground
    name           : ground
    msg auth       : ground name msg auth
    transaction    : ground name msg auth
    dialog         : ground name msg auth transaction
";

/// `registrar`, `proxy` and `call` never name each other; `live` knows words and no machine.
const SERVER: &str = "
    words          = limits config event binding forking command identity peers
    machines       = auth locate location registrar router proxy call qualify switch sdp tone
    outside        = live store runtime transport

    words          : words
    auth           : words auth
    locate         : words
    location       : words
    registrar      : words location
    router         : words
    proxy          : words locate location
    tone           : words
    sdp            : words tone
    call           : words location sdp tone
    qualify        : words
    switch         : words machines
    live           : words narrate
    store          : words location auth
    runtime        : words machines outside
    transport      : words machines outside
    web            : words machines outside
    admin          : words auth store
    cli            : words admin dar
    log            : words
    narrate        : words
    site           : words
    announce       : words transport
    recall         : words machines outside
    dar            : words router
    serve          : words machines outside recall web cli log narrate site announce dar
";

const APP: &str = "
    model                :
    ports state words    : model ports state words
    server_fns           : model ports state words
    components           : model ports state words server_fns
    pages                : model ports state words server_fns components
    app shell            : model ports state words server_fns components pages app
";

pub(crate) fn imports(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (source, table) in [
        ("sip/src/", SIP),
        ("server/src/", SERVER),
        ("app/src/", APP),
    ] {
        let may_name = parse(table);
        for f in tree.under(source).filter(|f| f.path.ends_with(".rs")) {
            faults.extend(of_file(f, source, &may_name));
        }
    }
    faults
}

type Map = BTreeMap<&'static str, BTreeSet<&'static str>>;

fn of_file(f: &File, source: &str, map: &Map) -> Vec<Fault> {
    let path: Vec<_> = f.path[source.len()..]
        .trim_end_matches(".rs")
        .split('/')
        .filter(|part| *part != "mod")
        .collect();
    let module = path[0];
    if ["lib", "main"].contains(&module) {
        return Vec::new();
    }
    let Some(allowed) = map.get(module) else {
        return vec![f.fault(
            1,
            format!("give the module `{module}` its row in testkit/tests/tidy/direction.rs"),
        )];
    };
    named_modules(f, path.len())
        .into_iter()
        .filter(|(_, named)| {
            named != module && map.contains_key(named.as_str()) && !allowed.contains(named.as_str())
        })
        .map(|(line, named)| {
            let left: Vec<_> = allowed
                .iter()
                .copied()
                .filter(|name| *name != module)
                .collect();
            f.fault(
                line,
                format!(
                    "`{module}` may not name `{named}`, only: {}",
                    left.join(", ")
                ),
            )
        })
        .collect()
}

/// The top modules of its crate that a file names by `crate::` or by enough `super::`, with their lines.
fn named_modules(f: &File, depth: usize) -> Vec<(usize, String)> {
    let code: String = f.code().map(|(_, code)| format!("{code}\n")).collect();
    let to_the_top = "super::".repeat(depth);
    let mut found = Vec::new();
    for from in ["crate::", to_the_top.as_str()] {
        for (at, _) in code.match_indices(from) {
            if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            found.extend(
                first_names(&code[at + from.len()..])
                    .into_iter()
                    .map(|name| (line, name)),
            );
        }
    }
    found
}

/// `a::b` gives `a`; `{a::{b, c}, d}` gives `a` and `d`.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![identifier(path)];
    };
    let (mut names, mut depth, mut fresh) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            c if fresh && !c.is_whitespace() => {
                names.push(identifier(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

fn parse(table: &'static str) -> Map {
    let mut groups = BTreeMap::new();
    let mut map = Map::new();
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        if let Some((group, members)) = line.split_once('=') {
            groups.insert(group.trim(), members.split_whitespace().collect::<Vec<_>>());
            continue;
        }
        let (modules, may_name) = line.split_once(':').expect("a row has a colon");
        let spread = |names: &'static str| {
            names
                .split_whitespace()
                .flat_map(|name| groups.get(name).cloned().unwrap_or_else(|| vec![name]))
                .collect::<Vec<_>>()
        };
        for module in spread(modules) {
            map.insert(module, spread(may_name).into_iter().collect());
        }
    }
    map
}
