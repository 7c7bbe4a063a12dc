//! RFC 4475 section 3.1.1: valid messages that a careless parser refuses, or reads wrongly.

use bytes::Bytes;
use sip::msg::{Method, Name, lex};
use sip::name::{Aor, Host};

use crate::{contacts, framed, good, octets};

/// 3.1.1.1: blanks and folds wherever they may stand, compact names, odd case, an empty header, unknown ones.
#[test]
fn wsinv() {
    let invite = good("wsinv");
    assert_eq!(invite.method(), Some(&Method::Invite));
    let uri = invite.uri().unwrap();
    assert_eq!(uri.host(), Host::Name("chair.example.com"));
    assert_eq!(uri.param("unknownparam"), Some(None));
    assert_eq!(invite.to().unwrap().tag(), Some("1918181833n"));
    let from = invite.from().unwrap();
    assert_eq!(from.display().as_deref(), Some("J Rossi \\\""));
    assert_eq!(from.tag(), Some("98asjd8"));
    assert_eq!(invite.max_forwards(), Ok(Some(68)));
    assert_eq!(invite.cseq(), Ok((9, Method::Invite)));
    assert_eq!(invite.text(Name::Subject).as_deref(), Some(""));
    let folded = String::from_utf8(invite.other("newfangledheader").unwrap().to_vec()).unwrap();
    assert_eq!(folded, "newfangled value\r\n continued newfangled value");
    assert_eq!(
        invite.other("UnknownHeaderWithUnusualValue").unwrap(),
        b";;,,;;,;"
    );
    let route = invite.routes().next().unwrap().unwrap().uri().unwrap();
    assert!(route.is_loose());
    assert_eq!(route.param("unknownwith"), Some(Some("value")));
    let vias: Vec<_> = invite.vias().map(Result::unwrap).collect();
    let branches: Vec<_> = vias.iter().map(|via| via.branch().unwrap()).collect();
    assert_eq!(branches, ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]);
    let transports: Vec<_> = vias.iter().map(|via| via.transport_text()).collect();
    assert_eq!(transports, ["UDP", "TCP", "UDP"]);
    let contact = contacts(&invite)[0];
    assert_eq!(contact.display().as_deref(), Some("Quoted string \"\""));
    assert_eq!(
        (contact.q(), contact.param("newparam")),
        (Some(330), Some(Some("newvalue")))
    );
    assert_eq!(contact.param("secondparam"), Some(None));
    assert!(invite.body().starts_with(b"v=0\r\n"));
}

/// 3.1.1.2: every character that may stand in a method, a user part, a display name, a token, a Call-ID.
#[test]
fn intmeth() {
    let odd = good("intmeth");
    let method = "!interesting-Method0123456789_*+`.%indeed'~";
    assert_eq!(odd.method().unwrap().as_str(), method);
    let uri = odd.uri().unwrap();
    assert_eq!(
        uri.user(),
        Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*")
    );
    assert_eq!(
        uri.password(),
        Some("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)")
    );
    assert_eq!(odd.via().unwrap().branch(), Some("z9hG4bK-.!%66*_+`'~"));
    assert_eq!(
        odd.to().unwrap().display().as_deref(),
        Some("BEL:\u{7} NUL:\0 DEL:\u{7f}")
    );
    let from = odd.from().unwrap();
    assert_eq!(
        from.display().as_deref(),
        Some("token1~` token2'+_ token3*%!.-")
    );
    assert_eq!(from.tag(), Some("_token~1'+`*%!-."));
    assert_eq!(from.param("fromParam''~+*_!.-%"), Some(Some("работающий")));
    assert_eq!(
        odd.call_id(),
        Ok("intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{")
    );
    assert_eq!(odd.cseq().unwrap().0, 139_122_385);
    assert_eq!(odd.max_forwards(), Ok(Some(255)));
    assert!(odd.other("extensionHeader-!.%*+_`'~").is_some());
}

/// 3.1.1.3: escapes stand for what they stand for, once, in user parts and in names of parameters.
#[test]
fn esc01() {
    let invite = good("esc01");
    let uri = invite.uri().unwrap();
    assert_eq!(uri.user(), Some("sips%3Auser%40example.com"));
    assert_eq!(uri.host(), Host::Name("example.net"));
    let to = invite.to().unwrap().uri().unwrap();
    assert_eq!(Aor::from_uri(to).unwrap().as_str(), "sip:user@example.com");
    let from = Aor::from_uri(invite.from().unwrap().uri().unwrap()).unwrap();
    assert_eq!(from.as_str(), "sip:I%20have%20spaces@example.net");
    let contact = contacts(&invite)[0].uri().unwrap();
    assert!(contact.is_loose(), "%6C%72 is lr");
    assert_eq!(contact.param("name"), Some(Some("v%61lue%25%34%31")));
    let plain = "sip:caller@host5.example.net;lr;name=value%2541";
    let plain = sip::name::UriRef::parse(plain).unwrap();
    assert!(contact.equivalent(&plain) && plain.equivalent(&contact));
    let twice = "sip:caller@host5.example.net;lr;name=valueA";
    let twice = sip::name::UriRef::parse(twice).unwrap();
    assert!(!contact.equivalent(&twice), "%25%34%31 is %41, and not A");
}

/// 3.1.1.4: an escaped NUL ends nothing.
#[test]
fn escnull() {
    let register = good("escnull");
    let aor = Aor::from_uri(register.to().unwrap().uri().unwrap()).unwrap();
    assert_eq!(aor.as_str(), "sip:null-%00-null@example.com");
    let contacts = contacts(&register);
    let users: Vec<_> = contacts.iter().map(|c| c.uri().unwrap().user()).collect();
    assert_eq!(users, [Some("%00"), Some("%00%00")]);
    let [one, two] = [contacts[0], contacts[1]].map(|contact| contact.uri().unwrap());
    assert!(!one.equivalent(&two));
}

/// 3.1.1.5: a `%` outside of URIs is a character like any other.
#[test]
fn esc02() {
    let odd = good("esc02");
    let method = Method::Extension("RE%47IST%45R".into());
    assert_eq!(odd.method(), Some(&method));
    assert_eq!(odd.cseq(), Ok((29_344, method)));
    assert_eq!(odd.to().unwrap().display().as_deref(), Some("%Z%45"));
    assert_eq!(odd.via().unwrap().branch(), Some("z9hG4bK209%fzsnel234"));
    let hosts: Vec<_> = contacts(&odd)
        .iter()
        .map(|contact| contact.uri().unwrap().host().to_string())
        .collect();
    assert_eq!(hosts, ["host1.example.com", "host3.example.com"]);
    assert!(odd.other("C%6Fntact").is_some());
}

/// 3.1.1.6: no blank between a display name and `<`.
#[test]
fn lwsdisp() {
    let options = good("lwsdisp");
    let from = options.from().unwrap();
    assert_eq!(from.display().as_deref(), Some("caller"));
    assert_eq!(
        (from.uri_text(), from.tag()),
        ("sip:caller@example.com", Some("323"))
    );
}

/// 3.1.1.7: long values, and many Vias.
#[test]
fn longreq() {
    let invite = good("longreq");
    let to = invite.to().unwrap();
    assert_eq!(to.display().unwrap().len(), 103);
    assert_eq!(to.uri().unwrap().port(), Some(6_000));
    assert_eq!(to.uri().unwrap().params().count(), 3);
    let from = invite.from().unwrap();
    assert_eq!(from.tag().unwrap().len(), 302);
    assert_eq!(from.uri().unwrap().user().unwrap().len(), 115);
    assert_eq!(from.params().count(), 3);
    assert_eq!(invite.vias().flatten().count(), 34);
    assert_eq!(invite.via().unwrap().branch(), None);
    let last = invite.vias().last().unwrap().unwrap();
    assert_eq!(last.branch().unwrap().len(), 215);
    assert_eq!(last.received().unwrap().to_string(), "192.0.2.5");
}

/// 3.1.1.8: what follows the message in its datagram is not a message, nor a part of this one.
#[test]
fn dblreq() {
    let register = good("dblreq");
    assert_eq!(register.method(), Some(&Method::Register));
    assert!(register.body().is_empty());
    assert_eq!(register.content_length(), Some(0));
    let rest = octets("dblreq").slice(register.bytes().len()..);
    assert_eq!(
        lex(rest).unwrap().call_id(),
        Ok("dblreq.0ha0isnda977644900765@192.0.2.15")
    );
}

/// 3.1.1.9: a `;` before the `@` belongs to the user part.
#[test]
fn semiuri() {
    let options = good("semiuri");
    let uri = options.uri().unwrap();
    assert_eq!(uri.user(), Some("user;par=u%40example.net"));
    assert_eq!(
        (uri.host(), uri.params().count()),
        (Host::Name("example.com"), 0)
    );
    let accepted: Vec<_> = options.values(Name::Accept).collect();
    assert_eq!(accepted.len(), 6);
    assert_eq!(accepted[5], b"message/sipfrag");
}

/// 3.1.1.10: Vias of every transport, also of unknown ones.
#[test]
fn transports() {
    let options = good("transports");
    let vias: Vec<_> = options.vias().map(Result::unwrap).collect();
    let texts: Vec<_> = vias.iter().map(|via| via.transport_text()).collect();
    assert_eq!(texts, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
    let known: Vec<_> = vias.iter().map(|via| via.transport().is_some()).collect();
    assert_eq!(known, [true, false, true, false, true]);
}

/// 3.1.1.11: a body of parts with octets of every value, line ends and empty lines among them.
#[test]
fn mpart01() {
    let message = good("mpart01");
    assert_eq!(message.method(), Some(&Method::Message));
    assert_eq!(message.content_type(), Some("multipart/mixed"));
    let body = message.body();
    assert_eq!(message.content_length().unwrap() as usize, body.len());
    let every: Vec<u8> = (0..=255).collect();
    assert!(body.windows(256).any(|window| window == every));
    assert!(body.ends_with(b"--7a9cbec02ceef655--\r\n"));
}

/// 3.1.1.12: a reason phrase of any characters, UTF-8.
#[test]
fn unreason() {
    let response = good("unreason");
    assert_eq!(response.status(), Some(200));
    assert_eq!(
        response.reason(),
        "= 2**3 * 5**2 но сто девяносто девять - простое"
    );
}

/// 3.1.1.13: an empty reason phrase.
#[test]
fn noreason() {
    let response = good("noreason");
    assert_eq!(response.status(), Some(100));
    assert_eq!(response.reason(), "");
    assert!(response.bytes().starts_with(b"SIP/2.0 100 \r\n"));
    let without_blank = Bytes::from(
        String::from_utf8(framed("noreason").bytes().to_vec())
            .unwrap()
            .replacen("100 \r\n", "100\r\n", 1),
    );
    assert_eq!(lex(without_blank).unwrap().verify(), Ok(()));
}
