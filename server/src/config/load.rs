//! Lays file, environment and flags over the defaults, and remembers where each value came from.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::file::{self, Entry};
use super::peers::{self, Fault};
use super::settings::{self, SETTINGS};
use super::value::Found;
use super::{Config, ConfigError, ConfigErrors, Origin};

/// The file that is read where none is named, if it is there.
const DEFAULT_FILE: &str = "Leptos.toml";
/// Variables with this beginning are ours; two underscores stand between section and name.
const PREFIX: &str = "CROSSPOINT__";

/// What to lay over the defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file named with `--config`; otherwise `Leptos.toml` of the working directory, if there is one.
    pub file: Option<PathBuf>,
    /// The process's environment, or what a test takes for it.
    pub environment: Vec<(String, String)>,
    /// Flags as (name, key, text).
    pub flags: Vec<(&'static str, &'static str, String)>,
}

/// A configuration that can run, with the origin of each value.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The values.
    pub config: Config,
    /// In the order of the table of settings.
    origins: Vec<Origin>,
}

/// Reads everything, and reports everything that is wrong at once.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigErrors> {
    let mut loaded = Loaded {
        config: Config::default(),
        origins: vec![Origin::Default; SETTINGS.len()],
    };
    let mut errors = Vec::new();

    match read(sources.file.as_deref()) {
        Ok(Some((path, text))) => {
            match file::entries(&path, &text) {
                Ok(entries) => entries
                    .into_iter()
                    .for_each(|entry| loaded.lay(entry, &mut errors)),
                Err(error) => errors.push(error),
            }
            loaded.config.file = Some(path);
        }
        Ok(None) => {}
        Err(error) => errors.push(error),
    }
    for (name, value) in &sources.environment {
        if let Some(rest) = name.strip_prefix(PREFIX) {
            let key = rest.to_ascii_lowercase().replace("__", ".");
            let origin = Origin::Environment(name.clone());
            loaded.lay(
                Entry {
                    key,
                    found: Found::Text(value.clone()),
                    origin,
                },
                &mut errors,
            );
        }
    }
    for (flag, key, value) in &sources.flags {
        let entry = Entry {
            key: (*key).to_owned(),
            found: Found::Text(value.clone()),
            origin: Origin::Flag(flag),
        };
        loaded.lay(entry, &mut errors);
    }
    if errors.is_empty() {
        errors = settings::contradictions(&loaded.config, |key| loaded.origin(key));
    }
    if errors.is_empty() {
        Ok(loaded)
    } else {
        Err(ConfigErrors(errors))
    }
}

fn read(named: Option<&Path>) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.to_owned(), text))),
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ConfigError::Unreadable {
            path: path.to_owned(),
            cause: error.to_string(),
        }),
    }
}

impl Loaded {
    /// Where the value of `key` came from.
    pub fn origin(&self, key: &str) -> Origin {
        settings::find(key).map_or(Origin::Default, |row| self.origins[row].clone())
    }

    /// The whole configuration as a file that could be loaded again, each line with its origin.
    pub fn report(&self) -> String {
        let mut report = String::new();
        let mut section = "";
        for (setting, origin) in SETTINGS.iter().zip(&self.origins) {
            let (of, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
            if of != section {
                section = of;
                // Writing to a String cannot fail.
                let _ = writeln!(report, "\n[{section}]");
            }
            let line = format!("{name} = {}", (setting.show)(&self.config));
            let _ = writeln!(report, "{line:<44} # {origin}: {}", setting.about);
        }
        report
    }

    fn lay(&mut self, entry: Entry, errors: &mut Vec<ConfigError>) {
        let Some(row) = settings::find(&entry.key) else {
            let nearest = settings::nearest(&entry.key);
            errors.push(ConfigError::UnknownKey {
                origin: entry.origin,
                key: entry.key,
                nearest,
            });
            return;
        };
        let setting = &SETTINGS[row];
        if setting.key == "peers" {
            let faults = peers::faults(&entry.found);
            if !faults.is_empty() {
                let error = |fault| peers_error(fault, &entry.origin);
                return errors.extend(faults.into_iter().map(error));
            }
        }
        match (setting.assign)(&mut self.config, &entry.found) {
            Some(()) => self.origins[row] = entry.origin,
            None => errors.push(ConfigError::Wrong {
                origin: entry.origin,
                key: setting.key,
                found: entry.found.to_string(),
                right: (setting.right)(),
            }),
        }
    }
}

fn peers_error(fault: Fault, origin: &Origin) -> ConfigError {
    let origin = origin.clone();
    match fault {
        Fault::Unknown(key, nearest) => ConfigError::UnknownKey {
            origin,
            key,
            nearest,
        },
        Fault::Wrong(key, found, right) => ConfigError::Wrong {
            origin,
            key,
            found,
            right: right.to_owned(),
        },
    }
}
