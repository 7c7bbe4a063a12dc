//! What the owner of a phone lived through, in the order in which it happened.

use std::fmt;

use sip::dialog::Reason;
use sip::msg::Method;
use sip::time::Instant;

use super::media::Media;
use crate::clock::Clock;

/// One experience and its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When.
    pub at: Instant,
    /// What.
    pub what: What,
}

/// The kinds of [`Heard`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The display shows that the phone is registered for so many seconds.
    Registered(u32),
    /// The display shows that registration failed: the status, or no answer.
    NotRegistered(Option<u16>),
    /// The phone rings, or would if it were made to: a call is there. The display shows this caller.
    Invited {
        /// The display name of From.
        name: Option<String>,
        /// The URI of From.
        uri: String,
    },
    /// The owner dialled this URI.
    Dialled(String),
    /// The other phone rings, or so it is said: the status.
    Ringback(u16),
    /// The call that the owner dialled was answered like this, or the owner gave it up.
    Unanswered(u16),
    /// The other party says where it wants audio, and which way it flows.
    Media(Media),
    /// The line is open: the ACK came.
    Connected,
    /// It stopped ringing before it was answered.
    Cancelled(Option<Reason>),
    /// The other party hung up.
    HungUp(Option<Reason>),
    /// The owner's own hang-up or decline is through.
    Left,
    /// The phone ended the call by itself: no ACK, or the dialog is gone.
    GaveUp,
    /// The other party asked for something within the call.
    Asked(Method),
    /// A change of the owner's (hold, resume) was refused, or not answered.
    Refused(Option<u16>),
    /// The answer to another request of the phone's within the call.
    Replied(Option<u16>),
}

/// `2.100s invited by "Bob" <sip:bob@click.test>`, counted from [`Clock::START`].
impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.at.since(Clock::START);
        write!(f, "{}.{:03}s ", since.as_secs(), since.subsec_millis())?;
        self.what.fmt(f)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let because = |f: &mut fmt::Formatter<'_>, word: &str, reason: &Option<Reason>| {
            f.write_str(word)?;
            match reason {
                Some(reason) => write!(f, " ({reason})"),
                None => Ok(()),
            }
        };
        let status = |f: &mut fmt::Formatter<'_>, word: &str, status: &Option<u16>| match status {
            Some(status) => write!(f, "{word} {status}"),
            None => write!(f, "{word} nothing"),
        };
        match self {
            Self::Registered(seconds) => write!(f, "registered for {seconds} s"),
            Self::NotRegistered(code) => status(f, "not registered:", code),
            Self::Invited { name, uri } => match name {
                Some(name) => write!(f, "invited by \"{name}\" <{uri}>"),
                None => write!(f, "invited by <{uri}>"),
            },
            Self::Dialled(uri) => write!(f, "dialled <{uri}>"),
            Self::Ringback(status) => write!(f, "ringback {status}"),
            Self::Unanswered(status) => write!(f, "unanswered: {status}"),
            Self::Media(media) => write!(f, "media {media}"),
            Self::Connected => f.write_str("connected"),
            Self::Cancelled(reason) => because(f, "cancelled", reason),
            Self::HungUp(reason) => because(f, "hung up on", reason),
            Self::Left => f.write_str("left"),
            Self::GaveUp => f.write_str("gave up"),
            Self::Asked(method) => write!(f, "asked {method}"),
            Self::Refused(code) => status(f, "refused:", code),
            Self::Replied(code) => status(f, "replied", code),
        }
    }
}
