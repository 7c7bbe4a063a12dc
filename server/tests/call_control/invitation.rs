//! What the messages to the phones hold.

use std::time::Duration;

use server::binding::{Binding, BindingTexts, Q};
use server::command::Manner;
use server::event::Side;
use sip::msg::{Message, Name};
use sip::name::{ConnectionId, Flow, Transport};

use crate::desk::{ALICE, BOB, Desk, NOON, SDP, binding, flow_of};
use crate::support::addr;

fn text(message: &Message, name: Name) -> String {
    message.text(name).unwrap().into_owned()
}

/// Without the tag, which is another one each time.
fn untagged(message: &Message, name: Name) -> String {
    let text = text(message, name);
    text.split(";tag=").next().unwrap().to_owned()
}

fn with_texts(phone: char, q: u16, texts: BindingTexts<'_>) -> Binding {
    let expires = NOON + Duration::from_secs(3600);
    let q = Q::thousandths(q);
    Binding::new(flow_of(phone), expires, 1, None, q, texts)
}

#[test]
fn each_phone_shows_the_other_party() {
    let desk = Desk::after("A180 A200+");
    let (a, b) = (desk.invite('A'), desk.invite('B'));
    assert_eq!(untagged(a, Name::From), r#""Bob" <sip:bob@click.test>"#);
    assert_eq!(text(a, Name::To), "<sip:alice@click.test>");
    assert_eq!(untagged(b, Name::From), r#""Alice" <sip:alice@click.test>"#);
    assert_eq!(text(b, Name::To), "<sip:bob@click.test>");
    assert_ne!(a.call_id(), b.call_id());
}

#[test]
fn an_invite_is_complete() {
    let desk = Desk::after("");
    let invite = desk.invite('A');
    invite.verify().unwrap();
    assert_eq!(invite.request_uri(), Some("sip:A@10.0.0.2:5060"));
    assert!(text(invite, Name::Via).starts_with("SIP/2.0/UDP 10.0.0.1:5080;"));
    assert_eq!(invite.via().unwrap().rport(), Some(None));
    assert_eq!(
        text(invite, Name::Contact),
        "<sip:10.0.0.1:5080;transport=udp>"
    );
    assert_eq!(invite.max_forwards(), Ok(Some(70)));
    assert_eq!(invite.cseq().unwrap().0, 1);
    assert_eq!(invite.to().unwrap().tag(), None);
    assert_eq!(invite.from().unwrap().tag().map(str::len), Some(16));
    assert_eq!((invite.vias().count(), invite.contacts().count()), (1, 1));
    let branch = invite.via().unwrap().branch().unwrap();
    assert!(branch.starts_with("z9hG4bK") && branch.len() > 20);
    assert_eq!(text(invite, Name::Supported), "");
    assert_eq!(invite.raw(Name::Require), None);
    assert_eq!(invite.raw(Name::ProxyRequire), None);
    assert!(text(invite, Name::Allow).contains("BYE"));
    assert!(text(invite, Name::UserAgent).starts_with("Crosspoint/"));
    assert_eq!(invite.raw(Name::ContentType), None);
    assert!(invite.body().is_empty(), "A makes the offer");
}

#[test]
fn session_descriptions_pass_untouched() {
    let desk = Desk::after("A180 A200+");
    let invite = desk.invite('B');
    assert_eq!(invite.content_type(), Some("application/sdp"));
    assert_eq!(invite.body(), SDP);
}

#[test]
fn a_name_can_be_missing_or_hostile() {
    let mut desk = Desk::new();
    desk.bind(ALICE, &[binding('A', "")]);
    desk.bind(BOB, &[binding('B', "\"><img src=x>\r\nX-Evil: 1\\")]);
    desk.place().unwrap();
    desk.play("A200+");
    let (a, b) = (desk.invite('A'), desk.invite('B'));
    assert_eq!(
        untagged(a, Name::From),
        r#""\"><img src=x>X-Evil: 1\\" <sip:bob@click.test>"#
    );
    let name = a.from().unwrap().display().unwrap().into_owned();
    assert_eq!(name, "\"><img src=x>X-Evil: 1\\");
    assert_eq!(untagged(b, Name::From), "<sip:alice@click.test>");
}

#[test]
fn the_best_devices_ring() {
    let device = |phone, q| {
        let contact = format!("sip:{phone}@phones.test");
        with_texts(
            phone,
            q,
            BindingTexts {
                contact: &contact,
                ..BindingTexts::default()
            },
        )
    };
    let mut desk = Desk::new();
    desk.bind(
        ALICE,
        &[device('C', 500), device('D', 900), device('E', 900)],
    );
    desk.place().unwrap();
    assert_eq!(
        desk.summary(),
        "D INVITE, E INVITE, CallingA",
        "not the one that is less preferred"
    );
}

#[test]
fn b_is_rung_where_it_is_now() {
    let mut desk = Desk::after("A180");
    desk.bind(BOB, &[binding('F', "Bob")]);
    assert_eq!(desk.play("A200+"), "F INVITE+, CallingB");
}

/// RFC 3327 section 5.1: the Path of the registration is the Route of the request.
#[test]
fn a_phone_behind_a_proxy_is_reached_through_it() {
    let mut desk = Desk::new();
    let texts = BindingTexts {
        contact: "sip:alice@192.0.2.7",
        path: "<sip:edge.test;lr>,<sip:core.test;lr>",
        ..BindingTexts::default()
    };
    desk.bind(ALICE, &[with_texts('A', 1000, texts)]);
    desk.place().unwrap();
    let invite = desk.invite('A');
    assert_eq!(invite.request_uri(), Some("sip:alice@192.0.2.7"));
    let routes: Vec<String> = invite
        .routes()
        .map(|route| route.unwrap().uri().unwrap().as_str().to_owned())
        .collect();
    assert_eq!(routes, ["sip:edge.test;lr", "sip:core.test;lr"]);
}

/// RFC 3261 section 8.1.1.1: as section 12.2.1.1 has it.
#[test]
fn section_8_1_1_1_a_strict_router_in_the_path_stands_in_the_request_uri() {
    let mut desk = Desk::new();
    let texts = BindingTexts {
        contact: "sip:alice@192.0.2.7",
        path: "<sip:edge.test>,<sip:core.test;lr>",
        ..BindingTexts::default()
    };
    desk.bind(ALICE, &[with_texts('A', 1000, texts)]);
    desk.place().unwrap();
    let invite = desk.invite('A');
    assert_eq!(invite.request_uri(), Some("sip:edge.test"));
    let routes: Vec<String> = invite
        .routes()
        .map(|route| route.unwrap().uri().unwrap().as_str().to_owned())
        .collect();
    assert_eq!(routes, ["sip:core.test;lr", "sip:alice@192.0.2.7"]);
}

#[test]
fn section_8_1_1_8_what_goes_to_sips_has_a_sips_contact() {
    for (contact, path) in [
        ("sips:alice@192.0.2.7", ""),
        ("sip:alice@192.0.2.7", "<sips:edge.test;lr>"),
    ] {
        let mut desk = Desk::new();
        let texts = BindingTexts {
            contact,
            path,
            ..BindingTexts::default()
        };
        desk.bind(ALICE, &[with_texts('A', 1000, texts)]);
        desk.place().unwrap();
        let own = text(desk.invite('A'), Name::Contact);
        assert!(own.starts_with("<sips:10.0.0.1:5080"), "{own}");
    }
}

#[test]
fn over_a_connection_the_contact_says_so() {
    let mut desk = Desk::new();
    let flow = Flow {
        transport: Transport::Tcp,
        local: addr("[2001:db8::1]:5080"),
        peer: flow_of('A').peer,
        connection: ConnectionId(7),
    };
    desk.bind(ALICE, &[binding('A', "Alice").with_flow(flow)]);
    desk.place().unwrap();
    let invite = desk.invite('A');
    let contact = text(invite, Name::Contact);
    assert_eq!(contact, "<sip:[2001:db8::1]:5080;transport=tcp>");
    assert!(text(invite, Name::Via).starts_with("SIP/2.0/TCP [2001:db8::1]:5080;"));
}

#[test]
fn behind_a_forwarder_the_contact_is_what_phones_can_reach() {
    let mut desk = Desk::with(|config| config.sip.advertised = Some("pbx.example.com".into()));
    desk.place().unwrap();
    let contact = text(desk.invite('A'), Name::Contact);
    assert_eq!(contact, "<sip:pbx.example.com:5080;transport=udp>");
}

#[test]
fn the_first_phone_answers_by_itself_where_that_is_wished() {
    let wished = Manner {
        auto_answer: Some(true),
        ..Manner::default()
    };
    let extra = |desk: &Desk, phone| {
        let names = [Name::CallInfo, Name::AlertInfo];
        let invite = desk.invite(phone);
        let text = String::from_utf8_lossy(invite.bytes());
        let mode = text.matches("\r\nAnswer-Mode: Auto\r\n").count();
        (mode, names.map(|name| invite.raw(name).is_some()))
    };
    let mut desk = Desk::new();
    desk.place_so(ALICE, BOB, Side::A, wished).unwrap();
    desk.play("A180 A200+");
    assert_eq!(extra(&desk, 'A'), (1, [true, false]));
    assert_eq!(extra(&desk, 'B'), (0, [false, false]));

    // Nor does any where two ring at once.
    let mut desk = Desk::new();
    desk.bind(ALICE, &[binding('C', ""), binding('D', "")]);
    desk.place_so(ALICE, BOB, Side::A, wished).unwrap();
    assert_eq!(extra(&desk, 'C'), (0, [false, false]));
}
