//! `crosspoint quirks`: phones that are offered MD5 alone, by what ships with the program and by what was learned.

use std::fmt::Write;
use std::path::Path;

use clap::Subcommand;

use super::AdminError;
use crate::auth::Quirks;
use crate::store::Tables;

/// What can be done with quirks.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum QuirksCommand {
    /// List the phones that are offered MD5 alone, and the scanners that are not answered.
    List,
    /// Forget what was learned of the phones of these addresses, or of all; a running server hears of it within two seconds.
    Clear {
        /// Addresses of record, as `crosspoint quirks list` shows them.
        #[arg(required_unless_present = "all")]
        address: Vec<String>,
        /// All that was learned; what ships with the program stays.
        #[arg(long, conflicts_with = "address")]
        all: bool,
    },
}

/// Does it.
pub(super) fn run(command: QuirksCommand, dir: &Path) -> Result<String, AdminError> {
    let mut text = String::new();
    match command {
        QuirksCommand::List => {
            // Writing to a String cannot fail.
            for (agent, algorithms, why) in Quirks::shipped().phones() {
                let names: Vec<_> = algorithms.iter().map(|each| each.as_str()).collect();
                let names = names.join(",");
                let _ = writeln!(text, "shipped  phone {agent}*  {names}  {why}");
            }
            for (agent, why) in Quirks::shipped().scanners() {
                let _ = writeln!(text, "shipped  scanner {agent}*  {why}");
            }
            let learned = match Tables::find(dir) {
                Ok(tables) => tables.quirks()?,
                Err(crate::store::StoreError::Missing { .. }) => Vec::new(),
                Err(other) => return Err(other.into()),
            };
            for quirk in learned {
                // Both were sent by a phone, so nothing of them reaches a terminal as it is.
                let address = quirk.phone.address.escape_debug();
                let agent = quirk.phone.agent.escape_debug();
                let since = quirk.since;
                let _ = writeln!(
                    text,
                    "learned  {address}  phone {agent}  MD5  since {since}"
                );
            }
        }
        QuirksCommand::Clear { address, all } => {
            let mut tables = Tables::find(dir)?;
            let mut learned: Vec<_> = tables.quirks()?.into_iter().map(|it| it.phone).collect();
            for each in &address {
                if !learned.iter().any(|phone| *phone.address == **each) {
                    let address = each.clone();
                    return Err(AdminError::NothingLearned { address });
                }
            }
            learned.retain(|phone| all || address.iter().any(|each| **each == *phone.address));
            let forgotten = tables.clear_quirks(&learned)?;
            let what = if forgotten == 1 { "phone" } else { "phones" };
            let _ = writeln!(
                text,
                "{forgotten} {what} will be offered all algorithms again"
            );
        }
    }
    Ok(text)
}
