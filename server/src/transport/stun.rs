//! STUN binding requests on a SIP port (RFC 5389 sections 6 and 7, RFC 5626 section 4.4.2): a phone behind a NAT asks
//! what its address looks like from here, and keeps the NAT's mapping alive with it.
//!
//! Pure. Only what has the magic cookie is answered, and a source is answered no more often than it may send requests
//! (`limits.requests_per_source`). RFC 5389 makes an answer longer than the shortest request, which has 20 octets: by 12
//! for IPv4, 24 for IPv6, 16 for a refusal. On the wire, with the headers of IP and UDP, that is at most 1.4 times as
//! much, and nothing that the request may leave out is put in; so nobody gains by naming another source.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

const HEADER: usize = 20;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;

const ERROR_CODE: u16 = 0x0009;
const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;

/// Attributes that have to be understood and are: those of authentication, which nobody is asked for (section 10).
const UNDERSTOOD: [u16; 3] = [0x0006, 0x0008, 0x0014];

/// Whether a datagram is STUN and no SIP: its first two bits are zero, which no letter and no line end with the cookie
/// behind it has (RFC 5389 section 6).
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    datagram.len() >= HEADER && datagram[0] < 0x40 && datagram[4..8] == COOKIE
}

/// The response to a binding request from `peer`; `None` for everything else.
pub(crate) fn answer(datagram: &[u8], peer: SocketAddr) -> Option<Bytes> {
    if !is_stun(datagram) || number(datagram, 0)? != BINDING_REQUEST {
        return None;
    }
    let attributes = &datagram[HEADER..];
    if usize::from(number(datagram, 2)?) != attributes.len() || !attributes.len().is_multiple_of(4)
    {
        return None;
    }
    let transaction = &datagram[8..HEADER];
    let unknown = unknown(attributes)?;
    if unknown.is_empty() {
        let mapped = mapped(peer, transaction);
        let attributes = [(XOR_MAPPED_ADDRESS, &mapped[..])];
        return Some(message(BINDING_SUCCESS, transaction, &attributes));
    }
    let attributes = [
        (ERROR_CODE, &[0, 0, 4, 20][..]),
        (UNKNOWN_ATTRIBUTES, &unknown[..]),
    ];
    Some(message(BINDING_ERROR, transaction, &attributes))
}

/// The kinds of all attributes that have to be understood and are not (section 7.3.1), as they are told; `None` where
/// the attributes are malformed. Each takes four octets at least in the request, and two in the answer.
fn unknown(mut attributes: &[u8]) -> Option<Vec<u8>> {
    let mut unknown = Vec::new();
    while !attributes.is_empty() {
        let (kind, length) = (number(attributes, 0)?, number(attributes, 2)?);
        if kind < 0x8000 && !UNDERSTOOD.contains(&kind) {
            unknown.extend(kind.to_be_bytes());
        }
        attributes = attributes.get(4 + usize::from(length).next_multiple_of(4)..)?;
    }
    Some(unknown)
}

/// Section 15.2: the address, masked so that no helpful NAT rewrites it.
fn mapped(peer: SocketAddr, transaction: &[u8]) -> Vec<u8> {
    let mask: Vec<u8> = COOKIE.iter().chain(transaction).copied().collect();
    let (family, address) = match peer.ip().to_canonical() {
        IpAddr::V4(v4) => (1, v4.octets().to_vec()),
        IpAddr::V6(v6) => (2, v6.octets().to_vec()),
    };
    let mut value = vec![0, family];
    let port = peer.port().to_be_bytes();
    value.extend(port.iter().zip(&mask).map(|(a, b)| a ^ b));
    value.extend(address.iter().zip(&mask).map(|(a, b)| a ^ b));
    value
}

fn message(kind: u16, transaction: &[u8], attributes: &[(u16, &[u8])]) -> Bytes {
    let mut body = Vec::with_capacity(24);
    for (kind, value) in attributes {
        body.extend(kind.to_be_bytes());
        body.extend(u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
        body.extend(*value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut message = Vec::with_capacity(HEADER + body.len());
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(body.len()).unwrap_or(0).to_be_bytes());
    message.extend(COOKIE);
    message.extend(transaction);
    message.extend(body);
    message.into()
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at + 2)?;
    Some(u16::from_be_bytes([pair[0], pair[1]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSACTION: [u8; 12] = [
        0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
    ];

    fn request(attributes: &[(u16, &[u8])]) -> Bytes {
        message(BINDING_REQUEST, &TRANSACTION, attributes)
    }

    /// The addresses and masked values of RFC 5769 sections 2.2 and 2.3.
    #[test]
    fn the_address_is_that_of_the_test_vectors() {
        for (peer, value) in [
            ("192.0.2.1:32853", "0001a147e112a643"),
            (
                "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
                "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9",
            ),
        ] {
            let answer = answer(&request(&[]), peer.parse().unwrap()).unwrap();
            let hex: String = answer.iter().map(|byte| format!("{byte:02x}")).collect();
            let length = value.len() / 2;
            assert_eq!(
                hex,
                format!(
                    "0101{:04x}2112a442b7e7a701bc34d686fa87dfae0020{length:04x}{value}",
                    length + 4
                )
            );
            assert!(answer.len() <= HEADER + 24);
            let headers = if value.len() == 16 { 20 + 8 } else { 40 + 8 };
            let (asked, answered) = (headers + HEADER, headers + answer.len());
            assert!(answered * 10 <= asked * 14, "{asked} {answered}");
        }
    }

    #[test]
    fn what_has_to_be_understood_and_is_not_is_refused() {
        let peer = "192.0.2.1:1".parse().unwrap();
        let asked = request(&[(0x8022, b"soft"), (0x0003, &[0; 4])]);
        let refused = answer(&asked, peer).unwrap();
        assert!(refused.len() <= HEADER + 16);
        assert_eq!(number(&refused, 0), Some(BINDING_ERROR));
        assert_eq!(refused[HEADER + 6..HEADER + 8], [4, 20]);
        assert_eq!(number(&refused, HEADER + 10), Some(2));
        assert_eq!(number(&refused, HEADER + 12), Some(0x0003));
        let several = request(&[(0x0003, &[0; 4]), (0x0006, b"u"), (0x7fff, &[])]);
        let refused = answer(&several, peer).unwrap();
        assert_eq!(refused[HEADER + 8..], [0, 10, 0, 4, 0, 3, 0x7f, 0xff]);
        let understood = answer(&request(&[(0x8022, b"soft"), (0x0006, b"u")]), peer).unwrap();
        assert_eq!(number(&understood, 0), Some(BINDING_SUCCESS));
    }

    #[test]
    fn nothing_else_is_answered() {
        let peer = "192.0.2.1:1".parse().unwrap();
        let good = request(&[(0x8022, b"soft")]);
        for cut in 0..good.len() {
            assert_eq!(answer(&good[..cut], peer), None, "{cut}");
        }
        let mut response = good.to_vec();
        response[0] = 1;
        assert_eq!(answer(&response, peer), None, "a response makes no loop");
        let mut old = good.to_vec();
        old[4] = 0;
        assert_eq!(answer(&old, peer), None, "RFC 3489");
        let mut wrong = good.to_vec();
        wrong[HEADER + 3] = 200;
        assert_eq!(answer(&wrong, peer), None, "longer than the message");
        assert!(!is_stun(b"OPTIONS sip:x SIP/2.0\r\n\r\n"));
        assert!(!is_stun(b"\r\n\r\n"));
    }
}
