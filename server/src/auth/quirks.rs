//! What is known of phones and scanners by their User-Agent: the file `quirks.toml` beside this one, which is part of the
//! program. Knows nothing that was learned while it runs (`learning`).

use serde::Deserialize;
use sip::auth::Algorithm;

const SHIPPED: &str = include_str!("quirks.toml");

/// The table.
#[derive(Debug, Default)]
pub struct Quirks {
    phones: Vec<Phone>,
    scanners: Vec<Scanner>,
}

/// Why a table of quirks cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum QuirksError {
    /// It is no TOML, or not of this form.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// An algorithm that nobody knows.
    #[error("phone {agent:?}: {found:?} is no algorithm")]
    Algorithm {
        /// Of which phone.
        agent: Box<str>,
        /// What is written.
        found: Box<str>,
    },
}

#[derive(Debug)]
struct Phone {
    agent: Box<str>,
    algorithms: Vec<Algorithm>,
    why: Box<str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    phone: Vec<Written>,
    #[serde(default)]
    scanner: Vec<Scanner>,
}

/// A phone in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    agent: Box<str>,
    algorithms: Vec<Box<str>>,
    why: Box<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scanner {
    agent: Box<str>,
    why: Box<str>,
}

impl Quirks {
    /// What ships with the program.
    pub fn shipped() -> Self {
        // A test holds that the file can be read; without it, every phone is treated alike.
        Self::read(SHIPPED).unwrap_or_default()
    }

    /// Reads a table.
    pub fn read(text: &str) -> Result<Self, QuirksError> {
        let file: File = toml::from_str(text)?;
        let mut phones = Vec::with_capacity(file.phone.len());
        for phone in file.phone {
            let mut algorithms = Vec::with_capacity(phone.algorithms.len());
            for name in phone.algorithms {
                match Algorithm::parse(name.as_bytes()) {
                    Some(algorithm) => algorithms.push(algorithm),
                    None => {
                        return Err(QuirksError::Algorithm {
                            agent: phone.agent,
                            found: name,
                        });
                    }
                }
            }
            phones.push(Phone {
                agent: phone.agent,
                algorithms,
                why: phone.why,
            });
        }
        Ok(Self {
            phones,
            scanners: file.scanner,
        })
    }

    /// What a phone of that User-Agent is to be offered alone; `None` for one that takes what there is.
    pub fn algorithms(&self, agent: &[u8]) -> Option<&[Algorithm]> {
        self.phones
            .iter()
            .find(|known| begins(agent, &known.agent))
            .map(|known| known.algorithms.as_slice())
    }

    /// How the User-Agent of each phone in the table begins, what it is offered alone, and why.
    pub fn phones(&self) -> impl Iterator<Item = (&str, &[Algorithm], &str)> {
        let all = self.phones.iter();
        all.map(|it| (&*it.agent, it.algorithms.as_slice(), &*it.why))
    }

    /// How the User-Agent of each scanner in the table begins, and what it is.
    pub fn scanners(&self) -> impl Iterator<Item = (&str, &str)> {
        self.scanners.iter().map(|it| (&*it.agent, &*it.why))
    }

    /// Whether it is no phone.
    pub fn is_scanner(&self, agent: &[u8]) -> bool {
        self.scanners
            .iter()
            .any(|known| begins(agent, &known.agent))
    }
}

fn begins(agent: &[u8], known: &str) -> bool {
    agent
        .get(..known.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(known.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_ships_can_be_read() {
        let quirks = Quirks::read(SHIPPED).unwrap();
        let md5 = Some(&[Algorithm::Md5][..]);
        assert_eq!(quirks.algorithms(b"baresip v1.0.0 (x86_64/linux)"), md5);
        assert_eq!(quirks.algorithms(b"Baresip v1.0"), md5);
        assert_eq!(quirks.algorithms(b"baresip v3.1.0"), None);
        assert_eq!(quirks.algorithms(b"baresip"), None);
        assert_eq!(quirks.algorithms(b""), None);
        assert!(quirks.is_scanner(b"friendly-scanner"));
        assert!(!quirks.is_scanner(b"Linphone/5.1.65"));
    }

    #[test]
    fn a_bad_table_is_refused_by_name() {
        let bad = "[[phone]]\nagent = \"x\"\nalgorithms = [\"MD4\"]\nwhy = \"y\"";
        let error = Quirks::read(bad).unwrap_err().to_string();
        assert_eq!(error, "phone \"x\": \"MD4\" is no algorithm");
        assert!(Quirks::read("[[phones]]\nagent = \"x\"").is_err());
    }
}
