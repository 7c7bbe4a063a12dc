//! Flows (RFC 5626 section 6): what `reg-id` means, and who is promised what.

use sip::msg::Name;

use crate::desk::{Desk, tcp};
use crate::support::Request;

const INSTANCE: &str = "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"";

fn by_flow(cseq: u32, reg_id: u32) -> Request {
    Request::register("alice")
        .cseq(cseq)
        .contact(&format!("<sip:alice@10.0.0.2>;reg-id={reg_id};{INSTANCE}"))
        .header("Supported", "path, outbound")
}

#[test]
fn rfc_5626_6_a_flow_is_promised_to_who_asks_for_one() {
    let mut desk = Desk::new();
    desk.flow = tcp("10.0.0.2:40000", 1);
    let reply = desk.send(&by_flow(1, 1));
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.header(Name::Require).as_deref(), Some("outbound"));
    // Without the option, without a reg-id, or without an instance there is no promise.
    let contact = format!("<sip:alice@10.0.0.2>;reg-id=1;{INSTANCE}");
    let silent = Request::register("alice").cseq(2).contact(&contact);
    let alone = Request::register("alice")
        .cseq(3)
        .contact("<sip:alice@10.0.0.3>;reg-id=1")
        .header("Supported", "outbound");
    for request in [silent, alone] {
        let reply = desk.send(&request);
        assert_eq!((reply.status(), reply.header(Name::Require)), (200, None));
    }
    assert!(
        desk.bindings("sip:alice@click.test")
            .iter()
            .any(|binding| binding.instance().is_none() && binding.reg_id.is_none()),
        "a reg-id without an instance counts for nothing"
    );
}

#[test]
fn rfc_5626_6_flows_of_one_phone_stand_side_by_side_and_each_replaces_itself() {
    let mut desk = Desk::new();
    for (cseq, reg_id, connection, standing) in [(1, 1, 1, 1), (2, 2, 2, 2), (3, 1, 3, 2)] {
        desk.flow = tcp("10.0.0.2:40000", connection);
        assert_eq!(desk.send(&by_flow(cseq, reg_id)).status(), 200);
        assert_eq!(desk.alice().len(), standing);
    }
}

#[test]
fn rfc_5626_6_a_request_comes_by_one_flow() {
    let desk = Desk::new();
    let contacts = format!("<sip:alice@10.0.0.2>;reg-id=1;{INSTANCE}, <sip:alice@10.0.0.3>");
    let reply = desk.send(&Request::register("alice").contact(&contacts));
    assert_eq!(reply.status(), 400);
}

#[test]
fn rfc_5626_6_a_proxy_that_keeps_no_flows_is_told_of() {
    let proxied = |request: Request, path: &str| {
        request
            .header("Via", "SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKphone")
            .header("Path", path)
    };
    let desk = Desk::new();
    let reply = desk.send(&proxied(by_flow(1, 1), "<sip:edge.click.test;lr>"));
    assert_eq!(reply.status(), 439);
    let reply = desk.send(&proxied(
        by_flow(2, 1),
        "<sip:far.click.test;lr>, <sip:edge.click.test;lr;ob>",
    ));
    assert_eq!(reply.status(), 200);
    assert_eq!(desk.only().reg_id.map(u32::from), Some(1));
    // Who does not ask for it is registered without.
    let contact = format!("<sip:alice@10.0.0.2>;reg-id=1;{INSTANCE}");
    let silent = Request::register("bob").contact(&contact);
    assert_eq!(
        desk.send(&proxied(silent, "<sip:edge.click.test;lr>"))
            .status(),
        200
    );
    assert_eq!(desk.bindings("sip:bob@click.test")[0].reg_id, None);
}
