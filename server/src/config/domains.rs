//! Other domains: which of them our users may call, and who is asked where they are.

use std::net::SocketAddr;

use super::value::{Found, Value, host, items};

/// Who is asked in the DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dns {
    /// The name servers that this machine asks.
    System,
    /// These.
    Servers(Vec<SocketAddr>),
    /// Nobody: other domains are reached by addresses only.
    Off,
}

/// Domains, lower case; `*` stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains(pub Vec<String>);

impl Domains {
    /// Whether that name is one of them; addresses of IPv6 with brackets or without.
    pub fn has(&self, name: &str) -> bool {
        let bare = |text: &str| text.trim_matches(['[', ']']).to_ascii_lowercase();
        let is = |domain: &String| domain == "*" || bare(domain) == bare(name);
        self.0.iter().any(is)
    }

    /// Whether every name is.
    pub fn is_any(&self) -> bool {
        self.has("*")
    }
}

impl Value for Dns {
    const RIGHT: &'static str = "\"system\", \"off\", or a list of addresses of name servers, such as [\"192.168.1.1\", \"[2001:db8::53]:53\"]";

    fn read(found: &Found) -> Option<Self> {
        match found {
            Found::Text(word) if word.trim() == "system" => return Some(Self::System),
            Found::Text(_)
            | Found::Integer(_)
            | Found::Boolean(_)
            | Found::List(_)
            | Found::Table(_)
            | Found::Other(_) => {}
        }
        let servers = items(found, |item| {
            let port = |ip| SocketAddr::new(ip, 53);
            item.parse().ok().or_else(|| item.parse().ok().map(port))
        })?;
        Some(match servers.is_empty() {
            true => Self::Off,
            false => Self::Servers(servers),
        })
    }

    fn show(&self) -> Found {
        match self {
            Self::System => Found::Text("system".to_owned()),
            Self::Off => Found::Text("off".to_owned()),
            Self::Servers(servers) => servers.show(),
        }
    }
}

impl Value for Domains {
    const RIGHT: &'static str =
        "a list of domains, such as [\"example.org\", \"example.com\"], or [\"*\"] for any";

    fn read(found: &Found) -> Option<Self> {
        items(found, |item| match item {
            "*" => Some("*".to_owned()),
            name => host(name),
        })
        .map(Self)
    }

    fn show(&self) -> Found {
        self.0.show()
    }
}
