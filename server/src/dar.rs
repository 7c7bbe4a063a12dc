//! The application router's file on the disk: read at start, and examined by `crosspoint dar`.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::{self, ConfigErrors};
use crate::router::{self, Dar, Faults, Origin, Router};
use clap::Subcommand;

/// `crosspoint dar ...`
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum DarCommand {
    /// Read a file, and print what it says or what is wrong with it.
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Say which applications a request meets, what each of them does with it, and why.
    Trace {
        /// The file.
        file: PathBuf,
        /// Method and address, such as 'INVITE sip:bob@example.com'.
        request: String,
        /// Who it comes from.
        #[arg(long, value_name = "ADDR", default_value = "sip:caller@example.com")]
        from: String,
        /// As a click on the page makes it, not a phone.
        #[arg(long)]
        page: bool,
    },
}

/// Why there is no application router.
#[derive(Debug, thiserror::Error)]
pub enum DarError {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file says what cannot be done.
    #[error("{}:\n{faults}", path.display())]
    Faulty {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        faults: Faults,
    },
    /// No request can be made of the words of a trace.
    #[error(
        "'{0}' is no request; write a method and an address, such as 'INVITE sip:bob@example.com'"
    )]
    NoRequest(String),
}

impl DarError {
    /// As any bad configuration.
    pub const EXIT_CODE: u8 = ConfigErrors::EXIT_CODE;
}

/// The application router that the configuration wants.
pub fn load(config: &config::Router) -> Result<Router, DarError> {
    let dar = config.dar.as_deref().map(read).transpose()?;
    Ok(Router::new(dar, config))
}

/// Carries out a command; what it prints.
pub fn run(command: &DarCommand, config: &config::Router) -> Result<String, DarError> {
    match command {
        DarCommand::Check { file } => read(file).map(|dar| summary(&dar)),
        DarCommand::Trace {
            file,
            request,
            from,
            page,
        } => {
            let router = Router::new(Some(read(file)?), config);
            let origin = if *page { Origin::Page } else { Origin::Outside };
            let words = request.trim().split_once(char::is_whitespace);
            // The page only calls.
            let words = words.filter(|(method, _)| !page || *method == "INVITE");
            let message = words.and_then(|(method, uri)| router::request(method, uri.trim(), from));
            let told = message.and_then(|message| router.trace(&message, origin));
            told.map(|trace| trace.to_string())
                .ok_or_else(|| DarError::NoRequest(request.clone()))
        }
    }
}

fn read(path: &Path) -> Result<Dar, DarError> {
    let at = || path.to_owned();
    let text = std::fs::read_to_string(path)
        .map_err(|error| DarError::Unreadable { path: at(), error })?;
    Dar::parse(&text).map_err(|faults| DarError::Faulty { path: at(), faults })
}

/// One line for each method.
fn summary(dar: &Dar) -> String {
    let line = |(method, chain): (&str, &[crate::router::Entry])| {
        let names: Vec<_> = chain.iter().map(|entry| entry.application.name()).collect();
        format!("{method}: {}\n", names.join(", then "))
    };
    dar.chains().map(line).collect()
}
