//! RFC 4475 sections 3.2 to 3.4: messages for transactions, registrars, proxies and user agents to judge. Reading them
//! must not fail.

use sip::msg::{Method, Name};
use sip::name::Scheme;

use crate::{contacts, fault, framed, good};

/// 3.2.1: the magic cookie and nothing behind it. It marks no transaction: `sip/tests/transactions/matching.rs`.
#[test]
fn badbranch() {
    assert_eq!(good("badbranch").via().unwrap().branch(), Some("z9hG4bK"));
}

/// 3.3.1: no Call-ID, no From, no To.
#[test]
fn insuf() {
    assert_eq!(fault("insuf"), (400, "Missing From"));
    let invite = framed("insuf");
    assert!(invite.to().is_err() && invite.call_id().is_err() && invite.via().is_ok());
}

/// 3.3.2: a Request-URI of a scheme that nobody knows.
#[test]
fn unkscm() {
    assert_eq!(fault("unkscm"), (416, "Unsupported URI Scheme"));
}

/// 3.3.3: one of a scheme that is known, but not here.
#[test]
fn novelsc() {
    assert_eq!(fault("novelsc"), (416, "Unsupported URI Scheme"));
    let options = framed("novelsc");
    assert_eq!(options.uri().unwrap().scheme(), Scheme::Other("soap.beep"));
}

/// 3.3.4: such schemes in To, From and Contact. Only a registrar has a reason to refuse them.
#[test]
fn unksm2() {
    let register = good("unksm2");
    let schemes = [
        register.to().unwrap(),
        register.from().unwrap(),
        contacts(&register)[0],
    ]
    .map(|address| address.uri().unwrap().scheme());
    assert_eq!(schemes, ["isbn", "http", "name"].map(Scheme::Other));
}

/// 3.3.5: extensions that nobody has.
#[test]
fn bext01() {
    let options = good("bext01");
    assert!(options.lists(Name::Require, "nothingSupportsThisEither"));
    assert!(options.lists(Name::ProxyRequire, "norDoAnyProxiesSupportThis"));
    assert_eq!(options.values(Name::Require).count(), 2);
    assert_eq!(options.values(Name::ProxyRequire).count(), 2);
}

/// 3.3.6: a body of a type that nobody knows.
#[test]
fn invut() {
    let invite = good("invut");
    assert_eq!(invite.content_type(), Some("application/unknownformat"));
    assert!(invite.body().starts_with(b"<audio>"));
}

/// 3.3.7: credentials of a scheme that nobody knows.
#[test]
fn regaut01() {
    let register = good("regaut01");
    assert_eq!(
        register.raw(Name::Authorization).unwrap(),
        b"NoOneKnowsThisScheme opaque-data=here"
    );
    assert_eq!(register.contacts().count(), 0);
}

/// 3.3.8: headers given twice that may stand once.
#[test]
fn multi01() {
    assert_eq!(fault("multi01"), (400, "A single header given twice"));
}

/// 3.3.9: two Content-Lengths that differ.
#[test]
fn mcl01() {
    assert_eq!(fault("mcl01"), (400, "Contradicting Content-Length"));
}

/// 3.3.10: a response whose second Via is the broadcast address. As a message it is good.
#[test]
fn bcast() {
    let response = good("bcast");
    let hosts: Vec<_> = response
        .vias()
        .map(|via| via.unwrap().host().to_string())
        .collect();
    assert_eq!(hosts, ["192.0.2.198", "255.255.255.255"]);
}

/// 3.3.11: no hop left.
#[test]
fn zeromf() {
    assert_eq!(good("zeromf").max_forwards(), Ok(Some(0)));
}

/// 3.3.12: without brackets the parameter is the header's.
#[test]
fn cparam01() {
    let register = good("cparam01");
    let contact = contacts(&register)[0];
    assert_eq!(contact.param("unknownparam"), Some(None));
    assert_eq!(contact.uri_text(), "sip:+19725552222@gw1.example.net");
}

/// 3.3.13: within brackets it is the URI's.
#[test]
fn cparam02() {
    let register = good("cparam02");
    let contact = contacts(&register)[0];
    assert_eq!(contact.param("unknownparam"), None);
    assert_eq!(contact.uri().unwrap().param("unknownparam"), Some(None));
}

/// 3.3.14: a Contact whose URI has a header; it is no header of this message, nor of any request to that URI.
#[test]
fn regescrt() {
    let register = good("regescrt");
    let uri = contacts(&register)[0].uri().unwrap();
    let headers: Vec<_> = uri.headers().collect();
    assert_eq!(headers, [("Route", "%3Csip:sip.example.com%3E")]);
    assert_eq!(uri.without_headers(), "sip:user@example.com");
    assert_eq!(register.routes().count(), 0);
}

/// 3.3.15: an Accept that names nothing we could send.
#[test]
fn sdp01() {
    let invite = good("sdp01");
    assert!(invite.lists(Name::Accept, "text/nobodyKnowsThis"));
}

/// 3.4.1: an INVITE of RFC 2543: no branch, no From tag, no Max-Forwards, no Content-Length, no Contact.
#[test]
fn inv2543() {
    let invite = good("inv2543");
    assert_eq!(invite.cseq(), Ok((56, Method::Invite)));
    assert_eq!(invite.via().unwrap().branch(), None);
    assert_eq!(invite.from().unwrap().tag(), None);
    assert_eq!(invite.max_forwards(), Ok(None));
    assert_eq!(invite.content_length(), None);
    assert!(invite.body().ends_with(b"a=rtpmap:31 LPC\r\n"), "the rest");
    let record = invite.record_routes().next().unwrap().unwrap();
    assert_eq!(
        record.uri().unwrap().param("maddr"),
        Some(Some("ss1.example.com"))
    );
}
