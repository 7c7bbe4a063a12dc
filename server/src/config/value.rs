//! Values as they are written: read from TOML, from the text of a variable or a flag, and shown as TOML.
//!
//! Knows nothing of keys.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::WhenBusy;
use super::{AuthMode, LogFormat, NextHop, Origins};

/// A value before anybody knows what it is for. Variables and flags always give `Text`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Found>),
    Table(Vec<(String, Found)>),
    /// Anything that no setting takes (a float, a date), as it was written or named.
    Other(String),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Integer(number) => number.fmt(f),
            Self::Boolean(truth) => truth.fmt(f),
            Self::List(items) => {
                f.write_str("[")?;
                for (nth, item) in items.iter().enumerate() {
                    if nth > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Self::Table(entries) => {
                f.write_str("{ ")?;
                for (nth, (key, value)) in entries.iter().enumerate() {
                    let comma = if nth > 0 { ", " } else { "" };
                    write!(f, "{comma}{key} = {value}")?;
                }
                f.write_str(" }")
            }
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// A type that a setting can have.
pub(super) trait Value: Sized {
    /// What would be right, with an example; stands after "it must be".
    const RIGHT: &'static str;
    /// `None` when `found` is no such value.
    fn read(found: &Found) -> Option<Self>;
    /// As TOML; [`Value::read`] takes it back.
    fn show(&self) -> Found;
}

/// Whole numbers, and durations without a unit.
fn integer(found: &Found) -> Option<i64> {
    match found {
        Found::Integer(number) => Some(*number),
        Found::Text(text) => text.trim().parse().ok(),
        Found::Boolean(_) | Found::List(_) | Found::Table(_) | Found::Other(_) => None,
    }
}

pub(super) fn text(found: &Found) -> Option<&str> {
    match found {
        Found::Text(text) => Some(text.trim()),
        Found::Integer(_)
        | Found::Boolean(_)
        | Found::List(_)
        | Found::Table(_)
        | Found::Other(_) => None,
    }
}

/// The items of a list. A text is a list too, with commas; `""` and `"off"` are the empty one.
pub(super) fn items<T>(found: &Found, item: fn(&str) -> Option<T>) -> Option<Vec<T>> {
    match found {
        Found::List(list) => list.iter().map(|each| text(each).and_then(item)).collect(),
        Found::Text(line) if matches!(line.trim(), "" | "off") => Some(Vec::new()),
        Found::Text(line) => line.split(',').map(|each| item(each.trim())).collect(),
        Found::Integer(_) | Found::Boolean(_) | Found::Table(_) | Found::Other(_) => None,
    }
}

impl Value for WhenBusy {
    const RIGHT: &'static str = "\"refuse\", \"allow\" or \"ask\"";

    fn read(found: &Found) -> Option<Self> {
        match found {
            Found::Text(text) => match text.trim() {
                "refuse" => Some(Self::Refuse),
                "allow" => Some(Self::Allow),
                "ask" => Some(Self::Ask),
                _ => None,
            },
            Found::Boolean(_)
            | Found::Integer(_)
            | Found::List(_)
            | Found::Table(_)
            | Found::Other(_) => None,
        }
    }

    fn show(&self) -> Found {
        let word = match self {
            Self::Refuse => "refuse",
            Self::Allow => "allow",
            Self::Ask => "ask",
        };
        Found::Text(word.to_owned())
    }
}

impl Value for bool {
    const RIGHT: &'static str = "true or false";

    fn read(found: &Found) -> Option<Self> {
        match found {
            Found::Boolean(truth) => Some(*truth),
            Found::Text(text) => text.trim().parse().ok(),
            Found::Integer(_) | Found::List(_) | Found::Table(_) | Found::Other(_) => None,
        }
    }

    fn show(&self) -> Found {
        Found::Boolean(*self)
    }
}

impl Value for u8 {
    const RIGHT: &'static str = "a whole number";

    fn read(found: &Found) -> Option<Self> {
        integer(found)?.try_into().ok()
    }

    fn show(&self) -> Found {
        Found::Integer((*self).into())
    }
}

impl Value for u32 {
    const RIGHT: &'static str = "a whole number";

    fn read(found: &Found) -> Option<Self> {
        integer(found)?.try_into().ok()
    }

    fn show(&self) -> Found {
        Found::Integer((*self).into())
    }
}

impl Value for Duration {
    const RIGHT: &'static str =
        "a duration such as \"25s\", \"500ms\", \"10m\" or \"2h\", or a whole number of seconds";

    fn read(found: &Found) -> Option<Self> {
        if let Some(seconds) = integer(found) {
            return u64::try_from(seconds).ok().map(Self::from_secs);
        }
        let line = text(found)?;
        let (number, unit) = line.split_at(line.find(|c: char| !c.is_ascii_digit())?);
        let number: u64 = number.parse().ok()?;
        match unit.trim() {
            "ms" => Some(Self::from_millis(number)),
            "s" => Some(Self::from_secs(number)),
            "m" => number.checked_mul(60).map(Self::from_secs),
            "h" => number.checked_mul(3600).map(Self::from_secs),
            _ => None,
        }
    }

    fn show(&self) -> Found {
        let (millis, seconds) = (self.as_millis(), self.as_secs());
        Found::Text(match () {
            () if millis % 1000 != 0 => format!("{millis}ms"),
            () if seconds != 0 && seconds % 3600 == 0 => format!("{}h", seconds / 3600),
            () if seconds != 0 && seconds % 60 == 0 => format!("{}m", seconds / 60),
            () => format!("{seconds}s"),
        })
    }
}

impl Value for SocketAddr {
    const RIGHT: &'static str = "an IP address with a port, such as \"0.0.0.0:8080\" or \"[::1]:8080\" (port 0 takes a free one)";

    fn read(found: &Found) -> Option<Self> {
        text(found)?.parse().ok()
    }

    fn show(&self) -> Found {
        Found::Text(self.to_string())
    }
}

impl Value for Vec<SocketAddr> {
    const RIGHT: &'static str = "a list of IP addresses with ports, such as [\"0.0.0.0:5080\", \"[::]:5080\"], or \"off\" (port 0 takes a free one)";

    fn read(found: &Found) -> Option<Self> {
        items(found, |item| item.parse().ok())
    }

    fn show(&self) -> Found {
        Found::List(self.iter().map(Value::show).collect())
    }
}

impl Value for Vec<NextHop> {
    const RIGHT: &'static str = "a list of domains with the address of their server, such as [\"example.com=192.0.2.7:5060\", \"example.org=192.0.2.8:5060/tcp\"]";

    fn read(found: &Found) -> Option<Self> {
        items(found, |item| {
            let (name, server) = item.split_once('=')?;
            let (address, transport) = server.split_once('/').unwrap_or((server, "udp"));
            Some(NextHop {
                host: host(name.trim())?,
                address: address.trim().parse().ok()?,
                tcp: match transport.trim() {
                    "udp" => false,
                    "tcp" => true,
                    _ => return None,
                },
            })
        })
    }

    fn show(&self) -> Found {
        let row = |hop: &NextHop| {
            let transport = if hop.tcp { "/tcp" } else { "" };
            Found::Text(format!("{}={}{transport}", hop.host, hop.address))
        };
        Found::List(self.iter().map(row).collect())
    }
}

/// A host as SIP writes it, lower case: a name, an IPv4 address or an IPv6 address in brackets.
pub(super) fn host(line: &str) -> Option<String> {
    let bracketed = line
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let good = match bracketed {
        Some(inside) => inside.parse::<Ipv6Addr>().is_ok(),
        None => {
            line.parse::<Ipv4Addr>().is_ok()
                || (!line.is_empty()
                    && line.len() <= 253
                    && line.split('.').all(|label| {
                        !label.is_empty()
                            && label.len() <= 63
                            && !label.starts_with('-')
                            && !label.ends_with('-')
                            && label
                                .bytes()
                                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
                    }))
        }
    };
    good.then(|| line.to_ascii_lowercase())
}

impl Value for Vec<String> {
    const RIGHT: &'static str =
        "a list of host names or addresses, such as [\"example.org\", \"192.168.1.10\"]";

    fn read(found: &Found) -> Option<Self> {
        items(found, host)
    }

    fn show(&self) -> Found {
        Found::List(self.iter().cloned().map(Found::Text).collect())
    }
}

impl Value for Option<String> {
    const RIGHT: &'static str = "a host name or address without a port, such as \"sip.example.org\" or \"203.0.113.7\", or \"\" for none";

    fn read(found: &Found) -> Option<Self> {
        match text(found)? {
            "" => Some(None),
            line => host(line).map(Some),
        }
    }

    fn show(&self) -> Found {
        Found::Text(self.clone().unwrap_or_default())
    }
}

/// An origin as browsers write it (RFC 6454 section 6.2): scheme and host, a port where it is not the scheme's own.
fn origin(line: &str) -> Option<String> {
    let bare = line
        .strip_prefix("http://")
        .or_else(|| line.strip_prefix("https://"));
    let (name, port) = match bare?.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        Some(_) | None => (bare?, None),
    };
    let good = host(name).is_some() && port.is_none_or(|port| port.parse::<u16>().is_ok());
    good.then(|| line.to_ascii_lowercase())
}

impl Value for Origins {
    const RIGHT: &'static str = "a list of sites, such as [\"https://phone.example.org\", \"http://192.168.1.10:3000\"], or [\"*\"] for any";

    fn read(found: &Found) -> Option<Self> {
        items(found, |item| match item {
            "*" => Some("*".to_owned()),
            site => origin(site),
        })
        .map(Self)
    }

    fn show(&self) -> Found {
        Found::List(self.0.iter().cloned().map(Found::Text).collect())
    }
}

impl Value for Option<PathBuf> {
    const RIGHT: &'static str = "a path, such as \"/etc/crosspoint/tls.pem\", or \"\" for none (of a directory: the default one)";

    fn read(found: &Found) -> Option<Self> {
        match text(found)? {
            "" => Some(None),
            path => Some(Some(PathBuf::from(path))),
        }
    }

    fn show(&self) -> Found {
        let path = self.as_deref().unwrap_or(std::path::Path::new(""));
        Found::Text(path.to_string_lossy().into_owned())
    }
}

/// Levels as the log understands them.
impl Value for String {
    const RIGHT: &'static str = "one of \"off\", \"error\", \"warn\", \"info\", \"debug\", \"trace\", or levels by module such as \"info,server::transport=trace\"";

    fn read(found: &Found) -> Option<Self> {
        let line = text(found)?;
        let known = line.parse::<tracing_subscriber::filter::Targets>().is_ok();
        // A lone word that is no level would be taken for the name of a module, and nothing be logged.
        let word = line.contains(['=', ','])
            || line
                .parse::<tracing_subscriber::filter::LevelFilter>()
                .is_ok();
        (known && word).then(|| line.to_owned())
    }

    fn show(&self) -> Found {
        Found::Text(self.clone())
    }
}

/// A closed set of words.
macro_rules! words {
    ($type:ty, $right:literal, $($word:literal => $variant:path),+) => {
        impl Value for $type {
            const RIGHT: &'static str = $right;

            fn read(found: &Found) -> Option<Self> {
                match text(found)? {
                    $($word => Some($variant),)+
                    _ => None,
                }
            }

            fn show(&self) -> Found {
                Found::Text(match self { $($variant => $word,)+ }.to_owned())
            }
        }
    };
}

words!(AuthMode, "\"open-lab\" (any user, any password, private networks only) or \"digest\" (users with passwords)", "open-lab" => AuthMode::OpenLab, "digest" => AuthMode::Digest);
words!(LogFormat, "\"text\" or \"json\"", "text" => LogFormat::Text, "json" => LogFormat::Json);
