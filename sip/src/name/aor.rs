//! The public name of a person or device, in one canonical form (RFC 3261 sections 6 and 10.3 step 5).
//!
//! Two AORs are the same exactly when their canonical texts are. Knows nothing of bindings.

use std::fmt;
use std::sync::Arc;

use super::escape;
use super::host::Host;
use super::uri::{Scheme, UriError, UriRef};
use crate::limits::MAX_AOR;

/// Why a URI names nobody who could register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AorError {
    /// It is no URI at all.
    #[error("not a URI: {0}")]
    NotUri(#[from] UriError),
    /// Neither `sip:` nor `sips:`.
    #[error("not a sip: or sips: URI")]
    NotSip,
    /// No user part.
    #[error("no user part")]
    NoUser,
    /// A `%` that is not followed by two hexadecimal digits.
    #[error("a broken escape in the user part")]
    BadEscape,
    /// Longer than [`MAX_AOR`].
    #[error("longer than {MAX_AOR} octets")]
    TooLong,
}

/// A canonical AOR: `sip:`, host lower case, needless escapes undone, no password, port, parameters or headers.
///
/// Clones share the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Aor {
    text: Arc<str>,
    user_start: u16,
    at: u16,
}

impl Aor {
    /// Reads any sip or sips URI with a user and makes it canonical.
    pub fn parse(text: &str) -> Result<Self, AorError> {
        Self::from_uri(UriRef::parse(text)?)
    }

    /// Makes a URI canonical (RFC 3261 section 10.3 step 5).
    pub fn from_uri(uri: UriRef<'_>) -> Result<Self, AorError> {
        // RFC 5630 section 5.2: `sips:` names the same person, on a safer way.
        let scheme = match uri.scheme() {
            Scheme::Sip | Scheme::Sips => "sip:",
            Scheme::Tel | Scheme::Other(_) => return Err(AorError::NotSip),
        };
        let user = uri
            .user()
            .filter(|user| !user.is_empty())
            .ok_or(AorError::NoUser)?;
        if uri.as_str().len() > 3 * MAX_AOR {
            return Err(AorError::TooLong);
        }
        let mut text = String::with_capacity(uri.as_str().len());
        text.push_str(scheme);
        push_user(&mut text, user)?;
        let at = text.len();
        text.push('@');
        match uri.host() {
            Host::Name(name) => text.extend(name.chars().map(|c| c.to_ascii_lowercase())),
            literal @ (Host::V4(_) | Host::V6(_)) => text.push_str(&literal.to_string()),
        }
        if text.len() > MAX_AOR {
            return Err(AorError::TooLong);
        }
        let offset = |n: usize| u16::try_from(n).map_err(|_| AorError::TooLong);
        Ok(Self {
            user_start: offset(scheme.len())?,
            at: offset(at)?,
            text: Arc::from(text),
        })
    }

    /// The canonical URI.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The user part; what may not stand bare in it is still escaped.
    pub fn user(&self) -> &str {
        self.text
            .get(usize::from(self.user_start)..usize::from(self.at))
            .unwrap_or("")
    }

    /// The host: lower case, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        self.text.get(usize::from(self.at) + 1..).unwrap_or("")
    }
}

fn push_user(text: &mut String, user: &str) -> Result<(), AorError> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for octet in escape::octets(user) {
        if octet.is_broken() {
            return Err(AorError::BadEscape);
        }
        if escape::is_bare_in_user(octet.value) {
            text.push(char::from(octet.value));
        } else {
            text.push('%');
            text.push(char::from(HEX[usize::from(octet.value >> 4)]));
            text.push(char::from(HEX[usize::from(octet.value & 15)]));
        }
    }
    Ok(())
}

impl fmt::Display for Aor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Aor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aor({:?})", self.text)
    }
}
