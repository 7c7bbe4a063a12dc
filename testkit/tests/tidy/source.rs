//! Rules about single Rust files: how they open, how long they are, what they may name.

use crate::tree::{Fault, File, Tree, has_word};

/// A file opens with `//!`: what it is, which RFC section, what it does not know.
pub(crate) fn module_docs(tree: &Tree) -> Vec<Fault> {
    tree.rust()
        .filter(|f| !f.text.starts_with("//!"))
        .map(|f| {
            f.fault(
                1,
                "open the file with `//!`: what it is, which RFC section, what it does not know",
            )
        })
        .collect()
}

const LINES: usize = 400;
const LINES_OF_TESTS: usize = 700;

/// No file above 400 lines, tests and benchmarks none above 700.
pub(crate) fn length(tree: &Tree) -> Vec<Fault> {
    tree.rust()
        .filter_map(|f| {
            let bound = if is_test(&f.path) {
                LINES_OF_TESTS
            } else {
                LINES
            };
            let lines = f.text.lines().count();
            (lines > bound).then(|| {
                f.fault(
                    lines,
                    format!("{lines} lines: split it, {bound} are the most"),
                )
            })
        })
        .collect()
}

/// `#[expect(…, reason = "…")]` instead of `#[allow(…)]`: it says why, and warns when it is not needed any more. Only
/// what several test programs share may `allow`, with a reason: one of them needs the exception, the next does not.
pub(crate) fn exceptions(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for f in tree.rust() {
        for (line, code) in f.code() {
            let has_reason = || attribute(f, line).contains("reason");
            if opens_attribute(code, "allow(") && !(is_test(&f.path) && has_reason()) {
                faults.push(f.fault(
                    line,
                    "write `expect(…, reason = \"…\")` instead of `allow(…)`",
                ));
            }
            if opens_attribute(code, "expect(") && !has_reason() {
                faults.push(f.fault(
                    line,
                    "give the exception its reason: `expect(…, reason = \"…\")`",
                ));
            }
        }
    }
    faults
}

/// A test that does not run says why.
pub(crate) fn ignored(tree: &Tree) -> Vec<Fault> {
    each_line(tree.rust(), |code| {
        (code.trim() == concat!("#[", "ignore]"))
            .then_some("say why the test does not run: `#[ignore = \"…\"]`")
    })
}

/// Clocks, threads, sockets, files, runtimes and randomness of one's own.
const OUTSIDE: &[&str] = &[
    "tokio",
    "UdpSocket",
    "TcpStream",
    "TcpListener",
    "SystemTime::now",
    "Instant::now",
    "thread::spawn",
    "thread::sleep",
    "std::fs",
    "thread_rng",
    "rand::rng",
    "getrandom",
];

/// Where state machines live: everything that happens outside comes in as an argument.
const SANS_IO: &[&str] = &[
    "sip/src/",
    "server/src/auth",
    "server/src/location",
    "server/src/registrar",
    "server/src/proxy",
    "server/src/sdp",
    "server/src/tone",
    "server/src/call",
    "server/src/switch",
];

pub(crate) fn sans_io(tree: &Tree) -> Vec<Fault> {
    let pure = tree
        .rust()
        .filter(|f| SANS_IO.iter().any(|folder| f.path.starts_with(folder)));
    let mut faults = Vec::new();
    for f in pure {
        for (line, code) in f.code() {
            faults.extend(OUTSIDE.iter().filter(|word| has_word(code, word)).map(|word| {
                f.fault(line, format!("`{word}` has no place in a state machine: take time, bytes and chance as arguments"))
            }));
        }
    }
    faults
}

/// rsip is vocabulary for messages that the server begins, and the second reader in tests; nothing else.
pub(crate) fn rsip(tree: &Tree) -> Vec<Fault> {
    let elsewhere = tree
        .rust()
        .filter(|f| !f.path.starts_with("sip/src/msg/") && !f.path.starts_with("testkit/"));
    each_line(elsewhere, |code| {
        has_word(code, "rsip").then_some(
            "name what `sip::msg` offers; rsip itself is named there and in testkit only",
        )
    })
}

pub(crate) fn web_sys(tree: &Tree) -> Vec<Fault> {
    let elsewhere = tree
        .rust()
        .filter(|f| !f.path.starts_with("frontend/") && !f.path.starts_with("testkit/tests/tidy/"));
    each_line(elsewhere, |code| {
        has_word(code, "web_sys")
            .then_some("move this to `frontend`, the only crate that names web_sys")
    })
}

/// Whether the file is a test or a benchmark.
pub(crate) fn is_test(path: &str) -> bool {
    ["/tests/", "/benches/", "/tests.rs"]
        .iter()
        .any(|part| path.contains(part))
}

fn opens_attribute(code: &str, what: &str) -> bool {
    let code = code.trim_start();
    ["#[", "#!["].iter().any(|open| {
        code.strip_prefix(open)
            .is_some_and(|rest| rest.starts_with(what))
    })
}

/// The text of the attribute that begins on this line.
fn attribute(f: &File, line: usize) -> String {
    let mut text = String::new();
    for part in f.text.lines().skip(line - 1) {
        text.push_str(part);
        if part.trim_end().ends_with(']') {
            break;
        }
    }
    text
}

fn each_line<'a>(
    files: impl Iterator<Item = &'a File>,
    fault: impl Fn(&str) -> Option<&'static str>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for f in files {
        faults.extend(
            f.code()
                .filter_map(|(line, code)| fault(code).map(|what| f.fault(line, what))),
        );
    }
    faults
}
