//! The table.

use std::time::Duration;

use super::Work;
use super::load::{Load, Taken};
use super::settings::Settings;
use super::subject::Subject;

/// One server in the table.
pub(crate) struct Row {
    name: &'static str,
    pub(crate) load: Load,
    /// Bytes for each phone.
    memory: u64,
    operations: u32,
    /// CPU time of one operation, of each round.
    cpu: Vec<Duration>,
    rates: Vec<f64>,
    latencies: Vec<Duration>,
    /// Messages that had to be sent again.
    repeated: u32,
    /// CPU time of all rounds and what came after them.
    pub(crate) burnt: Duration,
}

impl Row {
    pub(crate) fn new(subject: &Subject, load: Load, memory: u64) -> Self {
        Self {
            name: subject.name,
            load,
            memory,
            operations: 0,
            cpu: Vec::new(),
            rates: Vec::new(),
            latencies: Vec::new(),
            repeated: 0,
            burnt: Duration::ZERO,
        }
    }

    pub(crate) fn round(&mut self, subject: &Subject, work: impl Work, settings: &Settings) {
        let before = subject.cpu();
        let Taken {
            time,
            latencies,
            repeated,
        } = self.load.run(work, settings.operations, settings.window);
        self.cpu
            .push((subject.cpu() - before) / settings.operations);
        self.rates
            .push(f64::from(settings.operations) / time.as_secs_f64());
        self.latencies.extend(latencies);
        self.repeated += repeated;
        self.operations += settings.operations;
    }

    fn median(&self) -> Duration {
        sorted(&self.cpu)[self.cpu.len() / 2]
    }
}

/// The ratio is that of the medians to the first Kamailio.
pub(crate) fn print(title: &str, rows: &[Row]) {
    println!(
        "\n{title:<26}{:>9}{:>9}{:>10}{:>9}{:>10}{:>10}{:>10}{:>12}{:>7}",
        "CPU us",
        "median",
        "with tail",
        "ratio",
        "a second",
        "p50 us",
        "p99 us",
        "bytes each",
        "again"
    );
    let reference = rows.iter().find(|row| row.name.starts_with("Kamailio"));
    for row in rows {
        let ratio = reference.map_or(f64::NAN, |reference| {
            row.median().as_secs_f64() / reference.median().as_secs_f64()
        });
        let latencies = sorted(&row.latencies);
        let mut rates = row.rates.clone();
        rates.sort_unstable_by(f64::total_cmp);
        println!(
            "{:<26}{:>9.1}{:>9.1}{:>10.1}{:>9.2}{:>10.0}{:>10}{:>10}{:>12}{:>7}",
            row.name,
            micros(sorted(&row.cpu)[0]),
            micros(row.median()),
            micros(row.burnt / row.operations),
            ratio,
            rates[rates.len() / 2],
            latencies[latencies.len() / 2].as_micros(),
            latencies[latencies.len() * 99 / 100].as_micros(),
            row.memory,
            row.repeated,
        );
    }
}

fn sorted(times: &[Duration]) -> Vec<Duration> {
    let mut times = times.to_vec();
    times.sort_unstable();
    times
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
