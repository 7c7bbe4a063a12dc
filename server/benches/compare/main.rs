//! Crosspoint beside Kamailio and a bare UDP echo: the same work, in the same run, round by round in turn.
//!
//! `make bench ARGS=compare`. It prints CPU microseconds for each operation (all threads and processes of the server, the
//! kernel's share included), operations a second, how long one took, and memory. Kamailio is the one of Debian
//! (`apt-get install kamailio`); without it Crosspoint and the echo are measured alone.
//!
//! A closed loop keeps a window of operations under way over one socket, and every one must come to its right end. Its
//! settings stand in `settings.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark watches real servers by a real clock, and a panic is its report"
)]

mod call;
mod crosspoint;
mod digest;
mod echo;
mod kamailio;
mod load;
mod register;
mod report;
mod settings;
mod subject;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use report::Row;
use settings::Settings;
use subject::Subject;

/// Operations of one kind: what is sent first, and what is said to each answer.
trait Work {
    /// The first message of operation `n`.
    fn begin(&mut self, n: u32) -> String;

    /// What follows from a message of operation `n`.
    fn hear(&mut self, n: u32, message: &str) -> Next;
}

/// What follows from a message that came.
enum Next {
    /// Nothing yet.
    Wait,
    /// These are sent.
    Send(Vec<String>),
    /// The operation has come to its end.
    Done,
}

fn main() {
    if std::env::var_os(echo::ROLE).is_some() {
        return echo::run();
    }
    // `make bench ARGS=parse` asks every benchmark, each for what it knows.
    let others = |argument: String| !argument.starts_with('-') && !"compare".contains(&argument);
    if std::env::args().skip(1).any(others) {
        return;
    }
    let settings = Settings::of_environment();
    println!("{settings}");
    let kamailio = kamailio::is_installed();
    if !kamailio {
        println!(
            "Kamailio is not here: 'apt-get install --no-install-recommends kamailio' brings it"
        );
    }

    let mut refresh = vec![echo::start()];
    if kamailio {
        refresh.push(kamailio::start("Kamailio, stateless", &[], &settings));
        refresh.push(kamailio::start(
            "Kamailio, transactions",
            &["TRANSACTIONS"],
            &settings,
        ));
    }
    refresh.push(crosspoint::start("Crosspoint", &settings));
    compare(
        "REGISTER, refresh",
        &mut refresh,
        &settings,
        register::first,
        register::work,
    );
    drop(refresh);

    let mut asked = Vec::new();
    if kamailio {
        asked.push(kamailio::start("Kamailio", &["DIGEST"], &settings));
    }
    asked.push(crosspoint::start_with_users("Crosspoint", &settings));
    compare(
        "REGISTER, MD5 digest",
        &mut asked,
        &settings,
        digest::first,
        digest::work,
    );
    drop(asked);

    let mut calls = Vec::new();
    if kamailio {
        calls.push(kamailio::start("Kamailio", &["TRANSACTIONS"], &settings));
    }
    calls.push(crosspoint::start("Crosspoint", &settings));
    compare(
        "call through the proxy",
        &mut calls,
        &settings,
        register::first,
        call::work,
    );
}

/// Registers all phones, lets all subjects do the same work in turn, then waits for what they still burn after it.
fn compare<F: Work, W: Work>(
    title: &str,
    subjects: &mut [Subject],
    settings: &Settings,
    first: fn(u32, &Subject, SocketAddr) -> F,
    work: fn(u32, u32, &Subject, SocketAddr) -> W,
) {
    let mut rows: Vec<Row> = subjects
        .iter_mut()
        .map(|subject| {
            let before = subject.memory();
            let load = load::Load::new(subject);
            let first = first(settings.phones, subject, load.addr());
            load.run(first, settings.phones, settings.window);
            let memory = subject.memory().saturating_sub(before);
            Row::new(subject, load, memory / u64::from(settings.phones))
        })
        .collect();
    let idle: Vec<Duration> = idle(subjects, Duration::from_secs(2));
    let began = Instant::now();
    for (row, subject) in rows.iter_mut().zip(subjects.iter()) {
        row.burnt = subject.cpu();
    }
    for round in 0..settings.rounds {
        for (row, subject) in rows.iter_mut().zip(subjects.iter()) {
            let work = work(round, settings.phones, subject, row.load.addr());
            row.round(subject, work, settings);
        }
    }
    std::thread::sleep(settings.tail);
    let took = began.elapsed();
    for ((row, subject), idle) in rows.iter_mut().zip(subjects.iter()).zip(idle) {
        let burnt = subject.cpu() - row.burnt;
        row.burnt = burnt.saturating_sub(idle.mul_f64(took.as_secs_f64()));
    }
    report::print(title, &rows);
}

/// What each burns in a second without work.
fn idle(subjects: &[Subject], time: Duration) -> Vec<Duration> {
    let before: Vec<Duration> = subjects.iter().map(Subject::cpu).collect();
    std::thread::sleep(time);
    subjects
        .iter()
        .zip(before)
        .map(|(subject, before)| (subject.cpu() - before).div_f64(time.as_secs_f64()))
        .collect()
}
