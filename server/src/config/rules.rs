//! Rules of the small applications: who is dialled by digits, who is refused, whose calls go elsewhere.

use std::fmt;
use std::time::Duration;

use sip::name::{Aor, Uri};

use super::value::{Found, Value, items};

/// Digits that stand for an address: `1=sip:alice@example.com`.
#[derive(Clone, Debug)]
pub struct SpeedDial {
    /// What is dialled.
    pub digits: Box<str>,
    /// Whom it means.
    pub to: Uri,
}

/// Whose calls are refused: `sip:mallory@example.com`, or `*@example.com` for all of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// One caller.
    Aor(Aor),
    /// All of a host, in lower case.
    Host(Box<str>),
}

/// Whose calls go elsewhere: `sip:alice@example.com=sip:bob@example.com`, with a word before it where they do so only then:
/// `busy`, `unreachable`, or `no_answer` and how long to wait.
#[derive(Clone, Debug)]
pub struct Forwarding {
    /// When.
    pub when: When,
    /// Who is called.
    pub who: Aor,
    /// Who rings.
    pub to: Uri,
}

/// When calls go elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At once; nobody else rings.
    Always,
    /// When the called party is busy (486).
    Busy,
    /// When nobody answers for so long, or a phone says so by itself (408, 480).
    NoAnswer(Duration),
    /// When there is no phone, or none that says anything.
    Unreachable,
}

/// Who rings when the called party cannot be had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Otherwise {
    /// See [`When::Busy`].
    pub busy: Option<Aor>,
    /// See [`When::NoAnswer`].
    pub no_answer: Option<(Duration, Aor)>,
    /// See [`When::Unreachable`].
    pub unreachable: Option<Aor>,
}

/// Longer than that no phone rings ([`crate::limits::TIMER_C`]).
const LONGEST_RING: Duration = Duration::from_secs(180);

/// As it is written.
impl PartialEq for SpeedDial {
    fn eq(&self, other: &Self) -> bool {
        (&self.digits, self.to.as_str()) == (&other.digits, other.to.as_str())
    }
}

impl Eq for SpeedDial {}

/// As it is written.
impl PartialEq for Forwarding {
    fn eq(&self, other: &Self) -> bool {
        (self.when, &self.who, self.to.as_str()) == (other.when, &other.who, other.to.as_str())
    }
}

impl Eq for Forwarding {}

impl SpeedDial {
    /// Reads one; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let (digits, to) = text.split_once('=')?;
        let digits = digits.trim();
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let to = Uri::parse(to.trim()).ok()?;
        is_number.then(|| Self {
            digits: digits.into(),
            to,
        })
    }
}

impl Blocked {
    /// Reads one; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        match text.strip_prefix("*@") {
            Some("") => None,
            Some(host) => Some(Self::Host(host.to_ascii_lowercase().into_boxed_str())),
            None => Aor::parse(text).ok().map(Self::Aor),
        }
    }
}

impl Forwarding {
    /// Reads one; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let (before, to) = text.split_once('=')?;
        let mut words = before.split_whitespace();
        let who = Aor::parse(words.next_back()?).ok()?;
        let when = match words.next() {
            None => When::Always,
            Some("busy") => When::Busy,
            Some("unreachable") => When::Unreachable,
            Some("no_answer") => {
                let after = Duration::read(&Found::Text(words.next()?.to_owned()))?;
                let is_ring = after >= Duration::from_secs(1) && after <= LONGEST_RING;
                When::NoAnswer(is_ring.then_some(after)?)
            }
            Some(_) => return None,
        };
        let to = Uri::parse(to.trim()).ok()?;
        let is_phone = when == When::Always || Aor::from_uri(to.as_ref()).is_ok();
        (is_phone && words.next().is_none()).then_some(Self { when, who, to })
    }
}

impl fmt::Display for SpeedDial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.digits, self.to.as_str())
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aor(aor) => aor.fmt(f),
            Self::Host(host) => write!(f, "*@{host}"),
        }
    }
}

impl fmt::Display for Forwarding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when {
            When::Always => {}
            When::Busy => f.write_str("busy ")?,
            When::NoAnswer(after) => match after.show() {
                Found::Text(after) => write!(f, "no_answer {after} ")?,
                other => write!(f, "no_answer {other} ")?,
            },
            When::Unreachable => f.write_str("unreachable ")?,
        }
        write!(f, "{}={}", self.who, self.to.as_str())
    }
}

macro_rules! list {
    ($rule:ident, $right:literal) => {
        impl Value for Vec<$rule> {
            const RIGHT: &'static str = $right;

            fn read(found: &Found) -> Option<Self> {
                items(found, $rule::read)
            }

            fn show(&self) -> Found {
                let texts = self.iter().map(|rule| Found::Text(rule.to_string()));
                Found::List(texts.collect())
            }
        }
    };
}

list!(
    SpeedDial,
    "a list of digits and addresses, such as [\"1=sip:alice@example.com\"]"
);
list!(
    Blocked,
    "a list of callers, such as [\"sip:mallory@example.com\", \"*@example.com\"]"
);
list!(
    Forwarding,
    "a list of who and where to, such as [\"sip:alice@example.com=sip:bob@example.com\", \
     \"no_answer 20s sip:carol@example.com=sip:bob@example.com\"]; `busy` and `unreachable` may stand there too"
);
