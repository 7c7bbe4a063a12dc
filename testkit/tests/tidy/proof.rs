//! Proof that each rule can fail: a small tree that breaks it, and a word of the fault it must find.

use crate::RULES;
use crate::tree::{File, Tree};

struct Case {
    rule: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// The faults expected, each `path:line` or `path`, sorted.
    faults: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        rule: "every_file_says_what_it_is",
        files: &[
            ("sip/src/a.rs", "use x;\n//! too late"),
            ("sip/src/b.rs", "//! What b is.\n"),
        ],
        faults: &["sip/src/a.rs:1"],
    },
    Case {
        rule: "exceptions_to_lints_give_a_reason",
        files: &[
            ("a.rs", "//! a\n#[allow(dead_code)]\nfn f() {}\n"),
            ("b.rs", "//! b\n#![expect(\n    dead_code\n)]\n"),
            (
                "c.rs",
                "//! c\n#[expect(\n    dead_code,\n    reason = \"why\"\n)]\n",
            ),
        ],
        faults: &["a.rs:2", "b.rs:2"],
    },
    Case {
        rule: "ignored_tests_give_a_reason",
        files: &[
            ("a.rs", "//! a\n#[test]\n    #[ignore]\n"),
            ("b.rs", "//! b\n#[ignore = \"needs root\"]\n"),
        ],
        faults: &["a.rs:3"],
    },
    Case {
        rule: "state_machines_are_sans_io",
        files: &[
            ("sip/src/a.rs", "//! tokio is not here\nuse tokio::net;\n"),
            (
                "server/src/call/leg.rs",
                "//! a\n\nlet now = std::time::Instant::now();\n",
            ),
            (
                "server/src/runtime/clock.rs",
                "//! a\nlet now = Instant::now();\n",
            ),
            ("sip/src/b.rs", "//! b\nlet now = VirtualInstant::now();\n"),
        ],
        faults: &["server/src/call/leg.rs:3", "sip/src/a.rs:2"],
    },
    Case {
        rule: "rsip_stays_in_its_place",
        files: &[
            ("server/src/a.rs", "//! a\nuse rsip::Uri;\n"),
            ("sip/src/msg/b.rs", "//! b\nuse rsip::Method;\n"),
        ],
        faults: &["server/src/a.rs:2"],
    },
    Case {
        rule: "the_browser_is_named_in_frontend_alone",
        files: &[
            ("app/src/a.rs", "//! a\nweb_sys::window();\n"),
            ("frontend/src/b.rs", "//! b\nweb_sys::window();\n"),
        ],
        faults: &["app/src/a.rs:2"],
    },
    Case {
        rule: "imports_point_to_the_left",
        files: &[
            (
                "sip/src/name/aor.rs",
                "//! a\nuse crate::limits::AOR;\nuse crate::{time, msg::{Header, Via}};\n",
            ),
            (
                "sip/src/name/deep/uri.rs",
                "//! a\nuse super::super::super::dialog::Dialog;\nuse super::super::aor;\n",
            ),
            (
                "server/src/call/mod.rs",
                "//! a\nuse crate::registrar;\nuse app::live;\n",
            ),
            ("server/src/newcomer.rs", "//! a\n"),
            ("server/src/main.rs", "//! a\nuse crate::web;\n"),
        ],
        faults: &[
            "server/src/call/mod.rs:2",
            "server/src/newcomer.rs:1",
            "sip/src/name/aor.rs:3",
            "sip/src/name/deep/uri.rs:2",
        ],
    },
    Case {
        rule: "crates_depend_in_one_direction",
        files: &[
            (
                "sip/Cargo.toml",
                "[dependencies]\nbytes = \"1\"\n[target.'cfg(unix)'.dependencies]\ntokio-util = \"1\"\n",
            ),
            ("app/Cargo.toml", "[dev-dependencies]\nsip = \"1\"\n"),
        ],
        faults: &["sip/Cargo.toml:4"],
    },
    Case {
        rule: "crates_take_the_lints_of_the_workspace",
        files: &[
            ("sip/Cargo.toml", "[lints]\nworkspace = true\n"),
            ("app/Cargo.toml", "[package]\nname = \"app\"\n"),
        ],
        faults: &["app/Cargo.toml"],
    },
    Case {
        rule: "leptos_keys_agree",
        files: &[
            (
                "Cargo.toml",
                "[[workspace.metadata.leptos]]\noutput-name = \"x\"\nsite-root = \"target/site\"\n",
            ),
            (
                "Leptos.toml",
                "[[workspace.metadata.leptos]]\nsite-root = \"site\"\nenv = \"PROD\"\n",
            ),
            (".cargo/config.toml", "[env]\nLEPTOS_OUTPUT_NAME = \"y\"\n"),
        ],
        faults: &[".cargo/config.toml:2", "Leptos.toml:2"],
    },
    Case {
        rule: "each_component_has_its_style",
        files: &[
            ("app/src/components/cell.rs", ""),
            ("app/src/components/status_bar.rs", ""),
            ("app/src/components/mod.rs", ""),
            ("style/components/_status-bar.scss", ""),
            ("style/components/_toast.scss", ""),
        ],
        faults: &["app/src/components/cell.rs", "style/components/_toast.scss"],
    },
    Case {
        rule: "documents_name_real_paths",
        files: &[
            (
                "README.md",
                "See [the map](ARCHITECTURE.md#map), [an old one](docs/old.md) and `sip/src/lost.rs:12`.\n",
            ),
            (
                "ARCHITECTURE.md",
                "`sip/src/lib.rs`, `text/html`, `/live`, `sip/`, `target/site`, <https://example.org/a.md>\n",
            ),
            ("docs/conformance.md", "[lib](../sip/src/lib.rs)\n"),
            ("CHANGELOG.md", ""),
            ("sip/src/lib.rs", ""),
        ],
        faults: &["CONTRIBUTING.md", "README.md:1", "README.md:1"],
    },
    Case {
        rule: "conformance_names_real_tests",
        files: &[
            ("sip/tests/a.rs", "fn one() {}\nfn section_2_b() {}\n"),
            ("sip/src/b.rs", "fn beside() {}\n"),
            (
                "docs/conformance/page.md",
                "| rule | file | test |\n|---|---|---|\n\
                 | a | `sip/src/b.rs` | `one`, `section_2_*` in `sip/tests/a.rs`, `beside`; `x-y` is no name |\n\
                 | b | `sip/src/b.rs` | `one`; `two` |\n\
                 | c | none | `one` in `sip/src/b.rs` and in `sip/tests/` |\n\
                 | d | `sip/src/b.rs` | `section_3_*` in `sip/tests/a.rs` |\n",
            ),
        ],
        faults: &["docs/conformance/page.md:4", "docs/conformance/page.md:6"],
    },
    Case {
        rule: "conformance_counts_agree",
        files: &[
            (
                "docs/conformance.md",
                "| page | MUST |\n| [good](x) | 2 | 2 | 1 | 1 | 1 | 1 |\n| [bad](x) | 9 | 0 | 1 | 0 | 0 | 0 |\n\
                 | total | 3 | 2 | 2 | 1 | 1 | 1 |\n",
            ),
            (
                "docs/conformance/good.md",
                "# good\n\nMUST 2, SHOULD 2: kept 1, deviations 1, not done 1, not ours 1.\n\n\
                 | level | rule | file |\n|---|---|---|\n| MUST | a | `x` |\n| SHOULD | b. Deviation: c | `x` |\n\
                 | SHOULD | d | not done |\n| MUST | e | not ours |\n| MAY | f | `x` |\n",
            ),
            (
                "docs/conformance/bad.md",
                "# bad\n\n| level | rule | file |\n|---|---|---|\n| MUST | a | `x` |\n",
            ),
            (
                "docs/conformance/plain.md",
                "| rule | file |\n|---|---|\n| a | `x` |\n",
            ),
        ],
        faults: &["docs/conformance.md:3", "docs/conformance/bad.md"],
    },
    Case {
        rule: "names_say_something",
        files: &[
            ("server/src/call_manager.rs", ""),
            ("a.rs", "//! a\npub fn get_aor() {}\nfn budget_left() {}\n"),
        ],
        faults: &["a.rs:2", "server/src/call_manager.rs"],
    },
    Case {
        rule: "nothing_is_left_to_do",
        files: &[
            ("style/main.scss", concat!("/* TO", "DO: colour */\n")),
            ("a.md", "a todo list\n"),
        ],
        faults: &["style/main.scss:1"],
    },
    Case {
        rule: "no_machine_is_named",
        files: &[
            ("a.sh", concat!("cd /wo", "rk/x\n")),
            ("b.md", concat!("\n\nhttps://pypi", ".org/x\n")),
            ("Cargo.lock", concat!("/ro", "ot/")),
        ],
        faults: &["a.sh:1", "b.md:3"],
    },
];

fn tree(files: &[(&str, &str)]) -> Tree {
    let files = files.iter().map(|(path, text)| File {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    });
    Tree {
        files: files.collect(),
    }
}

#[test]
fn each_rule_finds_its_faults_and_no_others() {
    for case in CASES {
        let (_, rule) = RULES
            .iter()
            .find(|(name, _)| *name == case.rule)
            .expect(case.rule);
        let found: Vec<_> = rule(&tree(case.files))
            .iter()
            .map(|fault| fault.to_string())
            .collect();
        let mut places: Vec<_> = found
            .iter()
            .filter_map(|fault| fault.split(": ").next())
            .collect();
        places.sort_unstable();
        assert_eq!(places, case.faults, "{}: {found:#?}", case.rule);
    }
}

#[test]
fn long_files_are_found_and_tests_may_be_longer() {
    let long = "//! a\n".repeat(401);
    let (_, rule) = RULES
        .iter()
        .find(|(name, _)| *name == "files_are_short")
        .expect("the rule");
    let faults = rule(&tree(&[
        ("sip/src/a.rs", &long),
        ("sip/tests/a.rs", &long),
        ("sip/src/b.rs", &long[6..]),
    ]));
    assert_eq!(faults.len(), 1, "only sip/src/a.rs is too long");
    assert!(faults[0].to_string().starts_with("sip/src/a.rs:401: "));
}

#[test]
fn each_rule_has_a_proof() {
    for (name, _) in RULES {
        let proven = *name == "files_are_short" || CASES.iter().any(|case| case.rule == *name);
        assert!(proven, "add a case for `{name}`");
    }
}
