//! Flow tokens: the way to a phone, written into the user part of our own Record-Route (RFC 5626 section 5.2).
//!
//! Whoever stands in a dialog gives the token back in a Route, and the request takes the flow that the dialog began on:
//! through the NAT, or down the connection, that the phone opened. A token carries a keyed MAC, so that nobody can make
//! one up and have us send to whom he likes. Nothing is remembered for it.

use std::fmt;
use std::hash::Hasher as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sip::name::{ConnectionId, Flow, Transport};
use siphasher::sip::SipHasher24;
use smallvec::SmallVec;

/// Writes tokens and reads those it has written.
#[derive(Clone, Copy)]
pub(super) struct Tokens {
    key: SipHasher24,
}

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// The way.
    pub(super) flow: Flow,
    /// Where it leads to another domain: from which address alone, for there only our users send.
    pub(super) only_from: Option<IpAddr>,
}

/// Beside transport and families: one that leads to another domain, for an address of IPv4 or of IPv6.
const ONLY_FROM_V4: u8 = 0x80;
const ONLY_FROM_V6: u8 = 0xc0;

/// Transport, two addresses of IPv6 with their ports and a third without, a connection, the MAC.
const LONGEST: usize = 1 + 18 + 18 + 16 + 8 + MAC;
const MAC: usize = 8;
const TRANSPORTS: [Transport; 5] = [
    Transport::Udp,
    Transport::Tcp,
    Transport::Tls,
    Transport::Ws,
    Transport::Wss,
];

/// A token, ready to stand in a URI.
pub(super) struct Token {
    text: [u8; LONGEST.div_ceil(3) * 4],
    length: usize,
}

impl Tokens {
    /// With a secret of 16 octets.
    pub(super) fn new(secret: &[u8; 16]) -> Self {
        Self {
            key: SipHasher24::new_with_key(secret),
        }
    }

    /// The token of a flow.
    pub(super) fn write(&self, flow: &Flow, only_from: Option<IpAddr>) -> Token {
        let kind = TRANSPORTS.iter().position(|known| *known == flow.transport);
        let mut bytes = SmallVec::<[u8; LONGEST]>::new();
        bytes.push(u8::try_from(kind.unwrap_or(0)).unwrap_or(0));
        for address in [flow.local, flow.peer] {
            match address.ip() {
                IpAddr::V4(ip) => {
                    bytes[0] <<= 1;
                    bytes.extend_from_slice(&ip.octets());
                }
                IpAddr::V6(ip) => {
                    bytes[0] = bytes[0] << 1 | 1;
                    bytes.extend_from_slice(&ip.octets());
                }
            }
            bytes.extend_from_slice(&address.port().to_be_bytes());
        }
        match only_from {
            None => {}
            Some(IpAddr::V4(ip)) => {
                bytes[0] |= ONLY_FROM_V4;
                bytes.extend_from_slice(&ip.octets());
            }
            Some(IpAddr::V6(ip)) => {
                bytes[0] |= ONLY_FROM_V6;
                bytes.extend_from_slice(&ip.octets());
            }
        }
        if flow.connection != ConnectionId::NONE {
            bytes.extend_from_slice(&flow.connection.0.to_be_bytes());
        }
        let mac = self.mac(&bytes);
        bytes.extend_from_slice(&mac);
        let mut text = [0; LONGEST.div_ceil(3) * 4];
        // The room is that of the longest.
        let length = URL_SAFE_NO_PAD
            .encode_slice(&bytes, &mut text)
            .unwrap_or_default();
        Token { text, length }
    }

    /// The flow that a token of ours names; `None` for any other text.
    pub(super) fn read(&self, text: &str) -> Option<Said> {
        let mut bytes = [0; LONGEST.div_ceil(3) * 3];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (bytes, mac) = bytes.get(..length)?.split_last_chunk::<MAC>()?;
        if self.mac(bytes) != *mac {
            return None;
        }
        let (&first, mut rest) = bytes.split_first()?;
        let kind = first & !ONLY_FROM_V6;
        let mut address = |is_six: bool| {
            let ip: IpAddr = if is_six {
                Ipv6Addr::from(take::<16>(&mut rest)?).into()
            } else {
                Ipv4Addr::from(take::<4>(&mut rest)?).into()
            };
            Some(SocketAddr::new(
                ip,
                u16::from_be_bytes(take::<2>(&mut rest)?),
            ))
        };
        let local = address(kind & 2 != 0)?;
        let peer = address(kind & 1 != 0)?;
        let only_from = match first & ONLY_FROM_V6 {
            ONLY_FROM_V4 => Some(Ipv4Addr::from(take::<4>(&mut rest)?).into()),
            ONLY_FROM_V6 => Some(Ipv6Addr::from(take::<16>(&mut rest)?).into()),
            _ => None,
        };
        let connection = take::<8>(&mut rest).map_or(0, u64::from_be_bytes);
        let flow = Flow {
            transport: *TRANSPORTS.get(usize::from(kind >> 2))?,
            local,
            peer,
            connection: ConnectionId(connection),
        };
        Some(Said { flow, only_from })
    }

    fn mac(&self, bytes: &[u8]) -> [u8; MAC] {
        let mut hasher = self.key;
        hasher.write(bytes);
        hasher.finish().to_be_bytes()
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}

impl Token {
    pub(super) fn as_str(&self) -> &str {
        self.text
            .get(..self.length)
            .and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or_default()
    }
}

/// Without the key: whoever knows it can make tokens.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flows() -> [Flow; 3] {
        let flow = |transport, local: &str, peer: &str, connection| Flow {
            transport,
            local: local.parse().unwrap(),
            peer: peer.parse().unwrap(),
            connection: ConnectionId(connection),
        };
        [
            flow(Transport::Udp, "10.0.0.1:5080", "10.0.0.2:5060", 0),
            flow(
                Transport::Wss,
                "[2001:db8::1]:5083",
                "[2001:db8::2]:40000",
                u64::MAX,
            ),
            flow(Transport::Tcp, "10.0.0.1:5080", "10.0.0.2:40000", 7),
        ]
    }

    #[test]
    fn a_token_leads_back_to_its_flow() {
        let tokens = Tokens::new(&[1; 16]);
        for flow in flows() {
            let addresses = ["10.0.0.3", "2001:db8::3"].map(|ip| Some(ip.parse().unwrap()));
            for only_from in [None].into_iter().chain(addresses) {
                let said = tokens.read(tokens.write(&flow, only_from).as_str());
                assert_eq!(said, Some(Said { flow, only_from }));
            }
        }
        assert_eq!(tokens.write(&flows()[0], None).as_str().len(), 28);
    }

    #[test]
    fn nobody_else_makes_a_token() {
        let (ours, theirs) = (Tokens::new(&[1; 16]), Tokens::new(&[2; 16]));
        for flow in flows() {
            assert_eq!(ours.read(theirs.write(&flow, None).as_str()), None);
            let token = ours.write(&flow, Some("10.0.0.3".parse().unwrap()));
            for at in 0..token.length {
                let mut forged = token.as_str().to_owned().into_bytes();
                forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
                assert_eq!(ours.read(std::str::from_utf8(&forged).unwrap()), None);
            }
        }
        for text in ["", "alice", "AAAAAAAAAAAA", &"A".repeat(500), "é"] {
            assert_eq!(ours.read(text), None, "{text}");
        }
    }
}
