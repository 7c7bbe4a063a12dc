//! A password from the terminal, unseen, or from standard input. Never from the command line, which others can read.

use std::io::{self, BufRead, IsTerminal, Write};

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

use super::AdminError;

/// Asks twice on a terminal; else takes the first line.
pub(super) fn read(of: &str) -> Result<String, AdminError> {
    let input = io::stdin();
    let password = if input.is_terminal() {
        let first = ask(&format!("Password of {of}: "))?;
        let again = ask("The same again: ")?;
        if first != again {
            return Err(AdminError::DifferentPasswords);
        }
        first
    } else {
        line()?
    };
    if password.is_empty() {
        return Err(AdminError::EmptyPassword);
    }
    Ok(password)
}

fn ask(question: &str) -> Result<String, AdminError> {
    let failed = AdminError::NoPassword;
    eprint!("{question}");
    io::stderr().flush().map_err(failed)?;
    let _silence = Silence::begin().map_err(failed)?;
    line()
}

fn line() -> Result<String, AdminError> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(AdminError::NoPassword)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The terminal shows nothing that is typed but the end of the line, until this is dropped.
struct Silence(Termios);

impl Silence {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_flags.remove(LocalFlags::ECHO);
        silent.local_flags.insert(LocalFlags::ECHONL);
        tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &self.0);
    }
}
