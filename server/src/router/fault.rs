//! What is wrong with a file, each fault with its line and its remedy.

use std::fmt;

use super::application::Application;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Of the file, from 1.
    pub line: usize,
    pub(super) what: What,
}

/// All faults of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

/// The kinds of [`Fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// `\u` without four hexadecimal digits.
    Escape(String),
    /// A key that is no method.
    Method(String),
    /// The same method twice.
    Twice { method: String, first: usize },
    /// Something else than this was found where it has to stand.
    Expected { what: &'static str, found: String },
    /// A tuple of another length.
    Fields(usize),
    /// An application that is not here.
    Unknown(String),
    /// Neither ORIGINATING, TERMINATING nor NEUTRAL.
    Region(String),
    /// Neither ROUTE, ROUTE_BACK nor NO_ROUTE.
    Modifier(String),
    /// A route modifier that needs a route, without one that is a SIP URI.
    Route(String),
    /// A registration that is to leave this server.
    Registrar,
    /// No whole number.
    Order(String),
    /// The same place twice in a chain.
    SameOrder(u32),
    /// Neither INBOUND, OUTBOUND nor UAC_ROUTE_BACK.
    Direction(String),
    /// A pattern that cannot be read.
    Regex { pattern: String, why: String },
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Escape(found) => {
                write!(f, "\\u needs four hexadecimal digits, found \"{found}\"")
            }
            Self::Method(found) => write!(
                f,
                "\"{found}\" is no SIP method; write a method, such as INVITE, or ALL"
            ),
            Self::Twice { method, first } => write!(
                f,
                "{method} stands in line {first} already; write its applications there, separated by commas"
            ),
            Self::Expected { what, found } if found.is_empty() => {
                write!(f, "{what} is missing at the end")
            }
            Self::Expected { what, found } => write!(f, "{what} is expected before: {found}"),
            Self::Fields(found) => write!(
                f,
                "an application has six or seven values in quotes, here are {found}: (\"application\", \"DAR:From\", \
                 \"ORIGINATING\", \"\", \"NO_ROUTE\", \"0\")"
            ),
            Self::Unknown(found) => {
                write!(f, "there is no application \"{found}\"; there are: ")?;
                for (nth, application) in Application::ALL.into_iter().enumerate() {
                    let comma = if nth > 0 { ", " } else { "" };
                    write!(f, "{comma}{application}")?;
                }
                Ok(())
            }
            Self::Region(found) => write!(
                f,
                "\"{found}\" is no routing region; write ORIGINATING, TERMINATING or NEUTRAL"
            ),
            Self::Modifier(found) => write!(
                f,
                "\"{found}\" is no route modifier; write NO_ROUTE, ROUTE or ROUTE_BACK"
            ),
            Self::Route(found) => write!(
                f,
                "a route must be a SIP URI, such as sip:10.0.0.1:5060;lr, not \"{found}\""
            ),
            Self::Registrar => f.write_str(
                "registrations are taken here and sent to no other server; write NO_ROUTE for REGISTER",
            ),
            Self::Order(found) => write!(
                f,
                "the order must be a whole number from 0, not \"{found}\""
            ),
            Self::SameOrder(order) => write!(
                f,
                "two applications have the order {order}; give each its own"
            ),
            Self::Direction(found) => write!(
                f,
                "\"{found}\" is no direction; write DIRECTION=INBOUND, OUTBOUND or UAC_ROUTE_BACK"
            ),
            Self::Regex { pattern, why } => {
                write!(f, "REGEX={pattern} cannot be read: {why}")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, fault) in self.0.iter().enumerate() {
            if nth > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
