//! What the DNS was asked and what it said. Knows no rule of what is asked next.

use std::collections::HashMap;
use std::net::IpAddr;

/// Something to ask the DNS. Names are lower case, without a dot at the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// NAPTR records (RFC 3403).
    Naptr(Box<str>),
    /// SRV records (RFC 2782).
    Srv(Box<str>),
    /// A records.
    V4(Box<str>),
    /// AAAA records.
    V6(Box<str>),
}

/// A NAPTR record, as far as RFC 3263 uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naptr {
    /// Lowest first.
    pub order: u16,
    /// Among equal orders, lowest first.
    pub preference: u16,
    /// `s`: the replacement has SRV records.
    pub flags: Box<str>,
    /// Such as `SIP+D2U`.
    pub service: Box<str>,
    /// The next name.
    pub replacement: Box<str>,
}

/// An SRV record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv {
    /// Lowest first.
    pub priority: u16,
    /// Its share among equal priorities.
    pub weight: u16,
    /// The port of the service.
    pub port: u16,
    /// The host; empty where the service is decidedly not available (RFC 2782, "Target").
    pub target: Box<str>,
}

/// The records of one answer; which kind depends on the question. Empty: there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Records {
    /// To [`Question::Naptr`].
    Naptr(Vec<Naptr>),
    /// To [`Question::Srv`].
    Srv(Vec<Srv>),
    /// To [`Question::V4`] and [`Question::V6`].
    Addresses(Vec<IpAddr>),
}

/// All that was heard so far on the way to one server.
#[derive(Clone, Debug, Default)]
pub struct Answers(HashMap<Question, Records>);

impl Answers {
    /// Keeps an answer.
    pub fn put(&mut self, question: Question, records: Records) {
        self.0.insert(question, records);
    }

    pub(super) fn naptr(&self, name: &str) -> Result<&[Naptr], Question> {
        match self.of(Question::Naptr(name.into()))? {
            Records::Naptr(records) => Ok(records),
            Records::Srv(_) | Records::Addresses(_) => Ok(&[]),
        }
    }

    pub(super) fn srv(&self, name: &str) -> Result<&[Srv], Question> {
        match self.of(Question::Srv(name.into()))? {
            Records::Srv(records) => Ok(records),
            Records::Naptr(_) | Records::Addresses(_) => Ok(&[]),
        }
    }

    pub(super) fn addresses(&self, question: Question) -> Result<&[IpAddr], Question> {
        match self.of(question)? {
            Records::Addresses(records) => Ok(records),
            Records::Naptr(_) | Records::Srv(_) => Ok(&[]),
        }
    }

    fn of(&self, question: Question) -> Result<&Records, Question> {
        self.0.get(&question).ok_or(question)
    }
}
