//! Every component has one style partial of its name, and every partial of `components/` its component.

use std::collections::BTreeMap;

use crate::tree::{Fault, Tree};

const COMPONENTS: &str = "app/src/components/";
const PARTIALS: &str = "style/components/";

pub(crate) fn partials(tree: &Tree) -> Vec<Fault> {
    let components = names(tree, COMPONENTS, ".rs");
    let partials = names(tree, PARTIALS, ".scss");
    let unstyled = components
        .iter()
        .filter(|(name, _)| !partials.contains_key(*name))
        .map(|(name, path)| Fault::new(path, 0, format!("add its style, {PARTIALS}_{name}.scss")));
    let orphans = partials
        .iter()
        .filter(|(name, _)| !components.contains_key(*name))
        .map(|(name, path)| {
            Fault::new(
                path,
                0,
                format!("there is no {COMPONENTS}{name}.rs: rename or delete this partial"),
            )
        });
    unstyled.chain(orphans).collect()
}

/// Files directly in the folder, by name without `_` in front and with `_` for `-`.
fn names<'a>(tree: &'a Tree, folder: &'a str, ending: &str) -> BTreeMap<String, &'a str> {
    tree.under(folder)
        .filter_map(|f| {
            let name = f.path[folder.len()..].strip_suffix(ending)?;
            let name = name.trim_start_matches('_').replace('-', "_");
            let counts = !name.contains('/') && !["mod", "index", "tests"].contains(&name.as_str());
            counts.then_some((name, f.path.as_str()))
        })
        .collect()
}
