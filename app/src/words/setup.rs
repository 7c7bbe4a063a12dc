//! How to set a phone for this server, in words.

use crate::model::{ServerInfo, SipAddress, Transport};

/// One phone is there.
pub const ONE_MORE: &str = "One phone is registered. Register one more.";
/// Above what to type.
pub const WHAT_TO_TYPE: &str = "Type this into the account settings of each phone or softphone:";
/// Below what to type.
pub const WHAT_HAPPENS: &str =
    "Each phone appears here the moment it registers. No reload is needed.";
/// Before the further addresses.
pub const OTHERS: &str = "Also at";
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

/// What to type into a phone that shall reach the server under the best of its addresses.
pub fn entries(server: &ServerInfo) -> Vec<Entry> {
    let mut entries = vec![Entry {
        field: "User name",
        value: Some("alice".into()),
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
        field: "Transport",
        value: Some(transports(server, best)),
        hint: "",
    });
    entries
}

/// The other addresses under which phones may register, as text to copy.
pub fn others(server: &ServerInfo) -> Vec<String> {
    let Some(best) = server.sip.first() else {
        return Vec::new();
    };
    let same_place = |address: &&SipAddress| address.host != best.host || address.port != best.port;
    let text = |address: &SipAddress| {
        format!(
            "{}:{} ({})",
            address.host,
            address.port,
            address.transport.label()
        )
    };
    server.sip.iter().filter(same_place).map(text).collect()
}

fn transports(server: &ServerInfo, best: &SipAddress) -> String {
    let here = |address: &&SipAddress| address.host == best.host && address.port == best.port;
    let labels: Vec<_> = server
        .sip
        .iter()
        .filter(here)
        .map(|address| Transport::label(address.transport))
        .collect();
    labels.join(" or ")
}
