//! The house rules, as tests: what a reviewer would otherwise have to say again and again.
//!
//! A rule reads the whole tree and answers with its faults, each with file, line and remedy. `proof` holds that
//! every rule finds the fault it is there for. Rules read text, not syntax: they are simple, and can be fooled by
//! someone who wants to.

mod conformance;
mod crates;
mod direction;
mod documents;
mod proof;
mod source;
mod style;
mod tree;
mod words;

use tree::{Fault, Tree};

type Rule = fn(&Tree) -> Vec<Fault>;

#[track_caller]
fn hold(rule: Rule) {
    let faults = rule(&Tree::of_repository());
    let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "\n{}\n", lines.join("\n"));
}

macro_rules! rules {
    ($($name:ident: $rule:path;)*) => {
        $(#[test] fn $name() { hold($rule); })*
        /// Every rule by name, so that `proof` can tell when one has no proof.
        const RULES: &[(&str, Rule)] = &[$((stringify!($name), $rule)),*];
    };
}

rules! {
    every_file_says_what_it_is: source::module_docs;
    files_are_short: source::length;
    exceptions_to_lints_give_a_reason: source::exceptions;
    ignored_tests_give_a_reason: source::ignored;
    state_machines_are_sans_io: source::sans_io;
    rsip_stays_in_its_place: source::rsip;
    the_browser_is_named_in_frontend_alone: source::web_sys;
    imports_point_to_the_left: direction::imports;
    crates_depend_in_one_direction: crates::dependencies;
    crates_take_the_lints_of_the_workspace: crates::lints;
    leptos_keys_agree: crates::leptos_keys;
    each_component_has_its_style: style::partials;
    documents_name_real_paths: documents::paths;
    conformance_names_real_tests: conformance::tests;
    conformance_counts_agree: conformance::counts;
    names_say_something: words::names;
    nothing_is_left_to_do: words::left_over;
    no_machine_is_named: words::machines;
}
