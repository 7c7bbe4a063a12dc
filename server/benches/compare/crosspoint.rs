//! Crosspoint, as it is shipped, over UDP alone.

use std::process::Command;

use super::digest;
use super::settings::Settings;
use super::subject::Subject;

/// Asks for no password and keeps nothing.
pub(crate) fn start(name: &'static str, settings: &Settings) -> Subject {
    run(name, settings, &["--ephemeral"])
}

/// Asks for passwords by MD5 digest. Users are kept on the disk, and so are registrations.
pub(crate) fn start_with_users(name: &'static str, settings: &Settings) -> Subject {
    let files = std::env::temp_dir().join(format!("crosspoint-bench-{}", std::process::id()));
    std::fs::create_dir_all(&files).unwrap();
    let users = files.join("users.properties");
    digest::write_users(&users, settings.phones);
    let data = ["--data-dir", files.to_str().unwrap()];
    let import = Command::new(program())
        .args(data)
        .args(["user", "import", users.to_str().unwrap()])
        .args(["--realm", digest::REALM])
        .output()
        .unwrap();
    assert!(import.status.success(), "{import:?}");
    run(name, settings, &data).with_files(files)
}

fn run(name: &'static str, settings: &Settings, args: &[&str]) -> Subject {
    let has_users = args.contains(&"--data-dir");
    let mut command = Command::new(program());
    command
        .env(
            "CROSSPOINT__AUTH__MODE",
            if has_users { "digest" } else { "open-lab" },
        )
        .env("CROSSPOINT__AUTH__REALM", digest::REALM)
        .args(["--http", "127.0.0.1:0", "--sip-tcp", "off"])
        .args(["--sip-udp", "127.0.0.1:0"])
        .args(args)
        .env("CROSSPOINT__SHARDS", settings.shards.to_string())
        .env("CROSSPOINT__SIP__TLS", "off")
        .env("CROSSPOINT__SIP__WS", "off")
        .env("CROSSPOINT__SIP__WSS", "off")
        // What protects a server from its peers would only measure itself here.
        .env("CROSSPOINT__LIMITS__TRANSACTIONS", "10000000")
        // All phones of the benchmark have one address.
        .env("CROSSPOINT__LIMITS__REQUESTS_PER_SOURCE", "0")
        .env("CROSSPOINT__LOG__LEVEL", "info")
        .current_dir(std::env::temp_dir());
    Subject::start(name, &mut command, "listening transport=udp", |line| {
        let (_, addr) = line.split_once("addr=").unwrap();
        addr.trim().parse().unwrap()
    })
}

/// `SERVER` in the environment names another build of it.
fn program() -> String {
    std::env::var("SERVER").unwrap_or_else(|_| env!("CARGO_BIN_EXE_crosspoint").to_owned())
}
