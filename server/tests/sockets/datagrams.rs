//! SIP over UDP.

use std::time::Duration;

use server::binding::Reach;
use server::event::{PhoneCause, What};
use sip::msg::{Method, Name};

use crate::house::House;
use crate::peer::{UdpPeer, options, register, response};

#[tokio::test]
async fn a_phone_registers_asks_and_leaves() {
    let mut house = House::open(1);
    let phone = UdpPeer::new(house.udp()).await;
    phone.register("alice").await;
    let (aor, why) = house.phone().await;
    assert_eq!(
        (aor, why),
        ("sip:alice@127.0.0.1".to_owned(), PhoneCause::Bound)
    );

    let mut query = register("alice", "");
    (query.cseq, query.extra) = (2, String::new());
    let answer = phone.ask(&query).await;
    assert_eq!(answer.contacts().count(), 1);
    assert_eq!(answer.via().unwrap().received(), Some(phone.addr().ip()));

    let mut leave = register("alice", "*");
    leave.cseq = 3;
    leave.extra.push_str("Expires: 0\r\n");
    let answer = phone.ask(&leave).await;
    assert_eq!((answer.status(), answer.contacts().count()), (Some(200), 0));
    assert_eq!(house.phone().await.1, PhoneCause::Removed);
    house.close().await;
}

#[tokio::test]
async fn options_tell_what_is_understood() {
    let house = House::open(1);
    let phone = UdpPeer::new(house.udp()).await;
    let answer = phone.ask(&options()).await;
    assert_eq!(answer.status(), Some(200));
    assert!(answer.lists(Name::Allow, "REGISTER"), "{answer:?}");
    house.close().await;
}

#[tokio::test]
async fn what_is_no_sip_is_dropped_and_counted() {
    let house = House::open(1);
    let phone = UdpPeer::new(house.udp()).await;
    phone.send(b"\x00\x01garbage").await;
    phone.send(b"\r\n\r\n").await;
    phone.send(b"").await;
    let answer = phone.ask(&options()).await;
    assert_eq!(
        answer.status(),
        Some(200),
        "one socket keeps its order, so the rest came before"
    );
    assert_eq!(house.count(|all| &all.traffic.unframeable), 1);
    assert_eq!(house.count(|all| &all.traffic.udp_keepalives), 2);
    assert_eq!(house.count(|all| &all.traffic.udp_received), 1);
    house.close().await;
}

#[tokio::test]
async fn a_wildcard_socket_answers_from_the_address_it_was_asked_at() {
    for (wildcard, asked) in [("0.0.0.0:0", "127.0.0.5"), ("[::]:0", "::1")] {
        let mut house =
            House::open_with(2, |config| config.sip.udp = vec![wildcard.parse().unwrap()]);
        let server = (
            asked.parse::<std::net::IpAddr>().unwrap(),
            house.udp().port(),
        )
            .into();
        // The peer checks that it is answered from there.
        let phone = UdpPeer::new(server).await;
        phone.register("alice").await;
        let event = house.event().await;
        let server::event::What::Phone(change) = event.what else {
            panic!("{event:?}")
        };
        assert_eq!(change.bindings[0].flow.local, server);
        assert_eq!(change.bindings[0].flow.peer, phone.addr());
        house.close().await;
    }
}

/// The kernel spreads senders over the sockets of the shards, Call-IDs spread over the shards by their hash: nearly
/// every message is passed on.
#[tokio::test]
async fn any_shard_answers_for_any_other() {
    let house = House::open(4);
    for n in 0..64 {
        let phone = UdpPeer::new(house.udp()).await;
        phone.register(&format!("user{n}")).await;
    }
    assert_eq!(house.handle.location().len(), 64);
    let busy = house
        .handle
        .counters()
        .iter()
        .filter(|shard| shard.traffic.udp_received.get() > 0)
        .count();
    assert!(busy > 1, "the kernel uses one socket only");
    house.close().await;
}

/// RFC 5626 section 4.4.2.
#[tokio::test]
async fn a_stun_request_learns_the_address_it_came_from() {
    let house = House::open(2);
    let phone = UdpPeer::new(house.udp()).await;
    let request = b"\x00\x01\x00\x00\x21\x12\xa4\x42twelve bytes";
    phone.send(request).await;
    let answer = phone.receive_bytes().await;
    assert_eq!(answer[..2], [1, 1]);
    assert_eq!(answer[8..20], request[8..]);
    let port = u16::from_be_bytes([answer[26], answer[27]]) ^ 0x2112;
    assert_eq!(port, phone.addr().port());
    house.close().await;
}

/// An answer is longer than its question, so nobody may have many of them sent to somebody else.
#[tokio::test]
async fn a_flood_of_stun_requests_is_cut() {
    let house = House::open_with(1, |config| config.limits.requests_per_source = 1);
    let phone = UdpPeer::new(house.udp()).await;
    for _ in 0..50 {
        phone
            .send(b"\x00\x01\x00\x00\x21\x12\xa4\x42twelve bytes")
            .await;
    }
    // One socket keeps its order: what has passed the reserve of ACK and BYE was taken after all of them.
    let mut bye = options();
    bye.method = "BYE";
    phone.send(bye.text("UDP", phone.addr(), house.udp())).await;
    let mut answered = 0;
    while phone.receive_bytes().await[0] != b'S' {
        answered += 1;
    }
    assert!((1..10).contains(&answered), "{answered}");
    assert_eq!(house.count(|all| &all.traffic.stun), answered);
    assert_eq!(house.count(|all| &all.traffic.udp_over_rate), 50 - answered);
    house.close().await;
}

/// RFC 5626 section 7: an ICMP error ends a flow, and the bindings that are this flow; any other phone stays.
#[tokio::test]
async fn a_flow_that_the_network_says_is_dead_takes_its_binding() {
    let mut house = House::open_with(2, |config| config.sip.qualify = Duration::from_millis(50));
    let phone = UdpPeer::new(house.udp()).await;
    let contact = format!(
        "<sip:alice@{}>;reg-id=1;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"",
        phone.addr()
    );
    assert_eq!(
        phone.ask(&register("alice", &contact)).await.status(),
        Some(200)
    );
    assert_eq!(house.phone().await.1, PhoneCause::Bound);
    drop(phone);
    loop {
        let (_, cause) = house.phone().await;
        if cause == PhoneCause::FlowLost {
            break;
        }
        assert_eq!(
            cause,
            PhoneCause::Refreshed,
            "it may have been found silent first"
        );
    }
    assert_eq!(house.handle.location().len(), 0);
    house.close().await;
}

#[tokio::test]
async fn a_flood_of_one_source_is_cut_and_what_ends_calls_gets_through() {
    let house = House::open_with(1, |config| config.limits.requests_per_source = 1);
    let phone = UdpPeer::new(house.udp()).await;
    let mut draft = options();
    for cseq in 1..=50 {
        draft.cseq = cseq;
        phone
            .send(draft.text("UDP", phone.addr(), house.udp()))
            .await;
    }
    draft.method = "BYE";
    draft.call_id = "bye".to_owned();
    phone
        .send(draft.text("UDP", phone.addr(), house.udp()))
        .await;
    let mut answered = 0;
    // It comes last and is not dropped.
    while phone.receive().await.status() != Some(481) {
        answered += 1;
    }
    assert!(answered < 10, "{answered}");
    assert_eq!(house.count(|all| &all.traffic.udp_over_rate), 50 - answered);
    house.close().await;
}

#[tokio::test]
async fn a_phone_is_asked_whether_it_is_there() {
    let mut house = House::open_with(2, |config| config.sip.qualify = Duration::from_millis(50));
    let phone = UdpPeer::new(house.udp()).await;
    phone.register("alice").await;
    assert_eq!(house.phone().await.1, PhoneCause::Bound);
    let question = phone.receive().await;
    assert_eq!(question.method(), Some(&Method::Options));
    // Whatever it says, it is there.
    phone.send(response(&question, "404 Not Found")).await;
    assert!(matches!(reach(&mut house).await, Reach::Answers(_)));
    // The network says so when its program is closed.
    drop(phone);
    assert_eq!(reach(&mut house).await, Reach::Silent);
    assert_eq!(house.handle.location().len(), 1, "it stays registered");
    house.close().await;
}

/// What the next news of a phone says of its reach.
async fn reach(house: &mut House) -> Reach {
    loop {
        if let What::Phone(change) = house.event().await.what {
            return change.bindings[0].reach;
        }
    }
}
