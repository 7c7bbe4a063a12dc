//! RFC 5118 section 4: addresses of IPv6 are understood wherever they stand.

use crate::rig::{Rig, answer, ask, contacts, octets, passed_on, told};
use crate::support::PEER;

fn is_registered(name: &str) {
    let answer = ask(name, Rig::new, |response, _| {
        assert_eq!(contacts(response), ["<sip:caller@[2001:db8::1]>"]);
    });
    assert_eq!(answer, told(200, "OK"));
}

/// 4.1.
#[test]
fn ipv6_good() {
    is_registered("ipv6-good");
}

/// 4.2.
#[test]
fn ipv6_bad() {
    assert_eq!(answer("ipv6-bad"), told(400, "Malformed Request-URI"));
}

/// 4.3. An address can name no domain, so a REGISTER to any is taken.
#[test]
fn port_ambiguous() {
    is_registered("port-ambiguous");
}

/// 4.4.
#[test]
fn port_unambiguous() {
    is_registered("port-unambiguous");
}

/// 4.5. Of no dialog of ours; the `received` that leads astray is replaced.
#[test]
fn via_received_param_with_delim() {
    is_stamped_anew("via-received-param-with-delim");
}

/// 4.5.
#[test]
fn via_received_param_no_delim() {
    is_stamped_anew("via-received-param-no-delim");
}

fn is_stamped_anew(name: &str) {
    let answer = ask(name, Rig::new, |response, _| {
        assert_eq!(response.via().unwrap().received(), Some(PEER.ip()));
    });
    assert_eq!(answer, told(481, "Call/Transaction Does Not Exist"));
}

/// 4.6.
#[test]
fn ipv6_in_sdp() {
    let aor = "sip:user@[2001:db8:0::10]";
    passed_on(aor, "ipv6-in-sdp");
}

/// 4.7. Of no dialog that stands by us; answered to where it came from, at the port that its top Via names.
#[test]
fn mult_ip_in_header() {
    assert_eq!(
        answer("mult-ip-in-header"),
        told(481, "Call/Transaction Does Not Exist")
    );
    let sent = Rig::new(1).send(octets("mult-ip-in-header"));
    assert_eq!((sent[0].to.ip(), sent[0].to.port()), (PEER.ip(), 6_050));
}

/// 4.8.
#[test]
fn mult_ip_in_sdp() {
    let aor = "sip:user@[2001:db8::10]";
    passed_on(aor, "mult-ip-in-sdp");
}

/// 4.9.
#[test]
fn ipv4_mapped_ipv6() {
    passed_on("sip:user@example.com", "ipv4-mapped-ipv6");
    let sent = Rig::new(1).send(octets("ipv4-mapped-ipv6"));
    assert_eq!(sent[0].to.port(), 19_823);
}

/// 4.10. One address, written in two ways.
#[test]
fn ipv6_bug_abnf_3_colons() {
    let aor = "sip:user@[2001:db8::192.0.2.1]";
    passed_on(aor, "ipv6-bug-abnf-3-colons");
}

/// 4.10.
#[test]
fn ipv6_correct_abnf_2_colons() {
    let aor = "sip:user@[2001:db8::c000:201]";
    passed_on(aor, "ipv6-correct-abnf-2-colons");
}
