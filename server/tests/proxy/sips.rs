//! `sips:` goes by TLS on the whole way, or not at all: RFC 3261 section 26.2.2, RFC 5630 section 5.3.

use sip::msg::Name;
use sip::name::Transport::{self, Tcp, Tls, Udp, Wss};

use crate::rig::{ALICE, BOB, CAROL, Rig, invite, list};
use crate::support::Request;

fn call(transport: Transport, uri: &str) -> Request {
    invite().with(|r| {
        r.uri = uri.to_owned();
        r.via = r.via.replace("UDP", transport.via_token());
    })
}

#[test]
fn a_phone_that_is_not_reached_by_tls_is_480_with_a_warning() {
    for transport in [Udp, Tcp, Transport::Ws] {
        let mut rig = Rig::new();
        rig.register_by(BOB, transport, "bob", "");
        rig.heard(BOB);
        let heard = rig.exchange(ALICE, Tls, call(Tls, "sips:bob@click.test").bytes());
        let refused = heard.last().unwrap();
        assert_eq!(refused.status(), Some(480));
        let warning = refused.text(Name::Warning).unwrap();
        assert_eq!(warning, "380 crosspoint \"SIPS Not Allowed\"");
        // To says what is asked for, too.
        let to = call(Tls, "sip:bob@click.test").cseq(2);
        let to = to.with(|r| r.to = "<sips:bob@click.test>".to_owned());
        let heard = rig.exchange(ALICE, Tls, to.bytes());
        assert_eq!(heard.last().unwrap().status(), Some(480));
        assert_eq!(rig.heard(BOB), [], "nothing in clear");
    }
}

#[test]
fn phones_on_tls_ring_and_no_others() {
    for transport in [Tls, Wss] {
        let mut rig = Rig::new();
        rig.register_by(BOB, transport, "bob", "");
        rig.register(CAROL, "bob", "");
        rig.heard(BOB);
        rig.heard(CAROL);
        rig.exchange(ALICE, Tls, call(Tls, "sips:bob@click.test").bytes());
        let copy = rig.one(BOB);
        assert_eq!(copy.request_uri(), Some("sips:bob@10.0.0.3:5060"));
        assert_eq!(copy.via().unwrap().transport(), Some(transport));
        assert_eq!(rig.heard(CAROL), []);
    }
}

#[test]
fn what_came_in_clear_goes_no_further() {
    let mut rig = Rig::new();
    rig.register_by(BOB, Tls, "bob", "");
    rig.heard(BOB);
    for (cseq, transport) in [(1, Udp), (2, Tcp)] {
        let request = call(transport, "sips:bob@click.test").cseq(cseq);
        let heard = rig.exchange(ALICE, transport, request.bytes());
        assert_eq!(heard.last().unwrap().status(), Some(403));
    }
    assert_eq!(rig.heard(BOB), []);
}

/// RFC 5630 section 5.3, RFC 5658 section 4: each side is recorded as it is.
#[test]
fn a_call_to_sip_reaches_a_phone_for_tls_alone_by_tls_and_as_sip() {
    let mut rig = Rig::new();
    let register = Request::register("bob").call_id("r");
    rig.register_with(BOB, Tls, register.contact("<sips:bob@10.0.0.3:5061>"));
    rig.heard(BOB);
    rig.ask(&invite());
    let copy = rig.one(BOB);
    assert_eq!(copy.request_uri(), Some("sip:bob@10.0.0.3:5061"));
    assert_eq!(copy.via().unwrap().transport(), Some(Tls));
    let routes = list(&copy, Name::RecordRoute);
    assert!(
        routes[0].starts_with("<sip:") && routes[0].ends_with(";transport=tls;lr>"),
        "{routes:?}"
    );
    assert!(
        routes[1].starts_with("<sip:") && routes[1].ends_with(";transport=udp;lr>"),
        "{routes:?}"
    );
}
