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
            "[sip]\nlocal_networks = [\"10.0.0.0/40\"]",
            "`sip.local_networks` is [\"10.0.0.0/40\"]; it must be \"interfaces\", or a list of networks",
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
            "`calls.ring_b` is { x = 1 }; it must be a duration",
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

#[test]
fn a_peer_is_a_table_and_its_password_stands_in_a_file_of_its_own() {
    let secret = Scratch::new("secret", "hush\nnot this\n");
    let text = format!(
        "[[peers]]\nname = \"trunk\"\ndomains = [\"SIP.example.net\"]\nserver = \"sip:192.0.2.7;transport=tcp\"\n\
         user = \"4711\"\npassword_file = {:?}\nsources = [\"192.0.2.0/24\", \"2001:db8::7\"]\nprefix = \"0\"\n\
         [[peers]]\ndomains = [\"example.org\"]\n",
        secret.0
    );
    let loaded = from_file("peers", &text).unwrap();
    let [trunk, other] = &loaded.config.peers[..] else {
        panic!("{:?}", loaded.config.peers);
    };
    assert_eq!(trunk.domains, ["sip.example.net"]);
    assert_eq!(&*trunk.login.as_ref().unwrap().password, "hush");
    for (address, is_source) in [
        ("192.0.2.200", true),
        ("192.0.3.1", false),
        ("::ffff:192.0.2.1", true),
        ("2001:db8::7", true),
        ("2001:db8::8", false),
    ] {
        let address = address.parse().unwrap();
        let found = trunk.sources.iter().any(|network| network.holds(address));
        assert_eq!(found, is_source, "{address}");
    }
    assert_eq!((&*other.name, &other.login), ("example.org", &None));

    let report = loaded.report();
    assert!(!report.contains("hush") && !format!("{loaded:?}").contains("hush"));
    let again = from_file("peers-again", &report).unwrap();
    assert_eq!(again.config.peers, loaded.config.peers);
}

#[test]
fn a_peer_that_says_too_little_or_too_much_is_refused_by_the_key() {
    for (table, named) in [
        ("name = \"x\"", "`peers.domains` is missing"),
        ("domains = []", "`peers.domains` is []"),
        ("domain = [\"x\"]", "did you mean `peers.domains`"),
        ("domains = [\"x\"]\nserver = \"sip:a@x\"", "`peers.server`"),
        (
            "domains = [\"x\"]\nuser = \"u\"",
            "`peers.password_file` is missing",
        ),
        (
            "domains = [\"x\"]\nuser = \"u\"\npassword_file = \"/nowhere\"",
            "`peers.password_file`",
        ),
        (
            "domains = [\"x\"]\nsources = [\"10.0.0.0/33\"]",
            "`peers.sources`",
        ),
    ] {
        let error = from_file("peer", &format!("[[peers]]\n{table}\n")).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(named) && text.contains(".toml:1"), "{text}");
    }
}

#[test]
fn any_domain_may_be_called_only_where_it_is_known_which_are_ours() {
    let any = "[proxy]\ndomains = [\"*\"]\n";
    let error = from_file("any", any).unwrap_err().to_string();
    assert!(error.contains("`proxy.domains`"), "{error}");
    assert!(
        from_file(
            "any-but-ours",
            &format!("[sip]\ndomains = [\"a.test\"]\n{any}")
        )
        .is_ok()
    );
}
