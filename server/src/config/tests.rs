//! Tables of configurations, good and bad.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::settings::{SETTINGS, nearest};
use super::*;

/// A file of its own for each test, gone when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("crosspoint-{}-{name}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn from_file(name: &str, text: &str) -> Result<Loaded, ConfigErrors> {
    let scratch = Scratch::new(name, text);
    load(&Sources {
        file: Some(scratch.0.clone()),
        ..Sources::default()
    })
}

fn from_environment(name: &str, value: &str) -> Result<Loaded, ConfigErrors> {
    load(&Sources {
        environment: vec![(name.to_owned(), value.to_owned())],
        ..empty()
    })
}

/// No file at all: the working directory of a test run has none.
fn empty() -> Sources {
    Sources::default()
}

fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn no_source_gives_the_defaults() {
    let loaded = load(&empty()).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert!(
        SETTINGS
            .iter()
            .all(|setting| loaded.origin(setting.key) == Origin::Default)
    );
}

#[test]
fn each_default_is_a_value_its_own_row_accepts() {
    for setting in SETTINGS {
        let mut config = Config::default();
        let shown = (setting.show)(&config);
        assert!(
            (setting.assign)(&mut config, &shown).is_some(),
            "{} refuses its default {shown}",
            setting.key
        );
        assert_eq!(
            config,
            Config::default(),
            "{} does not read what it shows",
            setting.key
        );
    }
}

#[test]
fn environment_wins_over_file_and_a_flag_over_both() {
    let file = "[sip]\nudp = [\"127.0.0.1:1\"]\ntcp = [\"127.0.0.1:2\"]\n\n[web]\nlisten = \"127.0.0.1:3\"\n";
    let scratch = Scratch::new("precedence", file);
    let loaded = load(&Sources {
        file: Some(scratch.0.clone()),
        environment: vec![
            (
                "CROSSPOINT__SIP__TCP".to_owned(),
                "127.0.0.1:22, [::1]:22".to_owned(),
            ),
            (
                "CROSSPOINT__WEB__LISTEN".to_owned(),
                "127.0.0.1:33".to_owned(),
            ),
            ("PATH".to_owned(), "/bin".to_owned()),
        ],
        flags: vec![("--http", "web.listen", "127.0.0.1:333".to_owned())],
    })
    .unwrap();
    assert_eq!(loaded.config.sip.udp, [addr("127.0.0.1:1")]);
    assert_eq!(
        loaded.config.sip.tcp,
        [addr("127.0.0.1:22"), addr("[::1]:22")]
    );
    assert_eq!(loaded.config.web.listen, addr("127.0.0.1:333"));
    assert_eq!(
        loaded.origin("sip.udp"),
        Origin::File {
            path: scratch.0.clone(),
            line: 2
        }
    );
    assert_eq!(
        loaded.origin("sip.tcp"),
        Origin::Environment("CROSSPOINT__SIP__TCP".to_owned())
    );
    assert_eq!(loaded.origin("web.listen"), Origin::Flag("--http"));
}

#[test]
fn the_section_of_leptos_is_left_to_leptos() {
    let text = "[[workspace.metadata.leptos]]\noutput-name = \"crosspoint\"\n[sip]\nmax_expires = 900\ndefault_expires = \"5m\"";
    let config = from_file("leptos", text).unwrap().config;
    assert_eq!(config.sip.max_expires, Duration::from_secs(900));
    assert_eq!(config.sip.default_expires, Duration::from_secs(300));
}

#[test]
fn the_report_is_a_file_that_loads_to_the_same_values() {
    let loaded = from_environment("CROSSPOINT__CALLS__RING_B", "7s").unwrap();
    let report = loaded.report();
    assert!(report.contains("ring_b = \"7s\""), "{report}");
    assert!(
        report.contains("# environment CROSSPOINT__CALLS__RING_B:"),
        "{report}"
    );
    let mut again = from_file("report", &report).unwrap().config;
    again.file = None;
    assert_eq!(again, loaded.config);
}

#[test]
fn wrong_values_name_key_place_finding_and_remedy() {
    let cases = [
        (
            "shards = 65",
            "`shards` is 65; it must be a whole number, from 0 to 64",
        ),
        ("shards = -1", "`shards` is -1; it must be a whole number"),
        ("shards = 1.5", "`shards` is 1.5; it must be a whole number"),
        (
            "shards = true",
            "`shards` is true; it must be a whole number",
        ),
        ("sip = 5", "unknown key `sip`"),
        (
            "[sip]\nudp = [\"localhost:5080\"]",
            "`sip.udp` is [\"localhost:5080\"]; it must be a list of IP addresses",
        ),
        (
            "[sip]\nudp = [5080]",
            "`sip.udp` is [5080]; it must be a list of IP addresses",
        ),
        (
            "[sip]\ntcp = \"0.0.0.0\"",
            "`sip.tcp` is \"0.0.0.0\"; it must be a list of IP addresses",
        ),
        (
            "[sip]\ndomains = [\"exa mple\"]",
            "`sip.domains` is [\"exa mple\"]; it must be a list of host names",
        ),
        (
            "[sip]\nadvertised = \"a:5080\"",
            "`sip.advertised` is \"a:5080\"; it must be a host name",
        ),
        (
            "[sip]\nmin_expires = \"1 week\"",
            "`sip.min_expires` is \"1 week\"; it must be a duration such as",
        ),
        (
            "[sip]\nmin_expires = 0",
            "`sip.min_expires` is 0; it must be a duration such as",
        ),
        (
            "[web]\nlisten = 8080",
            "`web.listen` is 8080; it must be an IP address with a port",
        ),
        (
            "[auth]\nmode = \"none\"",
            "`auth.mode` is \"none\"; it must be \"open-lab\"",
        ),
        (
            "[calls]\nring_b = \"31s\"",
            "`calls.ring_b` is \"31s\"; it must be a duration",
        ),
        (
            "[calls]\nring_b = 2024-01-01",
            "`calls.ring_b` is 2024-01-01; it must be a duration",
        ),
        (
            "[calls.ring_b]\nx = 1",
            "`calls.ring_b` is a table; it must be a duration",
        ),
        (
            "[limits]\ncalls = 0",
            "`limits.calls` is 0; it must be a whole number, from 1 to 1000000",
        ),
        (
            "[log]\nlevel = \"loud\"",
            "`log.level` is \"loud\"; it must be one of \"off\"",
        ),
        (
            "[log]\nformat = \"xml\"",
            "`log.format` is \"xml\"; it must be \"text\" or \"json\"",
        ),
    ];
    for (nth, (text, expected)) in cases.into_iter().enumerate() {
        let error = from_file(&format!("wrong-{nth}"), text)
            .unwrap_err()
            .to_string();
        let line = if text.contains('\n') && !text.starts_with("[calls.ring_b]") {
            2
        } else {
            1
        };
        assert!(
            error.contains(&format!("wrong-{nth}.toml:{line}: {expected}")),
            "{text}: {error}"
        );
    }
}

#[test]
fn unknown_keys_name_the_nearest_known_one() {
    let cases = [
        ("sip.upd", "sip.udp"),
        ("sip.listen", "web.listen"),
        ("calls.ring_first", "calls.ring_a"),
        ("limits.max_expires", "sip.max_expires"),
        ("sip.max-expires", "sip.max_expires"),
        ("log.lvl", "log.level"),
        ("shard", "shards"),
        ("http.listen", "web.listen"),
    ];
    for (wrong, right) in cases {
        assert_eq!(nearest(wrong), right, "{wrong}");
    }
    let error = from_file("unknown", "[sip]\nupd = []\n[lag]\nlevel = \"info\"").unwrap_err();
    assert_eq!(error.0.len(), 2, "both are reported: {error}");
    assert!(
        error
            .to_string()
            .contains("unknown.toml:2: unknown key `sip.upd`; did you mean `sip.udp`?"),
        "{error}"
    );
    let error = from_environment("CROSSPOINT__SIP__UPD", "x")
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "environment CROSSPOINT__SIP__UPD: unknown key `sip.upd`; did you mean `sip.udp`?"
    );
}

#[test]
fn values_that_exclude_each_other_are_refused() {
    let cases = [
        (
            "[sip]\nudp = []\ntcp = []\ntls = []\nws = []\nwss = []",
            "`sip.udp` is []; it must be at least one address",
        ),
        (
            "[sip]\nmin_expires = \"2h\"",
            "`sip.min_expires` is \"2h\"; it must be no longer than `sip.default_expires`",
        ),
        (
            "[sip]\nmax_expires = \"30m\"",
            "`sip.default_expires` is \"1h\"; it must be no longer than `sip.max_expires`",
        ),
        (
            "[tls]\ncert = \"cert.pem\"",
            "`tls.key` is \"\"; it must be the file with the private key while `tls.cert` names",
        ),
        (
            "[limits]\nconnection_idle = \"2h\"",
            "`limits.connection_idle` is \"2h\"; it must be longer than `sip.max_expires`",
        ),
    ];
    for (nth, (text, expected)) in cases.into_iter().enumerate() {
        let error = from_file(&format!("exclude-{nth}"), text)
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_named() {
    let missing = load(&Sources {
        file: Some("/nonexistent/x.toml".into()),
        ..empty()
    })
    .unwrap_err()
    .to_string();
    assert!(
        missing.starts_with("cannot read /nonexistent/x.toml: "),
        "{missing}"
    );
    let broken = from_file("broken", "[sip]\nudp = [\n")
        .unwrap_err()
        .to_string();
    assert!(
        broken.contains("broken.toml:") && broken.contains("this is not TOML"),
        "{broken}"
    );
}

#[test]
fn a_list_may_be_off() {
    for off in ["", "off"] {
        let config = from_environment("CROSSPOINT__SIP__TCP", off)
            .unwrap()
            .config;
        assert!(config.sip.tcp.is_empty());
    }
}

#[test]
fn shards_are_counted_within_their_bound() {
    let count = |shards| {
        Config {
            shards,
            ..Config::default()
        }
        .shard_count()
    };
    assert!(count(0) >= 1);
    assert_eq!(count(3), 3);
    assert_eq!(count(u8::MAX), limits::SHARDS);
}

/// The file in the repository, with every comment that hides a default taken away.
#[test]
fn the_file_that_comes_with_the_server_shows_the_defaults() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../Leptos.toml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let shown: String = text
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with('[') || line.contains(" = "))
        .map(|line| format!("{line}\n"))
        .collect();
    let loaded = from_file("shipped", &shown).unwrap();
    assert_eq!(
        Config {
            file: None,
            ..loaded.config.clone()
        },
        Config::default()
    );
    let missing: Vec<_> = SETTINGS
        .iter()
        .filter(|setting| loaded.origin(setting.key) == Origin::Default)
        .map(|setting| setting.key)
        .collect();
    assert!(missing.is_empty(), "Leptos.toml does not show {missing:?}");
    assert!(
        load(&Sources {
            file: Some(shipped.into()),
            ..empty()
        })
        .is_ok()
    );
}
