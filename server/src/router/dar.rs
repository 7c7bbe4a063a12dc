//! The file: for each method its chain of applications.
//!
//! ```text
//! INVITE: ("call-blocking", "DAR:From", "ORIGINATING", "", "NO_ROUTE", "0"), \
//!         ("proxy", "DAR:To", "TERMINATING", "", "NO_ROUTE", "1", "DIRECTION=INBOUND REGEX=From:.*@example\\.com")
//! ALL: ("proxy", "DAR:From", "NEUTRAL", "", "NO_ROUTE", "0")
//! ```

use std::collections::BTreeMap;

use super::application::Application;
use super::entry::{Entry, Region};
use super::fault::{Fault, Faults, What};
use super::properties;

/// The key that stands for every method without a line of its own.
const ALL: &str = "ALL";
const REGISTER: &str = "REGISTER";

/// For each method the applications that get its initial requests, in order.
#[derive(Clone, Debug)]
pub struct Dar {
    chains: BTreeMap<String, Vec<Entry>>,
}

impl Dar {
    /// Reads a file, or says all that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        let properties = properties::read(text).map_err(Faults)?;
        let mut chains: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        let mut faults = Vec::new();
        for property in properties {
            let line = property.line;
            let mut fault = |what| faults.push(Fault { line, what });
            if !is_method(&property.key) {
                fault(What::Method(property.key));
                continue;
            }
            if let Some(&first) = lines.get(&property.key) {
                let method = property.key;
                fault(What::Twice { method, first });
                continue;
            }
            lines.insert(property.key.clone(), line);
            match chain(line, &property.value) {
                Ok(chain)
                    if property.key == REGISTER
                        && chain.iter().any(|entry| entry.route.is_some()) =>
                {
                    fault(What::Registrar);
                }
                Ok(chain) => {
                    chains.insert(property.key, chain);
                }
                Err(what) => fault(what),
            }
        }
        if faults.is_empty() {
            Ok(Self { chains })
        } else {
            Err(Faults(faults))
        }
    }

    /// The chain of a method: its own, else that of all.
    pub fn chain(&self, method: &str) -> &[Entry] {
        self.chains
            .get(method)
            .or_else(|| self.chains.get(ALL))
            .map_or(&[], Vec::as_slice)
    }

    /// All chains, by method; `ALL` is that of all others.
    pub fn chains(&self) -> impl Iterator<Item = (&str, &[Entry])> {
        self.chains
            .iter()
            .map(|(method, chain)| (method.as_str(), chain.as_slice()))
    }
}

/// What applies without a file: phones register, and call each other past the rules that are set.
impl Default for Dar {
    fn default() -> Self {
        let entry = |order, application| Entry {
            line: 0,
            application,
            subscriber: "DAR:From".into(),
            region: Region::Neutral,
            order,
            route: None,
            direction: None,
            pattern: None,
        };
        let register = vec![entry(0, Application::Registrar)];
        let all = vec![
            entry(0, Application::CallBlocking),
            entry(1, Application::SpeedDial),
            entry(2, Application::CallForwarding),
            entry(3, Application::Proxy),
        ];
        let chains = [(REGISTER, register), (ALL, all)];
        Self {
            chains: chains
                .into_iter()
                .map(|(method, chain)| (method.to_owned(), chain))
                .collect(),
        }
    }
}

/// A token of capitals, as every method is; others would never be asked for.
fn is_method(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"-.!%*_+`'~".contains(&b))
}

/// `("...", "...", ...), (...)`, sorted by order.
fn chain(line: usize, value: &str) -> Result<Vec<Entry>, What> {
    let mut rest = Rest(value);
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        rest.take('(', "an opening bracket")?;
        let mut fields = vec![rest.quoted()?];
        while rest.has(',') {
            fields.push(rest.quoted()?);
        }
        rest.take(')', "a comma or a closing bracket")?;
        let entry = Entry::read(line, &fields)?;
        if entries.iter().any(|other| other.order == entry.order) {
            return Err(What::SameOrder(entry.order));
        }
        entries.push(entry);
        if !rest.has(',') {
            break;
        }
    }
    if !rest.0.trim().is_empty() {
        return Err(rest.expected("a comma between two applications"));
    }
    entries.sort_by_key(|entry| entry.order);
    Ok(entries)
}

/// What is not read yet.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// Whether `c` comes next; if so it is passed.
    fn has(&mut self, c: char) -> bool {
        let found = self.0.trim_start().strip_prefix(c);
        self.0 = found.unwrap_or(self.0);
        found.is_some()
    }

    fn take(&mut self, c: char, what: &'static str) -> Result<(), What> {
        self.has(c).then_some(()).ok_or_else(|| self.expected(what))
    }

    fn quoted(&mut self) -> Result<String, What> {
        self.take('"', "an opening quote")?;
        let (value, rest) = self
            .0
            .split_once('"')
            .ok_or_else(|| self.expected("a closing quote"))?;
        self.0 = rest;
        Ok(value.to_owned())
    }

    fn expected(&self, what: &'static str) -> What {
        let found = self.0.trim().chars().take(40).collect();
        What::Expected { what, found }
    }
}
