//! The command line. Values of flags are read by the same table as the file's, so their errors read the same.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::admin::AdminCommand;
use crate::config::Sources;
use crate::dar::DarCommand;

/// What was asked for.
#[derive(Debug, Parser)]
#[command(
    name = "crosspoint",
    version,
    about = "Click-to-call switchboard: a SIP registrar and call controller with a live page",
    long_about = "Crosspoint is a click-to-call switchboard: phones register by SIP, a page shows a matrix of them, \
                  and a click on a cell rings one phone, then the other, and lets them talk.\n\n\
                  Without any file or flag it listens for SIP on port 5080 (UDP and TCP), 5081 (TLS), 5082 (WS) and 5083 (WSS), and for browsers on \
                  port 8080, \
                  and accepts any user with any password from private networks.",
    after_help = AFTER_HELP
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    flags: Flags,
}

const AFTER_HELP: &str = "\
Configuration:
  The file (Leptos.toml), over it the environment, over it flags. Each key of the file has a variable:
  `udp` in section [sip] is CROSSPOINT__SIP__UDP. `crosspoint check` prints every key with its meaning, its value and
  where that came from.

Data:
  Users and registrations are kept in the data directory, so that a restart does not lose them: the one that --data-dir or
  `store.dir` names, else $STATE_DIRECTORY, else $XDG_STATE_HOME/crosspoint, else ~/.local/state/crosspoint. Calls are
  held in memory.

Exit codes:
  0   done, or stopped as asked (SIGTERM or SIGINT: new work is refused, calls may end, then the server stops;
      a second signal stops it at once)
  1   a command did nothing, and says why
  64  bad configuration or command line; the message names the key
  69  an address cannot be listened on
  73  the data directory cannot be used
  70  a fault of the server itself";

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Run the server (what happens without a command).
    Serve,
    /// Print the configuration in force, with where each value came from, and stop.
    Check,
    /// Examine a file of the application router.
    #[command(subcommand)]
    Dar(DarCommand),
    /// Users and backups, while the server runs or not.
    #[command(flatten)]
    Admin(AdminCommand),
}

#[derive(Debug, Args)]
struct Flags {
    /// Read this file [default: Leptos.toml of this directory, if there is one].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address of the page, the API and the metrics: IP:PORT.
    #[arg(long, global = true, value_name = "ADDR")]
    http: Option<String>,
    /// Addresses that receive SIP datagrams: IP:PORT, several with commas, or `off`.
    #[arg(long, global = true, value_name = "ADDR")]
    sip_udp: Option<String>,
    /// Addresses that accept SIP connections: IP:PORT, several with commas, or `off`.
    #[arg(long, global = true, value_name = "ADDR")]
    sip_tcp: Option<String>,
    /// Addresses that accept SIP connections under TLS: IP:PORT, several with commas, or `off`.
    #[arg(long, global = true, value_name = "ADDR")]
    sip_tls: Option<String>,
    /// Addresses that accept WebSockets of browser phones: IP:PORT, several with commas, or `off`.
    #[arg(long, global = true, value_name = "ADDR")]
    sip_ws: Option<String>,
    /// Addresses that accept WebSockets under TLS: IP:PORT, several with commas, or `off`.
    #[arg(long, global = true, value_name = "ADDR")]
    sip_wss: Option<String>,
    /// Keep users and registrations in this directory.
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "ephemeral")]
    data_dir: Option<String>,
    /// Keep registrations in memory only: a restart forgets them.
    #[arg(long, global = true)]
    ephemeral: bool,
}

impl Cli {
    /// What to do.
    pub fn command(&self) -> Command {
        self.command.clone().unwrap_or(Command::Serve)
    }

    /// What to lay over the defaults, together with the environment of this process.
    pub fn sources(self) -> Sources {
        let Flags {
            config,
            http,
            sip_udp,
            sip_tcp,
            sip_tls,
            sip_ws,
            sip_wss,
            data_dir,
            ephemeral,
        } = self.flags;
        // A directory is named to be used, whatever the file says.
        let kept = data_dir.is_some().then(|| "false".to_owned());
        let flags = [
            ("--http", "web.listen", http),
            ("--sip-udp", "sip.udp", sip_udp),
            ("--sip-tcp", "sip.tcp", sip_tcp),
            ("--sip-tls", "sip.tls", sip_tls),
            ("--sip-ws", "sip.ws", sip_ws),
            ("--sip-wss", "sip.wss", sip_wss),
            ("--data-dir", "store.dir", data_dir),
            ("--data-dir", "store.ephemeral", kept),
            (
                "--ephemeral",
                "store.ephemeral",
                ephemeral.then(|| "true".to_owned()),
            ),
        ];
        Sources {
            file: config,
            environment: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((
                        name.into_string().ok()?,
                        value.to_string_lossy().into_owned(),
                    ))
                })
                .collect(),
            flags: flags
                .into_iter()
                .filter_map(|(flag, key, value)| Some((flag, key, value?)))
                .collect(),
        }
    }
}
