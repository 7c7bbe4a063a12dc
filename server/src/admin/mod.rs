//! Commands beside the server: users, bans, quirks and backups. Each opens the store, does one thing, and says what it did.
//!
//! Knows no SIP; a running server hears of a change by the store.

mod bans;
mod error;
mod import;
mod password;
mod quirks;
mod user;

use std::path::PathBuf;

use clap::Subcommand;

use crate::config::Config;
use crate::store::{self, Tables};
pub use bans::BansCommand;
pub use error::AdminError;
pub use quirks::QuirksCommand;
pub use user::UserCommand;

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum AdminCommand {
    /// Add, change, list and remove those who may log in.
    #[command(subcommand)]
    User(UserCommand),
    /// List and lift bans of those who guessed too many passwords.
    #[command(subcommand)]
    Bans(BansCommand),
    /// List the phones that are offered MD5 alone, and forget what was learned of them.
    #[command(subcommand)]
    Quirks(QuirksCommand),
    /// Write a copy of the store to a new file while the server runs.
    Backup {
        /// A file that is not there yet.
        file: PathBuf,
    },
}

/// Does it; the text is for standard output.
pub fn run(command: AdminCommand, config: &Config) -> Result<String, AdminError> {
    if config.store.ephemeral {
        return Err(AdminError::Ephemeral);
    }
    let dir = store::data_dir(&config.store, |name| std::env::var_os(name))?;
    match command {
        AdminCommand::User(command) => user::run(command, &dir, &config.auth),
        AdminCommand::Bans(command) => bans::run(command, &dir),
        AdminCommand::Quirks(command) => quirks::run(command, &dir),
        AdminCommand::Backup { file } => {
            Tables::find(&dir)?.backup(&file)?;
            Ok(format!("{} is a whole copy of the store\n", file.display()))
        }
    }
}
