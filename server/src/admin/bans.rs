//! `crosspoint bans`: who has failed too often, and is not heard for a time.

use std::fmt::Write;
use std::net::IpAddr;
use std::path::Path;

use clap::Subcommand;
use sip::name::Aor;

use super::AdminError;
use crate::auth::{Culprit, Offence};
use crate::store::{Ban, Tables};

/// What can be done with bans.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum BansCommand {
    /// List those who are banned: since when, until when, why, and after how many tries.
    List,
    /// Lift the bans of these, or all; a running server hears of it within two seconds.
    Clear {
        /// IP addresses, user names, or addresses of record of users.
        #[arg(required_unless_present = "all")]
        who: Vec<String>,
        /// Everybody.
        #[arg(long, conflicts_with = "who")]
        all: bool,
    },
}

/// Does it.
pub(super) fn run(command: BansCommand, dir: &Path) -> Result<String, AdminError> {
    let mut tables = Tables::find(dir)?;
    let standing = tables.bans()?;
    let mut text = String::new();
    match command {
        BansCommand::List => {
            for ban in &standing {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{}", line(ban));
            }
            if standing.is_empty() {
                text.push_str("nobody is banned\n");
            }
        }
        BansCommand::Clear { who, all } => {
            let mut wanted = Vec::new();
            for who in who {
                let before = wanted.len();
                let names = standing.iter().map(|ban| &ban.who);
                wanted.extend(names.filter(|culprit| is_meant(&who, culprit)).cloned());
                if wanted.len() == before {
                    return Err(AdminError::NotBanned { who });
                }
            }
            if all {
                wanted = standing.into_iter().map(|ban| ban.who).collect();
            }
            let lifted = tables.clear_bans(&wanted)?;
            let what = if lifted == 1 { "ban is" } else { "bans are" };
            let _ = writeln!(text, "{lifted} {what} lifted");
        }
    }
    Ok(text)
}

/// One ban in one line. What stands for a user was sent by whoever tried, so nothing of it reaches a terminal as it is.
fn line(ban: &Ban) -> String {
    let who = match &ban.who {
        Culprit::Source(v4 @ IpAddr::V4(_)) => format!("address {v4}"),
        Culprit::Source(v6) => format!("address {v6}/64"),
        Culprit::User(user) => format!("user {}", user.escape_debug()),
    };
    let why = match ban.offence {
        Offence::Password => "wrong passwords",
        Offence::Scanner => "scanning",
    };
    let (since, until, tries) = (&ban.since, &ban.until, ban.failures);
    format!("{who}  since {since}  until {until}  for {why}  {tries} tries")
}

/// Whether this is how an operator names him.
fn is_meant(text: &str, who: &Culprit) -> bool {
    match who {
        Culprit::Source(_) => text
            .parse()
            .is_ok_and(|address| Culprit::source(address) == *who),
        Culprit::User(user) => {
            let is_his = |aor: &Aor| {
                user.strip_prefix(aor.user()).is_some_and(|rest| {
                    rest.is_empty() || rest.strip_prefix('@') == Some(aor.host())
                })
            };
            **user == *text || Aor::parse(text).is_ok_and(|aor| is_his(&aor))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_culprit_is_meant_by_address_name_or_address_of_record() {
        let customer = Culprit::source("2001:db8::7".parse().unwrap());
        for (text, who, meant) in [
            ("2001:db8::9", &customer, true),
            ("2001:db8:0:1::9", &customer, false),
            ("alice", &Culprit::User("alice".into()), true),
            ("sip:alice@x.org", &Culprit::User("alice".into()), true),
            (
                "sip:alice@x.org",
                &Culprit::User("alice@x.org".into()),
                true,
            ),
            (
                "sip:alice@y.org",
                &Culprit::User("alice@x.org".into()),
                false,
            ),
            ("sip:al@x.org", &Culprit::User("alice".into()), false),
            ("192.0.2.1", &Culprit::User("192.0.2.1".into()), true),
        ] {
            assert_eq!(is_meant(text, who), meant, "{text} {who:?}");
        }
    }
}
