//! How to set a phone for this server, in words.

use crate::model::{Aor, ServerInfo, SipAddress, Transport};

/// One phone is there.
pub const ONE_MORE: &str = "One phone is registered. Register one more.";
/// Above what to type.
pub const WHAT_TO_TYPE: &str = "Type this into the account settings of each phone or softphone:";
/// Below what to type.
pub const WHAT_HAPPENS: &str =
    "Each phone appears here the moment it registers. No reload is needed.";
/// Before the further addresses.
pub const OTHERS: &str = "Also at";
/// Before the address of the page.
pub const PAGE: &str = "This page, from other machines:";
/// No address of ours could be found.
pub const NO_ADDRESS: &str = "This server found no network address of its own. Use the address by which you reach this page.";

/// One value to type into a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What phones call the field.
    pub field: &'static str,
    /// The exact text, if there is one to copy.
    pub value: Option<String>,
    /// What else to know.
    pub hint: &'static str,
}

/// Names to begin with.
const USERS: [&str; 2] = ["alice", "bob"];

/// What to type into a phone that shall reach the server under the best of its addresses; `taken` are those who are
/// registered.
pub fn entries(server: &ServerInfo, taken: &[Aor]) -> Vec<Entry> {
    let free = |user: &&str| taken.iter().all(|aor| aor.user() != Some(user));
    let user = USERS.into_iter().find(free).unwrap_or("carol");
    let mut entries = vec![Entry {
        field: "User name",
        value: Some(user.into()),
        hint: "any name; a different one for each phone",
    }];
    entries.push(if server.open_lab {
        Entry {
            field: "Password",
            value: None,
            hint: "anything; every password is accepted",
        }
    } else {
        Entry {
            field: "Password",
            value: None,
            hint: "the one that belongs to the user",
        }
    });
    let Some(best) = server.sip.first() else {
        return entries;
    };
    entries.push(Entry {
        field: "Domain",
        value: Some(best.host.clone()),
        hint: "also called server, registrar or proxy",
    });
    entries.push(Entry {
        field: "Port",
        value: Some(best.port.to_string()),
        hint: if best.port == 5060 {
            "the usual one"
        } else {
            "not the usual 5060"
        },
    });
    entries.push(Entry {
        field: "Both in one",
        value: Some(place(best)),
        hint: "where there is no field for the port",
    });
    entries.push(Entry {
        field: "Transport",
        value: Some(transports(server, best)),
        hint: "",
    });
    entries
}

/// The other places where phones may register: each as text to copy, with its transports where they are others than
/// those of the best.
pub fn others(server: &ServerInfo) -> Vec<(String, Option<String>)> {
    let Some(best) = server.sip.first() else {
        return Vec::new();
    };
    let usual = transports(server, best);
    let mut others: Vec<(String, Option<String>)> = Vec::new();
    for address in &server.sip {
        let place = place(address);
        if place != self::place(best) && others.iter().all(|(known, _)| *known != place) {
            let transports = transports(server, address);
            others.push((place, (transports != usual).then_some(transports)));
        }
    }
    others
}

/// The address of the page, if people on other machines can reach it there.
pub fn page(server: &ServerInfo) -> Option<String> {
    let host = server.http.split_once("://")?.1;
    let own = ["127.", "[::1]", "localhost"]
        .iter()
        .any(|own| host.starts_with(own));
    (!own).then(|| server.http.clone())
}

fn place(address: &SipAddress) -> String {
    format!("{}:{}", address.host, address.port)
}

fn transports(server: &ServerInfo, best: &SipAddress) -> String {
    let here = |address: &&SipAddress| place(address) == place(best);
    let labels: Vec<_> = server
        .sip
        .iter()
        .filter(here)
        .map(|address| Transport::label(address.transport))
        .collect();
    labels.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::{Entry, entries, others, page};
    use crate::model::{Aor, ServerInfo, SipAddress, Transport};

    fn server() -> ServerInfo {
        let at = |transport, host: &str| SipAddress {
            transport,
            host: host.into(),
            port: 5080,
        };
        ServerInfo {
            version: "0".into(),
            open_lab: true,
            sip: vec![
                at(Transport::Udp, "192.168.1.2"),
                at(Transport::Tcp, "192.168.1.2"),
                at(Transport::Udp, "[fd00::2]"),
                at(Transport::Tcp, "[fd00::2]"),
            ],
            http: "http://192.168.1.2:8080".into(),
        }
    }

    fn value(entries: &[Entry], field: &str) -> Option<String> {
        entries
            .iter()
            .find(|entry| entry.field == field)?
            .value
            .clone()
    }

    #[test]
    fn the_best_address_is_spelled_out() {
        let entries = entries(&server(), &[]);
        assert_eq!(value(&entries, "Domain").as_deref(), Some("192.168.1.2"));
        assert_eq!(value(&entries, "Port").as_deref(), Some("5080"));
        assert_eq!(value(&entries, "Transport").as_deref(), Some("UDP or TCP"));
        assert_eq!(others(&server()), [("[fd00::2]:5080".to_owned(), None)]);
    }

    #[test]
    fn another_transport_elsewhere_is_named() {
        let mut server = server();
        server.sip.remove(3);
        assert_eq!(
            others(&server),
            [("[fd00::2]:5080".to_owned(), Some("UDP".to_owned()))]
        );
    }

    #[test]
    fn the_second_phone_is_offered_another_name() {
        let user = |taken: &[&str]| {
            let taken: Vec<_> = taken.iter().map(|aor| Aor::new(aor)).collect();
            value(&entries(&server(), &taken), "User name")
        };
        assert_eq!(user(&[]).as_deref(), Some("alice"));
        assert_eq!(user(&["sip:alice@x"]).as_deref(), Some("bob"));
        assert_eq!(user(&["sip:bob@x"]).as_deref(), Some("alice"));
    }

    #[test]
    fn a_server_without_address_says_nothing_false() {
        let nowhere = ServerInfo {
            sip: Vec::new(),
            http: "http://127.0.0.1:8080".into(),
            ..server()
        };
        assert_eq!(value(&entries(&nowhere, &[]), "Domain"), None);
        assert!(others(&nowhere).is_empty());
        assert_eq!(page(&nowhere), None);
        assert_eq!(page(&server()).as_deref(), Some("http://192.168.1.2:8080"));
    }
}
