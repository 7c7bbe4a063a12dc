//! Connections of the web host over real sockets: how many there may be, and how long each may do nothing.

#![expect(
    clippy::disallowed_methods,
    reason = "what takes time here takes it by the paused clock"
)]

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use server::limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::desk::{Desk, PATIENCE};

const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

struct Client(TcpStream);

impl Client {
    async fn connect(addr: SocketAddr) -> Self {
        Self(TcpStream::connect(addr).await.unwrap())
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// A whole answer of `/healthz`.
    async fn hear(&mut self) -> String {
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\nok\n") {
            let read = timeout(PATIENCE, self.0.read_buf(&mut heard)).await;
            let text = String::from_utf8_lossy(&heard);
            assert_ne!(read.expect("an answer in time").unwrap(), 0, "{text}");
        }
        String::from_utf8(heard).unwrap()
    }

    /// All that comes until the server closes.
    async fn rest(&mut self) -> String {
        let mut heard = Vec::new();
        match self.0.read_to_end(&mut heard).await {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("{error}"),
        }
        String::from_utf8(heard).unwrap()
    }
}

/// Each byte comes long before anybody would lose patience with the last one.
#[tokio::test(start_paused = true)]
async fn a_head_that_comes_drop_by_drop_is_cut_off() {
    let desk = Desk::open();
    let mut client = Client::connect(desk.listen().await).await;
    let began = Instant::now();
    let (mut reader, mut writer) = client.0.split();
    let trickle = async {
        for byte in GET.iter().chain(b"X: y\r\n".iter().cycle()) {
            if writer.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let mut heard = Vec::new();
    tokio::select! {
        _ = reader.read_to_end(&mut heard) => {}
        () = trickle => {}
    }
    let took = began.elapsed();
    let limit = limits::HEADER_TIME;
    assert!(
        took >= limit && took < limit + Duration::from_secs(2),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_between_requests_but_not_for_ever() {
    let desk = Desk::open();
    let mut client = Client::connect(desk.listen().await).await;
    for _ in 0..2 {
        client.say(GET).await;
        assert!(client.hear().await.starts_with("HTTP/1.1 200 "));
        tokio::time::advance(limits::HEADER_TIME / 2).await;
    }
    let began = Instant::now();
    assert_eq!(client.rest().await, "");
    assert!(began.elapsed() <= limits::HEADER_TIME);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_answered_in_time() {
    let desk = Desk::open();
    let mut client = Client::connect(desk.listen().await).await;
    let began = Instant::now();
    let head = "POST /api/v1/calls HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    client.say(head.as_bytes()).await;
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"too_slow\""), "{answer}");
    assert!(began.elapsed() >= limits::REQUEST_TIME);
}

#[tokio::test]
async fn so_many_connections_there_may_be_and_no_more() {
    for one_source in [false, true] {
        let desk = Desk::open_with(Path::new("no/such/folder"), |config| {
            let limits = &mut config.limits;
            let limit = if one_source {
                &mut limits.http_connections_per_source
            } else {
                &mut limits.http_connections
            };
            *limit = 3;
        });
        let addr = desk.listen().await;
        let mut clients = Vec::new();
        for _ in 0..3 {
            let mut client = Client::connect(addr).await;
            client.say(GET).await;
            client.hear().await;
            clients.push(client);
        }
        let mut refused = Client::connect(addr).await;
        let answer = refused.rest().await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
        let after = format!("Retry-After: {}\r\n", limits::RETRY_AFTER);
        assert!(head.contains(&after), "{head}");
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
        assert_eq!(desk.web.connections.open(), 3);
        assert_eq!(desk.web.connections.refused(), 1);
        // The others are served all the same, and one that goes makes room.
        clients[0].say(GET).await;
        clients[0].hear().await;
        drop(clients.pop());
        let room = async {
            while desk.web.connections.open() == 3 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, room).await.expect("room for one more");
        let mut next = Client::connect(addr).await;
        next.say(GET).await;
        next.hear().await;
        desk.close().await;
    }
}

#[tokio::test]
async fn requests_under_way_are_finished_when_the_server_stops() {
    let desk = Desk::open();
    let addr = desk.listen().await;
    let mut idle = Client::connect(addr).await;
    idle.say(GET).await;
    idle.hear().await;
    let mut busy = Client::connect(addr).await;
    let body = r#"{"from": "sip:a@127.0.0.1", "to": "sip:b@127.0.0.1"}"#;
    let head = format!(
        "POST /api/v1/calls HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    busy.say(head.as_bytes()).await;
    // The server asks for the body: it has begun with the request.
    busy.0.readable().await.unwrap();
    desk.say_farewell();
    assert_eq!(idle.rest().await, "");
    busy.say(body.as_bytes()).await;
    let answer = busy.rest().await;
    assert!(answer.contains("HTTP/1.1 409 "), "{answer}");
    assert!(
        TcpStream::connect(addr).await.is_err(),
        "nobody else comes in"
    );
    desk.close().await;
}
