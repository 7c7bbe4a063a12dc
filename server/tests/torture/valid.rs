//! RFC 4475 section 3.1.1: valid messages are understood.

use sip::msg::Name;

use crate::rig::{Rig, answer, answer_for, ask, contacts, octets, silence, told, understood};

const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER";
const USER: &str = "sip:user@example.com";

/// 3.1.1.1. Its To has a tag, so it is of a dialog, and that is none of ours. A proxy passes it on by its Route.
#[test]
fn wsinv() {
    let answer = ask("wsinv", Rig::new, |response, _| {
        assert_eq!(response.vias().count(), 3);
    });
    assert_eq!(answer, told(481, "Call/Transaction Does Not Exist"));
}

/// 3.1.1.2. A method that is none of ours. A proxy passes it on.
#[test]
fn intmeth() {
    let answer = ask("intmeth", Rig::new, |response, _| {
        assert_eq!(response.text(Name::Allow).unwrap(), ALLOW);
    });
    assert_eq!(answer, told(405, "Method Not Allowed"));
}

/// 3.1.1.3. The user part is `sips:user@example.com` and stands for nobody's AOR but its own.
#[test]
fn esc01() {
    assert_eq!(answer_for(USER, "esc01"), told(404, "Not Found"));
    assert_eq!(
        answer_for("sip:sips%3auser%40example.com@EXAMPLE.net", "esc01"),
        understood()
    );
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

/// 3.1.1.5. `RE%47IST%45R` is not REGISTER.
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
    assert_eq!(answer_for(USER, "lwsdisp"), understood());
}

/// 3.1.1.7.
#[test]
fn longreq() {
    let answer = ask(
        "longreq",
        |shards| Rig::with_phone(shards, USER),
        |response, _| assert_eq!(response.vias().count(), 34),
    );
    assert_eq!(answer, understood());
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
    assert_eq!(answer_for(aor, "semiuri"), understood());
    assert_eq!(answer_for(USER, "semiuri"), told(404, "Not Found"));
}

/// 3.1.1.10. The Vias below the top are none of our business.
#[test]
fn transports() {
    assert_eq!(answer_for(USER, "transports"), understood());
}

/// 3.1.1.11. MESSAGE is none of our methods; a proxy passes it on, its body octet for octet. Its Route names us.
#[test]
fn mpart01() {
    assert_eq!(answer("mpart01"), told(405, "Method Not Allowed"));
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
