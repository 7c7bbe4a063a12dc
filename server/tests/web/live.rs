//! `/live` over a real socket: hello, snapshot, changes, beats, and every way it ends.

use app::model::{ClientHello, Epoch, Frame, Seq};
use futures_util::{SinkExt, StreamExt};
use server::limits;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, handshake::client::Request};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::desk::{Desk, PATIENCE};
use crate::feed::{bound, phone};

const ALICE: &str = "sip:alice@example.com";

/// A page's end of the feed.
struct Page(WebSocketStream<TcpStream>);

impl Page {
    async fn open(addr: std::net::SocketAddr) -> Self {
        let request = format!("ws://{addr}/live").into_client_request().unwrap();
        Self::try_open(addr, request).await.unwrap()
    }

    async fn try_open(addr: std::net::SocketAddr, request: Request) -> Result<Self, Box<Error>> {
        let stream = TcpStream::connect(addr).await.unwrap();
        let opened = timeout(PATIENCE, client_async(request, stream));
        let (socket, _) = opened.await.expect("an answer in time")?;
        Ok(Self(socket))
    }

    async fn say(&mut self, message: impl Into<Message>) {
        self.0.send(message.into()).await.unwrap();
    }

    async fn hello(&mut self, since: Option<(Epoch, Seq)>) {
        self.say(ClientHello { since }.encode()).await;
    }

    async fn next(&mut self) -> Option<Message> {
        let next = timeout(PATIENCE, self.0.next());
        next.await.expect("a message in time").and_then(Result::ok)
    }

    /// The next frame that tells something.
    async fn frame(&mut self) -> Frame {
        loop {
            match self.next().await {
                Some(Message::Text(text)) => match Frame::decode(&text).unwrap() {
                    Frame::Beat { .. } => {}
                    frame => return frame,
                },
                Some(Message::Ping(_)) => {}
                other => panic!("no frame but {other:?}"),
            }
        }
    }

    async fn snapshot(&mut self) -> app::model::Snapshot {
        match self.frame().await {
            Frame::Snapshot(snapshot) => snapshot,
            other => panic!("no snapshot but {other:?}"),
        }
    }

    async fn change(&mut self) -> Seq {
        match self.frame().await {
            Frame::Delta(delta) => delta.seq,
            other => panic!("no change but {other:?}"),
        }
    }

    /// The reason of the server for its end.
    async fn closed(&mut self) -> CloseCode {
        loop {
            match self.next().await {
                Some(Message::Close(Some(frame))) => return frame.code,
                Some(Message::Close(None)) | None => panic!("it ends without a word"),
                Some(_) => {}
            }
        }
    }
}

#[tokio::test]
async fn one_source_may_not_take_all_places() {
    let desk = Desk::open_with(std::path::Path::new("no/such/folder"), |config| {
        config.limits.http_connections_per_source = 2;
    });
    let addr = desk.listen().await;
    let request = || format!("ws://{addr}/live").into_client_request().unwrap();
    let mut pages = Vec::new();
    for _ in 0..2 {
        let mut page = Page::open(addr).await;
        page.hello(None).await;
        page.snapshot().await;
        pages.push(page);
    }
    let Err(refused) = Page::try_open(addr, request()).await else {
        panic!("a third page")
    };
    let Error::Http(answer) = *refused else {
        panic!("{refused}")
    };
    assert_eq!(answer.status(), 503);
    assert_eq!(desk.web.connections.refused(), 1);
    drop(pages.pop());
    // The server sees the end of the page when it does.
    while Page::try_open(addr, request()).await.is_err() {}
    desk.close().await;
}

#[tokio::test]
async fn a_page_gets_the_board_and_then_each_change() {
    let desk = Desk::open();
    desk.feed.publish(&phone(ALICE, 1, vec![bound("", "", 60)]));
    let mut page = Page::open(desk.listen().await).await;
    page.hello(None).await;
    let snapshot = page.snapshot().await;
    assert_eq!((snapshot.seq, snapshot.phones.len()), (Seq(1), 1));
    desk.feed
        .publish(&phone(ALICE, 2, vec![bound("", "another", 60)]));
    desk.feed.publish(&phone(ALICE, 3, vec![]));
    assert_eq!(page.change().await, Seq(2));
    assert_eq!(page.change().await, Seq(3));
    desk.close().await;
}

/// From the bytes of a REGISTER to the text on the socket.
#[tokio::test]
async fn a_phone_that_registers_is_on_every_page() {
    let desk = Desk::open();
    let addr = desk.listen().await;
    let (mut one, mut other) = (Page::open(addr).await, Page::open(addr).await);
    for page in [&mut one, &mut other] {
        page.hello(None).await;
        page.snapshot().await;
    }
    let _alice = desk.phone("alice").await;
    assert_eq!(one.change().await, Seq(1));
    assert_eq!(other.change().await, Seq(1));
    assert_eq!(desk.feed.pages(), 2);
    desk.close().await;
}

#[tokio::test]
async fn a_page_that_comes_back_is_told_what_it_missed() {
    let desk = Desk::open();
    let addr = desk.listen().await;
    let mut page = Page::open(addr).await;
    page.hello(None).await;
    let epoch = page.snapshot().await.epoch;
    drop(page);
    for version in 1..=3 {
        desk.feed.publish(&phone(
            ALICE,
            version,
            vec![bound("", &version.to_string(), 60)],
        ));
    }
    let mut page = Page::open(addr).await;
    page.hello(Some((epoch, Seq(1)))).await;
    assert_eq!(page.change().await, Seq(2));
    assert_eq!(page.change().await, Seq(3));

    // One that knew another start of the server begins anew, perhaps with the text that the first one was given.
    let mut page = Page::open(addr).await;
    page.hello(Some((Epoch(epoch.0 - 1), Seq(1)))).await;
    let mut seq = page.snapshot().await.seq;
    while seq < Seq(3) {
        seq = seq.next();
        assert_eq!(page.change().await, seq);
    }
    desk.close().await;
}

/// The socket's task has no turn while all of this is published.
#[tokio::test]
async fn a_page_that_falls_behind_is_told_what_it_lacks_or_given_the_board_anew() {
    let desk = Desk::open();
    let mut page = Page::open(desk.listen().await).await;
    page.hello(None).await;
    page.snapshot().await;
    let few = limits::PAGE_BACKLOG as u64 + 1;
    let many = few + limits::JOURNAL_DELTAS as u64 + 1;
    let publish = |versions: std::ops::RangeInclusive<u64>| {
        for version in versions {
            let device = bound("", &version.to_string(), 60);
            desk.feed.publish(&phone(ALICE, version, vec![device]));
        }
    };
    publish(1..=few);
    for seq in 1..=few {
        assert_eq!(page.change().await, Seq(seq));
    }
    publish(few + 1..=many);
    assert_eq!(page.snapshot().await.seq, Seq(many));
    desk.feed.publish(&phone(ALICE, many + 1, vec![]));
    assert_eq!(page.change().await, Seq(many + 1));
    desk.close().await;
}

/// In real time: the second beat comes a whole period after the first.
#[tokio::test]
async fn silence_is_filled_with_beats() {
    let desk = Desk::open();
    let mut page = Page::open(desk.listen().await).await;
    page.hello(None).await;
    page.snapshot().await;
    let mut beats = 0;
    while beats < 2 {
        match page.next().await {
            Some(Message::Text(text)) => {
                let Ok(Frame::Beat { seq, now }) = Frame::decode(&text) else {
                    panic!("no beat but {text}");
                };
                assert_eq!(seq, Seq(0));
                assert!(now.abs_diff(desk.board().now) < 60_000, "{now}");
                beats += 1;
            }
            Some(Message::Ping(_)) => {}
            other => panic!("no beat but {other:?}"),
        }
    }
    desk.close().await;
}

#[tokio::test]
async fn whoever_says_no_hello_is_sent_away() {
    let desk = Desk::open();
    let addr = desk.listen().await;
    for nonsense in [
        Message::text("hello"),
        Message::text(r#"{"since": "always"}"#),
        Message::binary(vec![0, 1, 2]),
    ] {
        let mut page = Page::open(addr).await;
        page.say(nonsense).await;
        assert_eq!(page.closed().await, CloseCode::Policy);
    }
    let mut page = Page::open(addr).await;
    page.hello(None).await;
    page.snapshot().await;
    page.hello(None).await;
    assert_eq!(
        page.closed().await,
        CloseCode::Policy,
        "one hello is enough"
    );

    let mut page = Page::open(addr).await;
    page.say("x".repeat(limits::HELLO_BYTES + 1)).await;
    loop {
        match page.next().await {
            None | Some(Message::Close(_)) => break,
            Some(Message::Ping(_)) => {}
            other => panic!("it should end, not say {other:?}"),
        }
    }
    desk.close().await;
}

/// A page whose machine vanished: nothing comes back, and no connection breaks.
#[tokio::test(start_paused = true)]
async fn a_page_that_answers_no_ping_gives_its_place_free() {
    let desk = Desk::open();
    let mut page = Page::open(desk.listen().await).await;
    page.hello(None).await;
    page.snapshot().await;
    let stream = page.0.get_ref();
    let mut buffer = [0; 1_024];
    loop {
        stream.readable().await.unwrap();
        match stream.try_read(&mut buffer) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
    }
    assert_eq!(desk.feed.pages(), 0);
}

#[tokio::test]
async fn pages_hear_that_the_server_stops() {
    let desk = Desk::open();
    let mut page = Page::open(desk.listen().await).await;
    page.hello(None).await;
    page.snapshot().await;
    desk.say_farewell();
    assert_eq!(page.closed().await, CloseCode::Restart);
    desk.close().await;
}

#[tokio::test]
async fn beyond_the_limit_a_page_is_told_to_come_back() {
    let desk = Desk::open();
    let addr = desk.listen().await;
    let request = || format!("ws://{addr}/live").into_client_request().unwrap();
    let mut tickets: Vec<_> = (0..limits::PAGES)
        .map(|_| desk.feed.admit().unwrap())
        .collect();
    let refused = Page::try_open(addr, request()).await.err();
    let Some(Error::Http(response)) = refused.map(|error| *error) else {
        panic!("it should be refused");
    };
    assert_eq!(response.status().as_u16(), 503);
    assert_eq!(response.headers()["retry-after"], "10");
    tickets.pop();
    assert!(Page::try_open(addr, request()).await.is_ok());
    desk.close().await;
}

/// So that operators who leave their pages open do not lock anybody out.
#[tokio::test]
async fn a_page_that_follows_is_no_longer_a_connection() {
    let desk = Desk::open_with(std::path::Path::new("no/such/folder"), |config| {
        config.limits.http_connections = 1;
    });
    let addr = desk.listen().await;
    let mut pages = Vec::new();
    for followed in 1..=3 {
        let mut page = Page::open(addr).await;
        page.hello(None).await;
        page.snapshot().await;
        pages.push(page);
        assert_eq!(
            (desk.feed.pages(), desk.web.connections.open()),
            (followed, 0)
        );
    }
    desk.close().await;
}

#[tokio::test]
async fn a_page_of_another_site_gets_no_feed() {
    let desk = Desk::open();
    let addr = desk.listen().await;
    let mut request = format!("ws://{addr}/live").into_client_request().unwrap();
    let origin = "http://evil.example".parse().unwrap();
    request.headers_mut().insert("origin", origin);
    let refused = Page::try_open(addr, request).await.err();
    let Some(Error::Http(response)) = refused.map(|error| *error) else {
        panic!("it should be refused");
    };
    assert_eq!(response.status().as_u16(), 403);
    desk.close().await;
}
