//! RFC 4475 section 3.1.2: invalid requests are told what is wrong, invalid responses are dropped.

use crate::rig::{Rig, answer, ask, octets, passed_on, silence, told};

/// The answer is 400 with this phrase, and nothing has changed.
fn is_bad(name: &str, reason: &str) {
    let answer = ask(name, Rig::new, |_, rig| {
        assert_eq!(rig.stage.events(), []);
        assert_eq!(rig.stage.net.node(rig.stage.house).transactions(), 0);
    });
    assert_eq!(answer, told(400, reason));
}

/// 3.1.2.1.
#[test]
fn badinv01() {
    is_bad("badinv01", "Malformed Via");
}

/// 3.1.2.2.
#[test]
fn clerr() {
    is_bad("clerr", "Content-Length larger than the datagram");
}

/// 3.1.2.3.
#[test]
fn ncl() {
    is_bad("ncl", "Malformed Content-Length");
}

/// 3.1.2.4.
#[test]
fn scalar02() {
    is_bad("scalar02", "Malformed CSeq");
}

/// 3.1.2.5. A response is discarded.
#[test]
fn scalarlg() {
    silence("scalarlg");
}

/// 3.1.2.6. The answer goes to the port that the Via names.
#[test]
fn quotbal() {
    is_bad("quotbal", "Malformed address");
    assert_eq!(Rig::new(1).send(octets("quotbal"))[0].to.port(), 5_050);
}

/// 3.1.2.7.
#[test]
fn ltgtruri() {
    is_bad("ltgtruri", "Malformed Request-URI");
}

/// 3.1.2.8.
#[test]
fn lwsruri() {
    is_bad("lwsruri", "Malformed Request-Line");
}

/// 3.1.2.9.
#[test]
fn lwsstart() {
    is_bad("lwsstart", "Malformed Request-Line");
}

/// 3.1.2.10.
#[test]
fn trws() {
    is_bad("trws", "Malformed Request-Line");
}

/// 3.1.2.11.
#[test]
fn escruri() {
    is_bad("escruri", "Headers in the Request-URI");
}

/// 3.1.2.12. The Date is not read.
#[test]
fn baddate() {
    passed_on("sip:user@example.com", "baddate");
}

/// 3.1.2.13.
#[test]
fn regbadct() {
    let answer = ask("regbadct", Rig::new, |_, rig| {
        assert_eq!(rig.stage.phones().count(), 0);
    });
    assert_eq!(answer, told(400, "Malformed address"));
}

/// 3.1.2.14. Tolerated.
#[test]
fn badaspec() {
    passed_on("sip:user@example.org", "badaspec");
}

/// 3.1.2.15. Tolerated.
#[test]
fn baddn() {
    passed_on("sip:t.watson@example.org", "baddn");
}

/// 3.1.2.16.
#[test]
fn badvers() {
    assert_eq!(answer("badvers"), told(505, "Version Not Supported"));
}

/// 3.1.2.17.
#[test]
fn mismatch01() {
    is_bad("mismatch01", "CSeq names another method");
}

/// 3.1.2.18.
#[test]
fn mismatch02() {
    is_bad("mismatch02", "CSeq names another method");
}

/// 3.1.2.19. A response is discarded.
#[test]
fn bigcode() {
    silence("bigcode");
}
