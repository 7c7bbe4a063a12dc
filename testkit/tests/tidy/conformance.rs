//! The conformance pages: each test that they name is there, and their counts are those of their rows.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

use crate::tree::{Fault, File, Tree};

const PAGES: &str = "docs/conformance/";
const INDEX: &str = "docs/conformance.md";

/// What the rows of a page that says the level of each rule come to. A row of another level than these is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    must: usize,
    should: usize,
    kept: usize,
    deviations: usize,
    not_done: usize,
    not_ours: usize,
}

/// The cells of a row, by the name of their column, and its line.
type Row<'a> = (usize, BTreeMap<&'a str, &'a str>);

/// Every test between backquotes in a column `test` is a function of a file that is named after it. Without a file it
/// stands in the file of its row, or in that of the test above.
pub(crate) fn tests(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for page in pages(tree) {
        let mut above = Vec::new();
        for (line, row) in rows(page) {
            let Some(cell) = row.get("test") else {
                continue;
            };
            let beside = paths(row.get("file").copied().unwrap_or_default());
            for (names, named_files) in groups(cell) {
                let is_ditto = named_files.is_empty();
                if !is_ditto {
                    above = named_files;
                }
                let lost = names.into_iter().filter(|name| {
                    let files = above.iter().chain(&beside);
                    !files.copied().any(|path| has_test(tree, path, name))
                });
                faults.extend(lost.map(|name| {
                    let places = above.join(" or ");
                    page.fault(
                        line,
                        format!("there is no test `{name}` in {places}: correct or delete it"),
                    )
                }));
            }
        }
    }
    faults
}

/// The line that a page with levels begins with, and its row in the index, agree with its rows; the last row of the
/// index is their sum.
pub(crate) fn counts(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut total = Counts::default();
    let index = tree.file(INDEX);
    for page in pages(tree) {
        let Some(counts) = count(page) else { continue };
        total += counts;
        let said = page
            .text
            .lines()
            .position(|line| line == counts.to_string());
        if said.is_none_or(|at| at > 3) {
            let wanted = format!("let the page begin with this line below its title: {counts}");
            faults.push(page.fault(0, wanted));
        }
        let name = page.path[PAGES.len()..].trim_end_matches(".md");
        faults.extend(index.and_then(|index| wrong_in_index(index, name, counts)));
    }
    faults.extend(index.and_then(|index| wrong_in_index(index, "total", total)));
    faults
}

fn pages(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.under(PAGES).filter(|f| f.path.ends_with(".md"))
}

/// The rows of all tables of a page.
fn rows(page: &File) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut columns = Vec::new();
    for (at, line) in page.text.lines().enumerate() {
        let Some(inside) = line
            .strip_prefix('|')
            .and_then(|line| line.strip_suffix('|'))
        else {
            columns.clear();
            continue;
        };
        let cells: Vec<_> = inside.split('|').map(str::trim).collect();
        if columns.is_empty() {
            columns = cells;
        } else if !inside.starts_with("---") {
            rows.push((at + 1, columns.iter().copied().zip(cells).collect()));
        }
    }
    rows
}

/// The names in a cell, with the files that follow them.
fn groups(cell: &str) -> Vec<(Vec<&str>, Vec<&str>)> {
    let mut groups: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for word in quoted(cell) {
        let is_path = word.contains('/');
        let is_name = word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_*".contains(c));
        match groups.last_mut() {
            Some((_, paths)) if is_path => paths.push(word),
            None if is_path => groups.push((Vec::new(), vec![word])),
            Some((names, paths)) if is_name && paths.is_empty() => names.push(word),
            Some(_) | None if is_name => groups.push((vec![word], Vec::new())),
            Some(_) | None => {}
        }
    }
    groups
}

fn paths(cell: &str) -> Vec<&str> {
    quoted(cell).filter(|word| word.contains('/')).collect()
}

fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Whether a file, or one below a folder, has a function of this name; a `*` at its end stands for any rest.
fn has_test(tree: &Tree, path: &str, name: &str) -> bool {
    let start = match name.strip_suffix('*') {
        Some(start) => format!("fn {start}"),
        None => format!("fn {name}("),
    };
    tree.under(path).any(|f| f.text.contains(&start))
}

/// `None` for a page that does not say the level of its rules.
fn count(page: &File) -> Option<Counts> {
    let rows = rows(page);
    if !rows.iter().any(|(_, row)| row.contains_key("level")) {
        return None;
    }
    let mut counts = Counts::default();
    for (_, row) in rows {
        let cell = |name| row.get(name).copied().unwrap_or_default();
        match cell("level") {
            "MUST" => counts.must += 1,
            "SHOULD" => counts.should += 1,
            _ => continue,
        }
        if cell("file").starts_with("not done") {
            counts.not_done += 1;
        } else if cell("file").starts_with("not ours") {
            counts.not_ours += 1;
        } else if cell("rule").contains("Deviation") {
            counts.deviations += 1;
        } else {
            counts.kept += 1;
        }
    }
    Some(counts)
}

fn wrong_in_index(index: &File, name: &str, counts: Counts) -> Option<Fault> {
    let wanted = counts.cells();
    let row = index.text.lines().position(|line| {
        line.starts_with(&format!("| [{name}](")) || line.starts_with(&format!("| {name} |"))
    });
    match row {
        Some(at)
            if index
                .text
                .lines()
                .nth(at)
                .is_some_and(|line| line.ends_with(&wanted)) =>
        {
            None
        }
        Some(at) => Some(index.fault(at + 1, format!("let the row of {name} end with:{wanted}"))),
        None => Some(index.fault(0, format!("give {name} a row that ends with:{wanted}"))),
    }
}

impl Counts {
    /// The last cells of a row of the index.
    fn cells(&self) -> String {
        let Self {
            must,
            should,
            kept,
            deviations,
            not_done,
            not_ours,
        } = self;
        format!(" {must} | {should} | {kept} | {deviations} | {not_done} | {not_ours} |")
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            must,
            should,
            kept,
            deviations,
            not_done,
            not_ours,
        } = self;
        write!(
            f,
            "MUST {must}, SHOULD {should}: kept {kept}, deviations {deviations}, not done {not_done}, not ours {not_ours}."
        )
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.must += more.must;
        self.should += more.should;
        self.kept += more.kept;
        self.deviations += more.deviations;
        self.not_done += more.not_done;
        self.not_ours += more.not_ours;
    }
}
