//! Requests that come late or twice: section 10.3 step 7, Call-ID and CSeq.

use server::event::PhoneCause;

use crate::desk::Desk;
use crate::support::Request;

fn register(cseq: u32) -> Request {
    Request::register("alice").cseq(cseq)
}

#[test]
fn step_7_a_later_number_updates() {
    let desk = Desk::new();
    desk.send(&register(1).contact("<sip:a@10.0.0.2>;q=0.1"));
    let reply = desk.send(&register(2).contact("<sip:a@10.0.0.2>;q=0.2"));
    assert_eq!(
        (reply.status(), reply.why()),
        (200, Some(PhoneCause::Refreshed))
    );
}

#[test]
fn step_7_a_number_that_is_not_higher_aborts_the_whole_request() {
    for (cseq, contact) in [
        (4, "<sip:a@10.0.0.2>"),
        (4, "<sip:a@10.0.0.2>;expires=0"),
        (5, "<sip:a@10.0.0.2>;expires=0"),
        (5, "<sip:A@10.0.0.2>, <sip:a@10.0.0.2>;expires=0"),
        (0, "<sip:new@10.0.0.2>, <sip:a@10.0.0.2>"),
    ] {
        let desk = Desk::new();
        desk.send(&register(5).contact("<sip:a@10.0.0.2>"));
        let reply = desk.send(&register(cseq).contact(contact));
        assert_eq!(
            (reply.status(), reply.change),
            (500, None),
            "{cseq} {contact}"
        );
        assert_eq!(desk.alice(), ["sip:a@10.0.0.2"]);
    }
}

#[test]
fn step_7_numbers_of_different_call_ids_do_not_compare() {
    let desk = Desk::new();
    desk.send(&register(5).contact("<sip:a@10.0.0.2>"));
    let reply = desk.send(
        &register(1)
            .call_id("after-a-reboot")
            .contact("<sip:a@10.0.0.2>"),
    );
    assert_eq!(reply.why(), Some(PhoneCause::Refreshed));
    let reply = desk.send(
        &register(1)
            .call_id("third")
            .contact("<sip:a@10.0.0.2>;expires=0"),
    );
    assert_eq!(reply.why(), Some(PhoneCause::Removed));
}

#[test]
fn step_7_numbers_compare_only_where_a_binding_is_touched() {
    let desk = Desk::new();
    desk.send(&register(5).contact("<sip:a@10.0.0.2>"));
    let reply = desk.send(&register(4).contact("<sip:b@10.0.0.2>"));
    assert_eq!(reply.why(), Some(PhoneCause::Bound));
}

#[test]
fn step_6_star_obeys_the_order_too() {
    let desk = Desk::new();
    desk.send(&register(5).contact("<sip:a@10.0.0.2>"));
    desk.send(&register(1).call_id("another").contact("<sip:b@10.0.0.2>"));
    for cseq in [4, 5] {
        let reply = desk.send(&register(cseq).contact("*").expires(0));
        assert_eq!((reply.status(), reply.change), (500, None));
    }
    assert_eq!(desk.alice().len(), 2);
    assert_eq!(
        desk.send(&register(6).contact("*").expires(0)).status(),
        200
    );
    assert!(desk.location.is_empty());
}

#[test]
fn the_very_same_request_again_is_done_already() {
    let mut desk = Desk::new();
    let request = register(1).contact("<sip:a@10.0.0.2>, <sip:b@10.0.0.2>;q=0.5");
    desk.send(&request);
    desk.pass(40);
    let reply = desk.send(&request);
    assert_eq!((reply.status(), &reply.change), (200, &None));
    assert_eq!(
        reply.contacts(),
        [
            "<sip:a@10.0.0.2>;expires=3560",
            "<sip:b@10.0.0.2>;expires=3560;q=0.5"
        ]
    );

    let gone = register(2).contact("*").expires(0);
    desk.send(&gone);
    assert_eq!(desk.send(&gone).status(), 200);
}
