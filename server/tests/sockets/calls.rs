//! Calls by the handle that page and API use, and the way down.

use server::command::{HangUpError, PlaceCall, PlaceError};
use server::event::{CallChange, CallRef, CallState, Outcome, PhoneCause, Side, What};
use server::runtime::Refused;
use sip::msg::{Message, Method};
use sip::name::Aor;
use sip::time::Instant;
use tokio::net::TcpListener;

use crate::house::House;
use crate::peer::{TcpPeer, UdpPeer, register, response};

fn from_alice_to_bob() -> PlaceCall {
    PlaceCall {
        from: Aor::parse("sip:alice@127.0.0.1").unwrap(),
        to: Aor::parse("sip:bob@127.0.0.1").unwrap(),
        ring_first: Side::A,
        by: "test".into(),
        manner: server::command::Manner::default(),
    }
}

fn is(message: &Message, method: &Method) -> bool {
    message.method() == Some(method)
}

/// The call's shard, the shards whose sockets the phones' messages come to, and those that own the Call-IDs are others.
#[tokio::test]
async fn the_first_phone_is_invited_and_may_decline() {
    for shards in [1, 4] {
        let mut house = House::open(shards);
        let (alice, bob) = (
            UdpPeer::new(house.udp()).await,
            UdpPeer::new(house.udp()).await,
        );
        alice.register("alice").await;
        bob.register("bob").await;

        house.handle.place_call(from_alice_to_bob()).await.unwrap();
        assert_eq!(house.handle.calls(), 1);
        let invite = alice.receive().await;
        assert!(is(&invite, &Method::Invite), "{invite:?}");
        alice.send(response(&invite, "486 Busy Here")).await;
        assert!(is(&alice.receive().await, &Method::Ack));
        assert_eq!(house.outcome().await, Outcome::Busy);
        house.handle.no_calls().await;
        house.close().await;
    }
}

#[tokio::test]
async fn an_operator_ends_a_call_over_tcp() {
    let mut house = House::open(4);
    let mut alice = TcpPeer::new(house.tcp()).await;
    let bob = UdpPeer::new(house.udp()).await;
    alice.register("alice").await;
    bob.register("bob").await;

    let call = house.handle.place_call(from_alice_to_bob()).await.unwrap();
    let invite = alice.receive().await;
    alice.send(response(&invite, "180 Ringing")).await;
    house.handle.hang_up(call).await.unwrap();
    let cancel = alice.receive().await;
    assert!(is(&cancel, &Method::Cancel), "{cancel:?}");
    alice.send(response(&cancel, "200 OK")).await;
    alice
        .send(response(&invite, "487 Request Terminated"))
        .await;
    assert!(is(&alice.receive().await, &Method::Ack));
    assert_eq!(house.outcome().await, Outcome::Cancelled);
    house.close().await;
}

/// The phone's host says that nobody listens there any more (RFC 3261 18.4); that takes no 32 seconds.
#[tokio::test]
async fn a_phone_that_is_gone_is_unreachable_at_once() {
    for (shards, address) in [(1, "127.0.0.1:0"), (4, "127.0.0.1:0"), (2, "0.0.0.0:0")] {
        let mut house = House::open_with(shards, |config| {
            config.sip.udp = vec![address.parse().unwrap()]
        });
        let server = (std::net::Ipv4Addr::LOCALHOST, house.udp().port()).into();
        let (alice, bob) = (UdpPeer::new(server).await, UdpPeer::new(server).await);
        alice.register("alice").await;
        bob.register("bob").await;
        drop(alice);
        house.handle.place_call(from_alice_to_bob()).await.unwrap();
        assert_eq!(house.outcome().await, Outcome::Unreachable);
        // What is left of that error harms nobody else.
        bob.register("bob").await;
        house.close().await;
    }
}

/// A phone over TCP that said where it listens, and is killed: the first call that finds nobody there shows it.
#[tokio::test]
async fn a_phone_that_takes_no_connection_leaves_the_board() {
    for shards in [1, 4] {
        let mut house = House::open(shards);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let contact = format!(
            "<sip:alice@{};transport=tcp>",
            listener.local_addr().unwrap()
        );
        let mut alice = TcpPeer::new(house.tcp()).await;
        let answer = alice.ask(&register("alice", &contact)).await;
        assert_eq!(answer.status(), Some(200));
        assert_eq!(house.phone().await.1, PhoneCause::Bound);
        drop(alice);
        // It may still be called where it listens.
        assert_eq!(house.phone().await.1, PhoneCause::Refreshed);
        let bob = UdpPeer::new(house.udp()).await;
        bob.register("bob").await;
        assert_eq!(house.phone().await.1, PhoneCause::Bound);

        drop(listener);
        house.handle.place_call(from_alice_to_bob()).await.unwrap();
        let (mut lost, mut outcome) = (None, None);
        while lost.is_none() || outcome.is_none() {
            match house.event().await.what {
                What::Phone(change) => lost = Some((change.why, change.bindings.len())),
                What::Call(_, CallChange::State(CallState::Done(done))) => outcome = Some(done),
                What::Call(..) => {}
            }
        }
        assert_eq!(lost, Some((PhoneCause::FlowLost, 0)));
        assert_eq!(outcome, Some(Outcome::Unreachable));
        assert_eq!(house.handle.location().len(), 1, "Bob is there");
        house.close().await;
    }
}

#[tokio::test]
async fn calls_that_cannot_be_are_refused() {
    let house = House::open(2);
    let refused = house
        .handle
        .place_call(from_alice_to_bob())
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            Refused::ByCallControl(PlaceError::NotRegistered(_))
        ),
        "{refused}"
    );
    for shard in [0, 1, 200] {
        let stranger = CallRef::new(Instant::default(), shard, 7);
        let refused = house.handle.hang_up(stranger).await.unwrap_err();
        assert_eq!(
            refused,
            Refused::ByCallControl(HangUpError::NoSuchCall(stranger))
        );
    }
    house.close().await;
}

#[tokio::test]
async fn a_draining_server_takes_no_new_work_and_lets_calls_end() {
    let mut house = House::open(2);
    let (alice, bob) = (
        UdpPeer::new(house.udp()).await,
        UdpPeer::new(house.udp()).await,
    );
    alice.register("alice").await;
    bob.register("bob").await;
    house.handle.place_call(from_alice_to_bob()).await.unwrap();
    let invite = alice.receive().await;

    house.handle.drain().await;
    assert!(house.handle.is_draining());
    let carol = UdpPeer::new(house.udp()).await;
    let answer = carol
        .ask(&register("carol", "<sip:carol@127.0.0.1:9>"))
        .await;
    assert_eq!(answer.status(), Some(503));
    assert!(
        answer.text(sip::msg::Name::RetryAfter).is_some(),
        "{answer:?}"
    );
    let refused = house
        .handle
        .place_call(from_alice_to_bob())
        .await
        .unwrap_err();
    assert_eq!(refused, Refused::ByCallControl(PlaceError::Draining));

    assert_eq!(house.handle.calls(), 1, "the call stands");
    alice.send(response(&invite, "603 Decline")).await;
    assert_eq!(house.outcome().await, Outcome::Declined);
    house.handle.no_calls().await;
    house.close().await;
}

#[tokio::test]
async fn calls_that_do_not_end_are_released() {
    let mut house = House::open(2);
    let (alice, bob) = (
        UdpPeer::new(house.udp()).await,
        UdpPeer::new(house.udp()).await,
    );
    alice.register("alice").await;
    bob.register("bob").await;
    house.handle.place_call(from_alice_to_bob()).await.unwrap();
    let invite = alice.receive().await;
    alice.send(response(&invite, "180 Ringing")).await;
    house.handle.drain().await;
    house.handle.hang_up_all().await;
    assert!(is(&alice.receive().await, &Method::Cancel));
    alice
        .send(response(&invite, "487 Request Terminated"))
        .await;
    house.outcome().await;
    house.handle.no_calls().await;
    house.close().await;
}
