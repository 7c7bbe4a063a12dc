//! SIP in WebSockets (RFC 7118): handshake, framing, and what the end of one means.

use futures_util::{SinkExt, StreamExt};
use server::command::PlaceCall;
use server::config::{Config, Origins};
use server::event::{Outcome, PhoneCause, Side};
use sip::msg::{Message, Method, lex};
use sip::name::{Aor, Transport};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::house::{House, PATIENCE};
use crate::peer::{Draft, UdpPeer, options, register, response};

/// A phone in a browser.
struct Browser(WebSocketStream<TcpStream>);

const SIP: (&str, &str) = ("sec-websocket-protocol", "sip");

impl Browser {
    async fn open(house: &House) -> Self {
        let (browser, answer) = Self::try_open(house, &[SIP]).await.unwrap();
        assert_eq!(answer.headers()["sec-websocket-protocol"], "sip");
        browser
    }

    async fn try_open(
        house: &House,
        headers: &[(&'static str, &str)],
    ) -> Result<(Self, Response), Box<Error>> {
        let addr = house.addr(Transport::Ws);
        let mut request = format!("ws://{addr}/").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(addr).await.unwrap();
        let opened = timeout(PATIENCE, client_async(request, stream)).await;
        let (socket, answer) = opened.expect("an answer in time")?;
        Ok((Self(socket), answer))
    }

    /// As RFC 7118 has it: a browser knows no address of its own.
    fn text(&self, draft: &Draft) -> String {
        let server = self.0.get_ref().peer_addr().unwrap();
        draft
            .text("WS", "192.0.2.1:9".parse().unwrap(), server)
            .replace("192.0.2.1:9;rport", "df7jal23ls0d.invalid")
    }

    async fn say(&mut self, frame: impl Into<Frame>) {
        self.0.send(frame.into()).await.unwrap();
    }

    async fn next(&mut self) -> Frame {
        timeout(PATIENCE, self.0.next())
            .await
            .expect("an answer in time")
            .unwrap()
            .unwrap()
    }

    async fn receive(&mut self) -> Message {
        match self.next().await {
            Frame::Text(text) => lex(text.into()).unwrap(),
            other => panic!("a message as text, not {other:?}"),
        }
    }

    /// The code with which the server ends it.
    async fn end(&mut self) -> CloseCode {
        loop {
            if let Frame::Close(Some(close)) = self.next().await {
                return close.code;
            }
        }
    }

    async fn register(&mut self, user: &str, cseq: u32) -> Message {
        let contact = format!(
            "<sip:{user}@page{cseq}.invalid;transport=ws>;reg-id=1;\
             +sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\""
        );
        let mut draft = register(user, &contact);
        draft.cseq = cseq;
        draft.call_id = format!("page-{cseq}");
        let text = self.text(&draft);
        self.say(text).await;
        let answer = self.receive().await;
        assert_eq!(answer.status(), Some(200), "{answer:?}");
        answer
    }
}

fn websockets(config: &mut Config) {
    config.sip.ws = vec!["127.0.0.1:0".parse().unwrap()];
}

#[tokio::test]
async fn a_browser_phone_is_reached_over_its_socket() {
    let mut house = House::open_with(2, websockets);
    let mut alice = Browser::open(&house).await;
    alice.register("alice", 1).await;
    let bob = UdpPeer::new(house.udp()).await;
    bob.register("bob").await;
    let place = PlaceCall {
        from: Aor::parse("sip:alice@127.0.0.1").unwrap(),
        to: Aor::parse("sip:bob@127.0.0.1").unwrap(),
        ring_first: Side::A,
        by: "test".into(),
        manner: server::command::Manner::default(),
    };
    house.handle.place_call(place).await.unwrap();
    let invite = alice.receive().await;
    assert_eq!(invite.method(), Some(&Method::Invite), "{invite:?}");
    assert_eq!(invite.via().unwrap().transport(), Some(Transport::Ws));
    let uri = invite.request_uri().unwrap();
    assert_eq!(uri, "sip:alice@page1.invalid;transport=ws");
    // Binary is as good as text.
    let busy = response(&invite, "486 Busy Here").into_bytes();
    alice.say(busy).await;
    assert_eq!(alice.receive().await.method(), Some(&Method::Ack));
    assert_eq!(house.outcome().await, Outcome::Busy);
    house.close().await;
}

#[tokio::test]
async fn a_page_that_is_loaded_again_leaves_no_double() {
    let mut house = House::open_with(2, websockets);
    let mut before = Browser::open(&house).await;
    before.register("alice", 1).await;
    assert_eq!(house.phone().await.1, PhoneCause::Bound);
    // The new page may be there before the old socket is seen to be gone.
    let mut after = Browser::open(&house).await;
    let answer = after.register("alice", 2).await;
    assert_eq!(answer.contacts().count(), 1);
    assert_eq!(house.phone().await.1, PhoneCause::Refreshed);
    before.0.close(None).await.unwrap();
    drop(before);
    assert_eq!(
        after.register("alice", 3).await.contacts().count(),
        1,
        "the end of the old socket takes nothing"
    );
    assert_eq!(house.phone().await.1, PhoneCause::Refreshed);
    drop(after);
    assert_eq!(house.phone().await.1, PhoneCause::FlowLost);
    house.close().await;
}

/// The other order: the old socket is seen to be gone before the new page is there.
#[tokio::test]
async fn a_page_that_goes_and_comes_again_leaves_no_double() {
    let mut house = House::open_with(2, websockets);
    for cseq in 1..=3 {
        let mut page = Browser::open(&house).await;
        let answer = page.register("alice", cseq).await;
        assert_eq!(answer.contacts().count(), 1);
        assert_eq!(house.phone().await.1, PhoneCause::Bound);
        drop(page);
        assert_eq!(house.phone().await.1, PhoneCause::FlowLost);
        assert_eq!(house.handle.location().len(), 0);
    }
    house.close().await;
}

/// A page that names no instance cannot be known again: its double goes with the old socket.
#[tokio::test]
async fn a_page_without_an_instance_is_single_once_its_old_socket_is_gone() {
    let mut house = House::open_with(2, websockets);
    let (mut before, mut after) = (Browser::open(&house).await, Browser::open(&house).await);
    for (page, host) in [(&mut before, "old"), (&mut after, "new")] {
        let contact = format!("<sip:alice@{host}.invalid;transport=ws>");
        let mut draft = register("alice", &contact);
        draft.call_id = host.to_owned();
        let text = page.text(&draft);
        page.say(text).await;
        assert_eq!(page.receive().await.status(), Some(200));
        assert_eq!(house.phone().await.1, PhoneCause::Bound);
    }
    drop(before);
    assert_eq!(house.phone().await.1, PhoneCause::FlowLost);
    let alice = Aor::parse("sip:alice@127.0.0.1").unwrap();
    let left = house.handle.location().lookup(&alice, house.handle.now());
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].contact(), "sip:alice@new.invalid;transport=ws");
    house.close().await;
}

#[tokio::test]
async fn the_handshake_asks_for_sip_and_for_a_page_that_may() {
    let house = House::open_with(1, |config| {
        websockets(config);
        config.sip.origins = Origins(vec!["https://phone.example".to_owned()]);
    });
    let origin = |site| [SIP, ("origin", site)];
    for site in ["http://127.0.0.1:8080", "https://phone.example"] {
        Browser::try_open(&house, &origin(site)).await.unwrap();
    }
    for (headers, status) in [
        (vec![], StatusCode::BAD_REQUEST),
        (vec![(SIP.0, "chat")], StatusCode::BAD_REQUEST),
        (origin("http://evil.example").into(), StatusCode::FORBIDDEN),
        (origin("null").into(), StatusCode::FORBIDDEN),
    ] {
        let Err(error) = Browser::try_open(&house, &headers).await else {
            panic!("{headers:?} gets in")
        };
        let Error::Http(answer) = *error else {
            panic!("{error:?}")
        };
        assert_eq!(answer.status(), status, "{headers:?}");
    }
    house.counted(4, |all| &all.traffic.unshaken).await;
    house.close().await;
}

#[tokio::test]
async fn keep_alives_are_answered() {
    let house = House::open_with(1, websockets);
    let mut phone = Browser::open(&house).await;
    phone.say("\r\n\r\n").await;
    assert_eq!(phone.next().await, Frame::text("\r\n"));
    phone.say(Frame::Ping("here".into())).await;
    assert_eq!(phone.next().await, Frame::Pong("here".into()));
    // The length is the frame's (RFC 7118 section 5.4).
    let text = phone.text(&options()).replace("Content-Length: 0\r\n", "");
    phone.say(text).await;
    assert_eq!(phone.receive().await.status(), Some(200));
    house.close().await;
}

#[tokio::test]
async fn what_is_no_sip_or_too_much_of_it_ends_the_socket_with_a_code() {
    let house = House::open_with(1, websockets);
    let much = "x".repeat(sip::limits::MAX_MESSAGE + 1);
    for (frame, code) in [
        (
            Frame::text("GET / HTTP/1.1\r\n\r\n"),
            CloseCode::Unsupported,
        ),
        (Frame::text(much), CloseCode::Size),
    ] {
        let mut phone = Browser::open(&house).await;
        phone.say(frame).await;
        assert_eq!(phone.end().await, code);
    }
    house.close().await;
}
