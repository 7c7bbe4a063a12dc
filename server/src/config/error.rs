//! What can be wrong with a configuration, and where a value came from.
//!
//! Every message names the key, its place, what was found there and what would be right.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from; later ones win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of the file.
    File {
        /// As it was named or found.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// A flag of the command line, as typed: `--sip-udp`.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file named with `--config` cannot be read.
    #[error("cannot read {}: {cause}; name an existing file with --config, or none to run on defaults", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The file is no TOML.
    #[error("{origin}: this is not TOML: {cause}")]
    NotToml {
        /// File and line.
        origin: Origin,
        /// What the parser said.
        cause: String,
    },
    /// No such key.
    #[error("{origin}: unknown key `{key}`; did you mean `{nearest}`?")]
    UnknownKey {
        /// Where it stands.
        origin: Origin,
        /// As it was written, with its section.
        key: String,
        /// The known key that looks most like it.
        nearest: &'static str,
    },
    /// A value of the wrong kind or out of range, or two values that exclude each other.
    #[error("{origin}: `{key}` is {found}; it must be {right}")]
    Wrong {
        /// Where it stands.
        origin: Origin,
        /// Which key.
        key: &'static str,
        /// The value, as TOML writes it.
        found: String,
        /// What would be right, with an example.
        right: String,
    },
}

/// All that is wrong, so that it can be put right in one go. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl ConfigErrors {
    /// Exit code of a process that cannot start because of its configuration (`EX_USAGE` of sysexits.h).
    pub const EXIT_CODE: u8 = 64;
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, error) in self.0.iter().enumerate() {
            if nth > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
