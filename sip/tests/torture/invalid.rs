//! RFC 4475 section 3.1.2: invalid messages. Each is framed, so that it can be answered; where the RFC lets the
//! receiver choose between an answer and tolerance, the choice is told.

use sip::limits::MAX_MESSAGE;
use sip::msg::{Frame, Framer, Method, Unframeable};

use crate::{contacts, fault, framed, good, octets};

/// 3.1.2.1: separators without anything between them.
#[test]
fn badinv01() {
    assert_eq!(fault("badinv01"), (400, "Malformed Via"));
    assert!(framed("badinv01").via().is_ok(), "it can be answered");
}

/// 3.1.2.2: Content-Length larger than what came. As a datagram it is bad; on a stream the rest is waited for.
#[test]
fn clerr() {
    assert_eq!(
        fault("clerr"),
        (400, "Content-Length larger than the datagram")
    );
    let mut framer = Framer::new(MAX_MESSAGE);
    framer.push(&octets("clerr"));
    assert_eq!(framer.next(), None);
    let missing = 9_999 - framed("clerr").body().len();
    framer.push(&vec![b'x'; missing]);
    assert!(matches!(framer.next(), Some(Ok(Frame::Message(m))) if m.body().len() == 9_999));
}

/// 3.1.2.3: a negative Content-Length. On a stream nobody knows where the next message begins.
#[test]
fn ncl() {
    assert_eq!(fault("ncl"), (400, "Malformed Content-Length"));
    let mut framer = Framer::new(MAX_MESSAGE);
    framer.push(&octets("ncl"));
    assert!(matches!(framer.next(), Some(Ok(Frame::Message(m))) if m.verify().is_err()));
    assert_eq!(framer.next(), Some(Err(Unframeable::NoLength)));
}

/// 3.1.2.4: numbers in a request that are larger than they may be.
#[test]
fn scalar02() {
    assert_eq!(fault("scalar02"), (400, "Malformed CSeq"));
    let register = framed("scalar02");
    assert!(register.max_forwards().is_err());
    // Of intervals the largest is kept: the registrar cuts them anyway.
    assert_eq!(register.expires(), Some(u32::MAX));
    assert_eq!(contacts(&register)[0].expires(), Some(u32::MAX));
}

/// 3.1.2.5: the same in a response.
#[test]
fn scalarlg() {
    assert_eq!(fault("scalarlg"), (400, "Malformed CSeq"));
}

/// 3.1.2.6: a quote that never ends.
#[test]
fn quotbal() {
    assert_eq!(fault("quotbal"), (400, "Malformed address"));
}

/// 3.1.2.7: a Request-URI in brackets.
#[test]
fn ltgtruri() {
    assert_eq!(fault("ltgtruri"), (400, "Malformed Request-URI"));
}

/// 3.1.2.8: a blank inside the Request-URI.
#[test]
fn lwsruri() {
    assert_eq!(fault("lwsruri"), (400, "Malformed Request-Line"));
}

/// 3.1.2.9: more than one blank between the parts of the request line. It could be tolerated; who does so would
/// have to pass on what others refuse.
#[test]
fn lwsstart() {
    assert_eq!(fault("lwsstart"), (400, "Malformed Request-Line"));
}

/// 3.1.2.10: blanks behind the request line; judged like those between its parts.
#[test]
fn trws() {
    assert_eq!(fault("trws"), (400, "Malformed Request-Line"));
}

/// 3.1.2.11: headers in the Request-URI. They are refused, so that they can never become headers.
#[test]
fn escruri() {
    assert_eq!(fault("escruri"), (400, "Headers in the Request-URI"));
}

/// 3.1.2.12: a Date in a time zone other than GMT. Nobody here reads the Date of a request, and a proxy has no
/// reason to: it passes.
#[test]
fn baddate() {
    let invite = good("baddate");
    assert_eq!(
        invite.other("date").unwrap(),
        b"Fri, 01 Jan 2010 16:00:00 EST"
    );
}

/// 3.1.2.13: a Contact whose URI has headers, but no brackets. The message is good, the Contact is not.
#[test]
fn regbadct() {
    let register = good("regbadct");
    assert!(register.contacts().next().unwrap().is_err());
}

/// 3.1.2.14: blanks inside the brackets of an address. Tolerated: what is meant is plain.
#[test]
fn badaspec() {
    let options = good("badaspec");
    let to = options.to().unwrap();
    assert_eq!(to.uri_text(), "sip:t.watson@example.org");
    assert_eq!(to.display().as_deref(), Some("Watson, Thomas"));
}

/// 3.1.2.15: a comma in a display name without quotes. Tolerated: From and To hold no lists.
#[test]
fn baddn() {
    let options = good("baddn");
    let from = options.from().unwrap();
    assert_eq!(from.display().as_deref(), Some("Bell, Alexander"));
    assert_eq!(from.tag(), Some("43"));
}

/// 3.1.2.16: another version, in the Via too.
#[test]
fn badvers() {
    assert_eq!(fault("badvers"), (505, "Version Not Supported"));
    assert!(framed("badvers").via().is_ok(), "it can be answered");
}

/// 3.1.2.17: CSeq names another method.
#[test]
fn mismatch01() {
    assert_eq!(fault("mismatch01"), (400, "CSeq names another method"));
}

/// 3.1.2.18: the same with a method nobody knows. 501 would do as well.
#[test]
fn mismatch02() {
    assert_eq!(fault("mismatch02"), (400, "CSeq names another method"));
    let method = Method::Extension("NEWMETHOD".into());
    assert_eq!(framed("mismatch02").method(), Some(&method));
}

/// 3.1.2.19: a status that fits no 32 bits.
#[test]
fn bigcode() {
    assert_eq!(fault("bigcode"), (400, "Malformed Status-Line"));
    assert_eq!(framed("bigcode").status(), Some(0));
}
