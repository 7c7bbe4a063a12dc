//! Crosspoint, as it is shipped, over UDP alone.

use std::process::Command;

use super::settings::Settings;
use super::subject::Subject;

/// `SERVER` in the environment names another build of it.
pub(crate) fn start(name: &'static str, settings: &Settings) -> Subject {
    let program =
        std::env::var("SERVER").unwrap_or_else(|_| env!("CARGO_BIN_EXE_crosspoint").to_owned());
    let mut command = Command::new(program);
    command
        .args(["--http", "127.0.0.1:0", "--sip-tcp", "off"])
        .args(["--sip-udp", "127.0.0.1:0", "--ephemeral"])
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
