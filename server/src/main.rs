//! The `crosspoint` binary: command line in, exit code out.

use std::process::ExitCode;

use clap::Parser;
use server::admin;
use server::cli::{Cli, Command};
use server::config::{self, ConfigErrors};
use server::dar::{self, DarError};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too. Nothing is left to do where even this cannot be printed.
            let _ = error.print();
            return if error.use_stderr() {
                ConfigErrors::EXIT_CODE.into()
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let command = cli.command();
    let loaded = match config::load(&cli.sources()) {
        Ok(loaded) => loaded,
        Err(errors) => {
            eprintln!("{errors}");
            return ConfigErrors::EXIT_CODE.into();
        }
    };
    match command {
        Command::Check => {
            print!("{}", loaded.report());
            ExitCode::SUCCESS
        }
        Command::Admin(command) => match admin::run(command, &loaded.config) {
            Ok(text) => {
                print!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("crosspoint: {error}");
                error.exit_code().into()
            }
        },
        Command::Dar(command) => match dar::run(&command, &loaded.config.router) {
            Ok(text) => {
                print!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("crosspoint: {error}");
                DarError::EXIT_CODE.into()
            }
        },
        Command::Serve => match server::run(loaded.config) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("crosspoint: {error}");
                error.exit_code().into()
            }
        },
    }
}
