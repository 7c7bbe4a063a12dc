//! RFC 4475 section 3.1.1: valid messages are understood.

use crate::rig::{Rig, answer, ask, contacts, nobody, octets, passed_on, silence, told};

const USER: &str = "sip:user@example.com";

/// 3.1.1.1. Its To has a tag, so it is of a dialog, and none that stands by us.
#[test]
fn wsinv() {
    let answer = ask("wsinv", Rig::new, |response, _| {
        assert_eq!(response.vias().count(), 3);
    });
    assert_eq!(answer, told(481, "Call/Transaction Does Not Exist"));
}

/// 3.1.1.2. Whatever its method, it is for a phone.
#[test]
fn intmeth() {
    passed_on(
        "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com",
        "intmeth",
    );
    assert_eq!(answer("intmeth"), nobody());
}

/// 3.1.1.3. The user part is `sips:user@example.com` and stands for nobody's AOR but its own.
#[test]
fn esc01() {
    assert_eq!(answer("esc01"), nobody());
    passed_on("sip:sips%3auser%40example.com@EXAMPLE.net", "esc01");
}

/// 3.1.1.4. Two contacts that differ by a NUL are two bindings.
#[test]
fn escnull() {
    let answer = ask("escnull", Rig::new, |response, rig| {
        assert_eq!(
            contacts(response),
            [
                "<sip:%00%00@host5.example.com>",
                "<sip:%00@host5.example.com>"
            ]
        );
        assert_eq!(rig.stage.phones().count(), 1);
    });
    assert_eq!(answer, told(200, "OK"));
}

/// 3.1.1.5. `RE%47IST%45R` is not REGISTER, nor any method that the server itself has.
#[test]
fn esc02() {
    let answer = ask("esc02", Rig::new, |_, rig| {
        assert_eq!(rig.stage.phones().count(), 0);
    });
    assert_eq!(answer, told(405, "Method Not Allowed"));
}

/// 3.1.1.6.
#[test]
fn lwsdisp() {
    passed_on(USER, "lwsdisp");
}

/// 3.1.1.7.
#[test]
fn longreq() {
    passed_on(USER, "longreq");
    let answer = ask("longreq", Rig::new, |response, _| {
        assert_eq!(response.vias().count(), 34);
    });
    assert_eq!(answer, nobody());
}

/// 3.1.1.8. The REGISTER is carried out; the INVITE behind it is never answered.
#[test]
fn dblreq() {
    let answer = ask("dblreq", Rig::new, |response, rig| {
        assert_eq!(contacts(response), ["<sip:j.user@host.example.com>"]);
        assert_eq!(rig.stage.phones().count(), 1);
    });
    assert_eq!(answer, told(200, "OK"));
}

/// 3.1.1.9. The AOR has a `;` in its user part.
#[test]
fn semiuri() {
    let aor = "sip:user;par=u%40example.net@example.com";
    passed_on(aor, "semiuri");
    assert_eq!(answer("semiuri"), nobody());
}

/// 3.1.1.10. The Vias below the top are none of our business.
#[test]
fn transports() {
    passed_on(USER, "transports");
}

/// 3.1.1.11. Its Route names us; its body goes on octet for octet.
#[test]
fn mpart01() {
    passed_on("sip:kumiko@example.org", "mpart01");
}

/// 3.1.1.12. A response to nothing that we asked.
#[test]
fn unreason() {
    silence("unreason");
}

/// 3.1.1.13. Another one.
#[test]
fn noreason() {
    silence("noreason");
    assert!(octets("noreason").starts_with(b"SIP/2.0 100 \r\n"));
}
