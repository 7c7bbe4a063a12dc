//! A server under load: its process and all that it started, and what they have used.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) addr: SocketAddr,
    /// Whether it takes registrations; the echo does not.
    pub(crate) is_registrar: bool,
    child: Child,
    /// Taken away at the end.
    files: Option<PathBuf>,
}

impl Subject {
    /// Starts it, and waits for a line with `mark` on its standard error.
    pub(crate) fn start(
        name: &'static str,
        command: &mut Command,
        mark: &str,
        addr: impl FnOnce(&str) -> SocketAddr,
    ) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let line = loop {
            let before = said.len();
            let read = told.read_line(&mut said).unwrap();
            assert_ne!(read, 0, "{name} ended before it listened: {said}");
            if said[before..].contains(mark) {
                break said.split_off(before);
            }
        };
        // A full pipe would stop it.
        std::thread::spawn(move || told.read_to_end(&mut Vec::new()));
        Self {
            name,
            addr: addr(&line),
            is_registrar: true,
            child,
            files: None,
        }
    }

    /// What to delete when it has ended.
    pub(crate) fn with_files(mut self, files: PathBuf) -> Self {
        self.files = Some(files);
        self
    }

    /// CPU time of all its threads and processes (`/proc/PID/task/TID/schedstat`, nanoseconds).
    pub(crate) fn cpu(&self) -> Duration {
        let of_task = |task: &PathBuf| {
            let text = std::fs::read_to_string(task.join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        };
        Duration::from_nanos(self.tasks().iter().filter_map(of_task).sum())
    }

    /// Its share of memory in bytes: pages of its own, and its part of shared ones.
    pub(crate) fn memory(&self) -> u64 {
        let of_process = |pid: &u32| {
            let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let line = text.lines().find(|line| line.starts_with("Pss:"))?;
            let kib: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
            Some(kib * 1_024)
        };
        self.processes().iter().filter_map(of_process).sum()
    }

    fn tasks(&self) -> Vec<PathBuf> {
        let of_process = |pid: &u32| std::fs::read_dir(format!("/proc/{pid}/task")).ok();
        self.processes()
            .iter()
            .filter_map(of_process)
            .flatten()
            .filter_map(|task| Some(task.ok()?.path()))
            .collect()
    }

    fn processes(&self) -> Vec<u32> {
        let mut all = vec![self.child.id()];
        let mut next = 0;
        while let Some(pid) = all.get(next).copied() {
            let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
            let children = children.unwrap_or_default();
            all.extend(
                children
                    .split_ascii_whitespace()
                    .flat_map(str::parse::<u32>),
            );
            next += 1;
        }
        all
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // A supervisor that is killed leaves its children behind, so it is asked first. It may have ended already.
        let pid = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        for _ in 0..50 {
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(files) = &self.files {
            let _ = std::fs::remove_dir_all(files);
        }
    }
}
