//! Kamailio doing what Crosspoint does: registrar in memory, proxy with lookup and Record-Route; nothing else loaded.

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command;

use super::settings::Settings;
use super::subject::Subject;

const PROGRAM: &str = "/usr/sbin/kamailio";

pub(crate) fn is_installed() -> bool {
    Path::new(PROGRAM).exists()
}

/// `defines` switch parts of `kamailio.cfg` on.
pub(crate) fn start(name: &'static str, defines: &[&str], settings: &Settings) -> Subject {
    // It cannot be asked which port it was given, so it is given one that was free a moment ago.
    let port = UdpSocket::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .unwrap()
        .port();
    let addr = SocketAddr::from(([127, 0, 0, 1], port));
    let files =
        std::env::temp_dir().join(format!("crosspoint-bench-{}-{port}", std::process::id()));
    std::fs::create_dir_all(&files).unwrap();
    let config = files.join("kamailio.cfg");
    std::fs::write(&config, include_str!("kamailio.cfg")).unwrap();

    let mut command = Command::new(PROGRAM);
    command
        .arg("-f")
        .arg(&config)
        .args(["-DD", "-E", "-m", "2048", "-M", "32", "-b", "8388608"])
        // Debian's default allocator keeps books for those who look for faults; this one is the fastest.
        .args(["-x", "fm", "-X", "fm"])
        .arg("-Y")
        .arg(&files)
        .arg("-P")
        .arg(files.join("pid"))
        .arg("-l")
        .arg(format!("udp:{addr}"))
        .arg("-n")
        .arg(settings.shards.to_string());
    for define in defines {
        command.arg("-A").arg(format!("WITH_{define}"));
    }
    let subject = Subject::start(name, &mut command, "is ready", |_| addr);
    subject.with_files(files)
}
