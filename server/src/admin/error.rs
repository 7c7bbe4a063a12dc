//! Why a command did nothing, each with its remedy.

use std::io;
use std::path::PathBuf;

use crate::config::ConfigErrors;
use crate::store::StoreError;

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// There is nothing to command.
    #[error("there is no store: the configuration says --ephemeral (`store.ephemeral`)")]
    Ephemeral,
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The user is there already.
    #[error(
        "{name} is a user of the realm {realm:?} already; `crosspoint user passwd {name}` sets another password, `crosspoint user set {name}` changes the rest"
    )]
    UserExists {
        /// Who.
        name: String,
        /// Where.
        realm: String,
    },
    /// There is no such user.
    #[error("there is no user {name} in the realm {realm:?}; `crosspoint user list` shows all")]
    NoSuchUser {
        /// Who.
        name: String,
        /// Where.
        realm: String,
    },
    /// There is no such ban.
    #[error("{who} is not banned, so no ban was lifted; `crosspoint bans list` shows who is")]
    NotBanned {
        /// Who.
        who: String,
    },
    /// Nothing was learned of a phone.
    #[error(
        "nothing was learned of a phone of {address}, so nothing is forgotten; `crosspoint quirks list` shows what was"
    )]
    NothingLearned {
        /// Its address of record.
        address: String,
    },
    /// No phone could log in by that name.
    #[error(
        "{name:?} cannot be a user's name: up to 64 letters, digits and signs without blanks, quotes, colons and backslashes"
    )]
    BadName {
        /// The name.
        name: String,
    },
    /// A user whose hash is MD5 alone cannot be offered anything else.
    #[error(
        "{name} was imported with an MD5 hash alone; `crosspoint user passwd {name}` makes the other ones"
    )]
    OnlyMd5 {
        /// Who.
        name: String,
    },
    /// Nothing was given, or twice something else.
    #[error("the password is empty, so nothing was changed")]
    EmptyPassword,
    /// The two are not the same.
    #[error("these are two different passwords, so nothing was changed")]
    DifferentPasswords,
    /// It cannot be asked for.
    #[error("cannot read the password: {0}")]
    NoPassword(io::Error),
    /// A file cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A file says what cannot be.
    #[error("nothing was imported:\n{}", faults.join("\n"))]
    Faults {
        /// One line each, with file and number.
        faults: Vec<String>,
    },
}

impl AdminError {
    /// The exit code for it: 1 where the answer is no, else as in sysexits.h.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Ephemeral => ConfigErrors::EXIT_CODE,
            Self::Store(_) => StoreError::EXIT_CODE,
            Self::UserExists { .. }
            | Self::NoSuchUser { .. }
            | Self::NotBanned { .. }
            | Self::NothingLearned { .. }
            | Self::BadName { .. }
            | Self::OnlyMd5 { .. }
            | Self::EmptyPassword
            | Self::DifferentPasswords
            | Self::NoPassword(_)
            | Self::Unreadable { .. }
            | Self::Faults { .. } => 1,
        }
    }
}
