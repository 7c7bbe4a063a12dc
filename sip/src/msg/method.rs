//! Request methods (RFC 3261 section 7.1 and its extensions). Methods are case-sensitive.

use std::fmt;
use std::sync::Arc;

/// The method of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Acknowledges a final response to INVITE.
    Ack,
    /// Ends a dialog.
    Bye,
    /// Gives up a pending request.
    Cancel,
    /// RFC 6086.
    Info,
    /// Opens or changes a session.
    Invite,
    /// RFC 3428.
    Message,
    /// RFC 6665.
    Notify,
    /// Asks for capabilities.
    Options,
    /// RFC 3262.
    Prack,
    /// RFC 3903.
    Publish,
    /// RFC 3515.
    Refer,
    /// Binds a contact to an AOR.
    Register,
    /// RFC 6665.
    Subscribe,
    /// RFC 3311.
    Update,
    /// Any other token. Never one of the above.
    Extension(Arc<str>),
}

impl Method {
    /// Reads a method; `None` if it is no token.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let known = match bytes {
            b"ACK" => Self::Ack,
            b"BYE" => Self::Bye,
            b"CANCEL" => Self::Cancel,
            b"INFO" => Self::Info,
            b"INVITE" => Self::Invite,
            b"MESSAGE" => Self::Message,
            b"NOTIFY" => Self::Notify,
            b"OPTIONS" => Self::Options,
            b"PRACK" => Self::Prack,
            b"PUBLISH" => Self::Publish,
            b"REFER" => Self::Refer,
            b"REGISTER" => Self::Register,
            b"SUBSCRIBE" => Self::Subscribe,
            b"UPDATE" => Self::Update,
            other => {
                let is_token = !other.is_empty() && other.iter().all(|&b| super::scan::is_token(b));
                let text = std::str::from_utf8(other).ok().filter(|_| is_token)?;
                Self::Extension(Arc::from(text))
            }
        };
        Some(known)
    }

    /// The method as it stands in a message.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Info => "INFO",
            Self::Invite => "INVITE",
            Self::Message => "MESSAGE",
            Self::Notify => "NOTIFY",
            Self::Options => "OPTIONS",
            Self::Prack => "PRACK",
            Self::Publish => "PUBLISH",
            Self::Refer => "REFER",
            Self::Register => "REGISTER",
            Self::Subscribe => "SUBSCRIBE",
            Self::Update => "UPDATE",
            Self::Extension(text) => text,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
