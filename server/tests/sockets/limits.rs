//! The limits of connections, each at its edge.

use std::time::Duration;

use server::event::PhoneCause;

use crate::house::House;
use crate::peer::{TcpPeer, options};

/// Connections up to the limit work, the next one is closed unheard, and there is room again when one has gone.
async fn at_the_edge(house: House, limit: usize) {
    let mut phones = Vec::new();
    for n in 0..limit {
        let mut phone = TcpPeer::new(house.tcp()).await;
        let mut draft = options();
        draft.call_id = format!("phone-{n}");
        assert_eq!(phone.ask(&draft).await.status(), Some(200));
        phones.push(phone);
    }
    let mut refused = TcpPeer::new(house.tcp()).await;
    assert_eq!(refused.next().await, None);
    assert_eq!(house.count(|all| &all.traffic.refused), 1);

    drop(phones.pop());
    // The server hears of the end when it does; until then the next one is refused too.
    loop {
        let mut phone = TcpPeer::new(house.tcp()).await;
        phone.try_send(phone.text(&options()).as_bytes());
        if phone.next().await.is_some() {
            break;
        }
    }
    house.close().await;
}

#[tokio::test]
async fn connections_have_a_limit() {
    at_the_edge(
        House::open_with(2, |config| config.limits.connections = 3),
        3,
    )
    .await;
}

#[tokio::test]
async fn connections_of_one_source_have_a_limit() {
    at_the_edge(
        House::open_with(2, |config| config.limits.connections_per_source = 2),
        2,
    )
    .await;
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let mut house = House::open_with(1, |config| {
        config.limits.connection_idle = Duration::from_millis(200)
    });
    let mut phone = TcpPeer::new(house.tcp()).await;
    phone.register("alice").await;
    assert_eq!(house.phone().await.1, PhoneCause::Bound);
    assert_eq!(phone.next().await, None);
    assert_eq!(house.phone().await.1, PhoneCause::FlowLost);
    house.close().await;
}

/// Whoever asks faster than it reads is made to wait, and loses nothing.
#[tokio::test]
async fn a_peer_that_reads_late_gets_every_answer() {
    const QUESTIONS: u32 = 20_000;
    let house = House::open(1);
    let mut phone = TcpPeer::new(house.tcp()).await;
    let mut draft = options();
    let questions: String = (1..=QUESTIONS)
        .map(|cseq| {
            draft.cseq = cseq;
            phone.text(&draft)
        })
        .collect();
    let mut rest = questions.as_bytes();
    let mut answers = 0;
    while answers < QUESTIONS {
        while !rest.is_empty()
            && let Some(sent) = phone.try_send(rest)
        {
            rest = &rest[sent..];
        }
        assert_eq!(phone.receive().await.cseq().unwrap().0, answers + 1);
        answers += 1;
    }
    assert_eq!(house.count(|all| &all.traffic.stream_unsent), 0);
    house.close().await;
}
