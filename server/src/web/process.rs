//! What the process takes of its machine, as proc(5) and getrusage(2) tell it.

use std::fs;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};

/// Seconds of CPU time, in user and system mode together.
pub(super) fn cpu_seconds() -> Option<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let (user, system) = (usage.user_time(), usage.system_time());
    let micros = (user.tv_sec() + system.tv_sec()) * 1_000_000 + user.tv_usec() + system.tv_usec();
    Some(micros as f64 / 1e6)
}

/// Resident and virtual memory in octets.
pub(super) fn memory() -> Option<(u64, u64)> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some((octets(&status, "VmRSS:")?, octets(&status, "VmSize:")?))
}

/// Open file descriptors.
pub(super) fn open_files() -> Option<u64> {
    let open = fs::read_dir("/proc/self/fd").ok()?.count();
    // One is the directory that has just been read.
    u64::try_from(open.saturating_sub(1)).ok()
}

/// The most that may be open.
pub(super) fn most_open_files() -> Option<u64> {
    getrlimit(Resource::RLIMIT_NOFILE)
        .ok()
        .map(|(soft, _)| soft)
}

/// A line of the form `VmRSS:     1234 kB`.
fn octets(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1_024)
}
