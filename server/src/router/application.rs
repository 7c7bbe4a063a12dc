//! What an application is: it hears an initial request and says what shall become of it.

use std::fmt;

use sip::msg::Message;
use sip::name::{Aor, Uri, UriRef};

use crate::config::Otherwise;

/// The applications there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Application {
    /// Takes registrations.
    Registrar,
    /// Forwards to where the called party is registered.
    Proxy,
    /// Takes registrations and tells what this server can do; its calls are placed from the page.
    ClickToCall,
    /// Turns a digit into an address.
    SpeedDial,
    /// Refuses callers.
    CallBlocking,
    /// Sends calls elsewhere.
    CallForwarding,
}

impl Application {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Registrar,
        Self::Proxy,
        Self::ClickToCall,
        Self::SpeedDial,
        Self::CallBlocking,
        Self::CallForwarding,
    ];

    /// Its own name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Proxy => "proxy",
            Self::ClickToCall => "click-to-call",
            Self::SpeedDial => "speed-dial",
            Self::CallBlocking => "call-blocking",
            Self::CallForwarding => "call-forwarding",
        }
    }

    /// The name of the servlet application that did the same.
    const fn servlet(self) -> Option<&'static str> {
        match self {
            Self::Registrar => None,
            Self::Proxy => Some("LocationServiceApplication"),
            Self::ClickToCall => Some("ClickToCallAsyncApplication"),
            Self::SpeedDial => Some("SpeedDialApplication"),
            Self::CallBlocking => Some("CallBlockingApplication"),
            Self::CallForwarding => Some("CallForwardingApplication"),
        }
    }

    /// Reads either name. Servlet applications may stand in a Java package, which is passed over.
    pub fn of_name(name: &str) -> Option<Self> {
        let last = name.rsplit('.').next().unwrap_or(name);
        Self::ALL.into_iter().find(|application| {
            application.name() == name
                || application.servlet().is_some_and(|servlet| servlet == last)
        })
    }
}

impl fmt::Display for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who begins a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A phone, or another server.
    Outside,
    /// This server, because somebody has clicked.
    Page,
}

/// An initial request, as an application meets it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// As it came.
    pub(super) request: &'a Message,
    /// Where it goes by now: the Request-URI, or what an application before this one has made of it.
    pub(super) target: UriRef<'a>,
}

impl Asked<'_> {
    /// Who it says it comes from; `None` for what names nobody who could register.
    pub(super) fn from(&self) -> Option<Aor> {
        let from = self.request.from().and_then(|from| from.uri()).ok()?;
        Aor::from_uri(from).ok()
    }
}

/// What an application says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing to do with it: the next application is asked.
    NotMine,
    /// It may pass, and would be forwarded if no other application had more to say.
    Pass,
    /// Likewise, to another address.
    Retarget(Uri),
    /// It may pass, and others ring where the called party cannot be had.
    Unless(Otherwise),
    /// This is the last word.
    Final(Verdict),
}

/// A way out of this server that an entry of the file wishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// Its new Request-URI, where an application before has given it one.
    pub to: Option<Uri>,
    /// The server it is sent to.
    pub by: Uri,
    /// With which entry it goes on when it comes back; `None` if it is not to.
    pub back: Option<u16>,
}

/// Where a request goes on to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Onward {
    /// This address in place of the Request-URI, where there is one.
    pub to: Option<Uri>,
    /// Who rings where nobody is to be had there.
    pub otherwise: Otherwise,
}

/// What becomes of an initial request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The registrar answers.
    Register,
    /// The server says what it can do (RFC 3261 section 11.2).
    Capabilities,
    /// It is refused.
    Refuse {
        /// The status of the answer.
        status: u16,
        /// Its reason phrase.
        reason: String,
    },
    /// The proxy forwards it.
    Forward(Onward),
    /// It leaves for another server first.
    Leave(Leave),
    /// No application has taken it.
    Nobody,
}
