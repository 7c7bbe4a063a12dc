//! SIP over TCP: framing, keep-alives, and what the end of a connection means.

use server::event::PhoneCause;
use sip::msg::Frame;

use crate::house::House;
use crate::peer::{TcpPeer, options};

#[tokio::test]
async fn a_message_may_come_in_any_pieces() {
    let house = House::open(1);
    let mut phone = TcpPeer::new(house.tcp()).await;
    let mut draft = options();
    for size in [1, 7, 100, 10_000] {
        draft.cseq += 1;
        for piece in phone.text(&draft).as_bytes().chunks(size) {
            phone.send(piece).await;
            tokio::task::yield_now().await;
        }
        let answer = phone.receive().await;
        assert_eq!(
            (answer.status(), answer.cseq().unwrap().0),
            (Some(200), draft.cseq)
        );
    }
    house.close().await;
}

#[tokio::test]
async fn several_messages_may_come_in_one_piece() {
    let house = House::open(1);
    let mut phone = TcpPeer::new(house.tcp()).await;
    let mut draft = options();
    let text: String = (1..=20)
        .map(|cseq| {
            draft.cseq = cseq;
            phone.text(&draft) + "\r\n"
        })
        .collect();
    phone.send(text).await;
    for cseq in 1..=20 {
        assert_eq!(phone.receive().await.cseq().unwrap().0, cseq);
    }
    house.close().await;
}

#[tokio::test]
async fn a_ping_is_answered() {
    let house = House::open(2);
    let mut phone = TcpPeer::new(house.tcp()).await;
    phone.send("\r\n\r\n").await;
    // A lone CRLF is known as such only when something follows.
    phone.send(phone.text(&options())).await;
    assert_eq!(phone.next().await, Some(Frame::Pong));
    assert_eq!(phone.receive().await.status(), Some(200));
    house.close().await;
}

#[tokio::test]
async fn a_closed_connection_takes_its_binding_with_it() {
    let mut house = House::open(4);
    let mut phone = TcpPeer::new(house.tcp()).await;
    phone.register("alice").await;
    assert_eq!(house.phone().await.1, PhoneCause::Bound);
    drop(phone);
    assert_eq!(house.phone().await.1, PhoneCause::FlowLost);
    assert_eq!(house.handle.location().len(), 0);
    house.close().await;
}

#[tokio::test]
async fn a_message_without_a_length_is_answered_and_the_connection_closed() {
    let house = House::open(1);
    let mut phone = TcpPeer::new(house.tcp()).await;
    let text = phone.text(&options()).replace("Content-Length: 0\r\n", "");
    phone.send(text).await;
    assert_eq!(phone.receive().await.status(), Some(400));
    assert_eq!(phone.next().await, None);
    house.close().await;
}

#[tokio::test]
async fn what_is_no_sip_is_not_answered() {
    let house = House::open(1);
    let mut stranger = TcpPeer::new(house.tcp()).await;
    stranger.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(stranger.next().await, None);
    assert_eq!(house.count(|all| &all.traffic.unframeable), 1);
    house.close().await;
}
