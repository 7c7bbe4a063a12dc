//! Phones: an address of record with the devices that are registered for it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::UnixMillis;
use super::sorted::Keyed;

/// An address of record (RFC 3261 section 6) in the server's canonical form; here only a name, cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Aor(Arc<str>);

impl Aor {
    /// Takes a canonical AOR as it is; checking its syntax is the server's part.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The whole, such as `sip:alice@example.com`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands between scheme and `@`; `None` where there is no user.
    pub fn user(&self) -> Option<&str> {
        let (_, rest) = self.0.split_once(':')?;
        let (user, _) = rest.rsplit_once('@')?;
        (!user.is_empty()).then_some(user)
    }

    /// The AOR without its scheme, as people write it.
    pub fn short(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(_, rest)| rest)
    }
}

impl From<String> for Aor {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Aor> for String {
    fn from(aor: Aor) -> Self {
        aor.0.as_ref().to_owned()
    }
}

impl fmt::Display for Aor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One row and one column of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// Whom it belongs to.
    #[serde(rename = "u")]
    pub aor: Aor,
    /// The display name that the phone sent, if any. From the wire.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The bindings that stand, the preferred one first; never empty.
    #[serde(rename = "d")]
    pub devices: Vec<Device>,
}

impl Keyed for Phone {
    type Key = Aor;

    fn key(&self) -> &Aor {
        &self.aor
    }
}

/// One binding of an AOR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The Contact URI. From the wire.
    #[serde(rename = "c")]
    pub contact: String,
    /// The User-Agent header: what the device calls itself. From the wire.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Address and port that its packets come from.
    #[serde(rename = "p")]
    pub address: String,
    /// How it is reached.
    #[serde(rename = "t")]
    pub transport: Transport,
    /// When the binding runs out unless it is refreshed.
    #[serde(rename = "x")]
    pub expires_at: UnixMillis,
    /// The server restarted, and has no way to the device until it registers again.
    #[serde(rename = "l", default, skip_serializing_if = "is_false")]
    pub unreachable: bool,
    /// What asking it has shown; `None` where it was not asked.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
}

/// Whether a device answers when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// After so many milliseconds.
    Answers(u32),
    /// It does not.
    Silent,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks it so")]
fn is_false(truth: &bool) -> bool {
    !truth
}

/// A SIP transport (RFC 3261 section 18, RFC 7118).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A byte stream.
    Tcp,
    /// A byte stream under TLS.
    Tls,
    /// WebSocket.
    Ws,
    /// WebSocket under TLS.
    Wss,
}

impl Transport {
    /// As phones spell it in their settings.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Ws => "WS",
            Self::Wss => "WSS",
        }
    }
}

/// Why the devices of an AOR changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneCause {
    /// A device registered that was not known.
    Bound,
    /// A known device prolonged its binding.
    Refreshed,
    /// A device unregistered.
    Removed,
    /// A binding ran out.
    Expired,
    /// The connection that was the only way to a device closed.
    FlowLost,
}

#[cfg(test)]
mod tests {
    use super::Aor;

    #[test]
    fn an_aor_splits_at_its_last_at_sign() {
        let parts = |text| {
            let aor = Aor::new(text);
            (aor.user().map(str::to_owned), aor.short().to_owned())
        };
        assert_eq!(
            parts("sip:alice@example.com"),
            (Some("alice".into()), "alice@example.com".into())
        );
        assert_eq!(
            parts("sip:a@b@example.com"),
            (Some("a@b".into()), "a@b@example.com".into())
        );
        assert_eq!(parts("sip:example.com"), (None, "example.com".into()));
        assert_eq!(parts("sip:@example.com"), (None, "@example.com".into()));
        assert_eq!(parts("odd"), (None, "odd".into()));
    }
}
