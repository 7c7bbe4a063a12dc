//! RFC 5118 section 4: IPv6 addresses in messages.

use std::net::IpAddr;

use sip::msg::{Message, Method};
use sip::name::{Aor, Host};

use crate::{contacts, fault, good};

fn six(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn uri_ip(message: &Message) -> Option<IpAddr> {
    message.uri().unwrap().host().ip()
}

/// 4.1: addresses in brackets, in Request-URI, Via and Contact.
#[test]
fn ipv6_good() {
    let register = good("ipv6-good");
    assert_eq!(uri_ip(&register), Some(six("2001:db8::10")));
    assert_eq!(
        register.via().unwrap().host().ip(),
        Some(six("2001:db8::9:1"))
    );
    let contact = contacts(&register)[0].uri().unwrap();
    assert_eq!(contact.host().ip(), Some(six("2001:db8::1")));
    let address = contact.socket_addr().unwrap();
    assert_eq!(address.to_string(), "[2001:db8::1]:5060");
}

/// 4.2: a Request-URI without brackets.
#[test]
fn ipv6_bad() {
    assert_eq!(fault("ipv6-bad"), (400, "Malformed Request-URI"));
}

/// 4.3: what is inside the brackets is address, though a port was meant.
#[test]
fn port_ambiguous() {
    let register = good("port-ambiguous");
    assert_eq!(uri_ip(&register), Some(six("2001:db8::10:5070")));
    assert_eq!(register.uri().unwrap().port(), None);
}

/// 4.4: behind them is the port.
#[test]
fn port_unambiguous() {
    let register = good("port-unambiguous");
    assert_eq!(uri_ip(&register), Some(six("2001:db8::10")));
    assert_eq!(register.uri().unwrap().port(), Some(5_070));
}

/// 4.5: `received` in brackets, as many write it.
#[test]
fn via_received_param_with_delim() {
    let bye = good("via-received-param-with-delim");
    let via = bye.via().unwrap();
    assert_eq!(via.received(), Some(six("2001:db8::9:255")));
    assert_eq!(via.branch(), Some("z9hG4bKas3-111"));
}

/// 4.5: and without, as the grammar has it.
#[test]
fn via_received_param_no_delim() {
    let options = good("via-received-param-no-delim");
    let via = options.via().unwrap();
    assert_eq!(via.received(), Some(six("2001:db8::9:255")));
    assert_eq!(via.branch(), Some("z9hG4bKas3-111"));
}

/// 4.6: in the session description, which we pass on as it is, there are no brackets.
#[test]
fn ipv6_in_sdp() {
    let invite = good("ipv6-in-sdp");
    let aor = Aor::from_uri(invite.uri().unwrap()).unwrap();
    assert_eq!(aor.as_str(), "sip:user@[2001:db8::10]");
    assert_eq!(invite.content_type(), Some("application/sdp"));
    let body = String::from_utf8(invite.body().to_vec()).unwrap();
    assert!(body.contains("c=IN IP6 2001:db8::20\r\n"));
}

/// 4.7: addresses of both families in the Vias of one message.
#[test]
fn mult_ip_in_header() {
    let bye = good("mult-ip-in-header");
    assert_eq!(bye.method(), Some(&Method::Bye));
    let vias: Vec<_> = bye.vias().map(Result::unwrap).collect();
    let hosts: Vec<_> = vias.iter().map(|via| via.host().to_string()).collect();
    assert_eq!(hosts, ["[2001:db8::9:1]", "192.0.2.1", "[2001:db8::9:255]"]);
    assert_eq!(vias[0].port(), Some(6_050));
    assert_eq!(vias[2].received(), Some(six("192.0.2.200")));
}

/// 4.8: and in the session description.
#[test]
fn mult_ip_in_sdp() {
    let invite = good("mult-ip-in-sdp");
    let body = String::from_utf8(invite.body().to_vec()).unwrap();
    assert!(body.contains("c=IN IP4 192.0.2.1\r\n"));
    assert!(body.contains("c=IN IP6 2001:db8::1\r\n"));
}

/// 4.9: IPv4 addresses in the shape of IPv6.
#[test]
fn ipv4_mapped_ipv6() {
    let invite = good("ipv4-mapped-ipv6");
    let vias: Vec<_> = invite.vias().map(Result::unwrap).collect();
    assert_eq!(vias[0].host().ip(), Some(six("::ffff:192.0.2.10")));
    assert_eq!(vias[0].port(), Some(19_823));
    assert_eq!(vias[1].host().ip(), Some(six("::ffff:192.0.2.2")));
    let contact = contacts(&invite)[0].uri().unwrap();
    assert_eq!(contact.host().ip(), Some(six("::ffff:192.0.2.2")));
}

/// 4.10: three colons, which the grammar of RFC 3261 makes of two, mean two.
#[test]
fn ipv6_bug_abnf_3_colons() {
    let options = good("ipv6-bug-abnf-3-colons");
    assert_eq!(uri_ip(&options), Some(six("2001:db8::192.0.2.1")));
    let correct = good("ipv6-correct-abnf-2-colons");
    assert!(options.uri().unwrap().equivalent(&correct.uri().unwrap()));
    let aor = Aor::from_uri(options.to().unwrap().uri().unwrap()).unwrap();
    assert_eq!(aor.as_str(), "sip:user@[2001:db8::c000:201]", "sent right");
}

/// 4.10: the two colons that were meant.
#[test]
fn ipv6_correct_abnf_2_colons() {
    let options = good("ipv6-correct-abnf-2-colons");
    assert_eq!(
        options.uri().unwrap().host(),
        Host::V6("2001:db8::192.0.2.1".parse().unwrap())
    );
}
