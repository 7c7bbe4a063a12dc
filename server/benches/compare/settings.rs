//! How much work, and over how many phones: from the environment.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

pub(crate) struct Settings {
    /// `PHONES`: how many are registered.
    pub(crate) phones: u32,
    /// `OPERATIONS`: in one round. A proxied call is remembered for 32 s, and a shard remembers 50 000.
    pub(crate) operations: u32,
    /// `ROUNDS`: of each server.
    pub(crate) rounds: u32,
    /// `WINDOW`: operations under way at once.
    pub(crate) window: usize,
    /// `SHARDS`: threads of Crosspoint, processes of Kamailio.
    pub(crate) shards: u8,
    /// `TAIL`: seconds after the last round in which CPU time is still counted: transactions live 32 s.
    pub(crate) tail: Duration,
}

impl Settings {
    pub(crate) fn of_environment() -> Self {
        Self {
            phones: setting("PHONES", 20_000),
            operations: setting("OPERATIONS", 8_000),
            rounds: setting("ROUNDS", 5),
            window: setting("WINDOW", 32),
            shards: setting("SHARDS", 2),
            tail: Duration::from_secs(setting("TAIL", 35)),
        }
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} phones; {} rounds of {} operations, {} under way; {} threads or processes; {} s of tail",
            self.phones,
            self.rounds,
            self.operations,
            self.window,
            self.shards,
            self.tail.as_secs()
        )
    }
}

fn setting<T: FromStr>(name: &str, default: T) -> T {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}
