//! Networks as people write them, `192.168.0.0/16`, and which of them reach this server without a translator between.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::value::{Found, Value, items, text};

/// All addresses that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// Whose peers see the address of ours that they reach, and not `sip.advertised`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LocalNetworks {
    /// Those of the interfaces that this machine has when the server starts.
    #[default]
    Interfaces,
    /// These.
    Listed(Vec<Network>),
}

impl Network {
    /// The one of an address and the number of bits that all its addresses share; `None` for more bits than there are.
    pub fn new(address: IpAddr, bits: u8) -> Option<Self> {
        let address = address.to_canonical();
        (bits <= width(address)).then_some(Self { address, bits })
    }

    /// Whether an address is one of it.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.address.is_ipv4() == address.is_ipv4()
            && self.prefix(address) == self.prefix(self.address)
    }

    fn prefix(&self, address: IpAddr) -> u128 {
        let rest = width(address) - self.bits;
        let bits = match address {
            IpAddr::V4(v4) => v4.to_bits().into(),
            IpAddr::V6(v6) => v6.to_bits(),
        };
        bits.checked_shr(rest.into()).unwrap_or(0)
    }
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl FromStr for Network {
    type Err = ();

    /// A lone address is a network of one.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().map_err(drop)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(drop)?;
        Self::new(address, bits.unwrap_or(width(address))).ok_or(())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Value for LocalNetworks {
    const RIGHT: &'static str = "\"interfaces\", or a list of networks, such as [\"192.168.0.0/16\", \"fd00::/8\"], which may be empty";

    fn read(found: &Found) -> Option<Self> {
        if text(found) == Some("interfaces") {
            return Some(Self::Interfaces);
        }
        items(found, |item| item.parse().ok()).map(Self::Listed)
    }

    fn show(&self) -> Found {
        match self {
            Self::Interfaces => Found::Text("interfaces".to_owned()),
            Self::Listed(networks) => {
                let texts = networks
                    .iter()
                    .map(|network| Found::Text(network.to_string()));
                Found::List(texts.collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_begins_like_it() {
        for (network, inside, outside) in [
            ("192.168.1.0/24", "192.168.1.255", "192.168.2.0"),
            ("192.168.1.7/24", "192.168.1.8", "192.168.0.8"),
            ("10.0.0.7", "10.0.0.7", "10.0.0.6"),
            ("0.0.0.0/0", "203.0.113.7", "::1"),
            ("::/0", "::1", "10.0.0.1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.holds(inside.parse().unwrap()), "{network} {inside}");
            assert!(
                !network.holds(outside.parse().unwrap()),
                "{network} {outside}"
            );
        }
        for bad in [
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "lan",
            "10.0.0.0/-1",
            "",
        ] {
            assert_eq!(bad.parse::<Network>(), Err(()), "{bad}");
        }
    }
}
