//! WebSockets on a paused clock: who falls silent, who dawdles, who never shakes hands.

#![expect(
    clippy::disallowed_methods,
    reason = "a connection is driven here as the runtime drives it, on paused time"
)]

use std::sync::Arc;
use std::time::Duration;

use sip::name::{ConnectionId, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;
use crate::config::Config;
use crate::transport::OriginRule;
use crate::transport::stream::line::line;
use crate::transport::stream::{Admission, Line, Setup, enter};

struct Shard {
    context: Rc<Context>,
    arrivals: mpsc::Receiver<Arrival>,
    began: Instant,
}

impl Shard {
    fn new() -> Self {
        let (arrivals_in, arrivals) = mpsc::channel(limits::ARRIVALS);
        let context = Context::new(Setup {
            shard: 0,
            admission: Admission::new(10, 10),
            traffic: Arc::default(),
            arrivals: arrivals_in,
            idle: limits::CONNECTION_IDLE,
            bound: Box::default(),
            tls: None,
            origins: Arc::new(OriginRule::new(&Config::default())),
        });
        Self {
            context,
            arrivals,
            began: Instant::now(),
        }
    }

    fn flow(&self) -> Flow {
        Flow {
            transport: Transport::Ws,
            local: "127.0.0.1:5082".parse().unwrap(),
            peer: "127.0.0.1:9".parse().unwrap(),
            connection: ConnectionId(7),
        }
    }

    /// A WebSocket behind its handshake; the other end, octet by octet.
    async fn connect(&self) -> (DuplexStream, Line) {
        let (near, far) = duplex(4_096);
        let socket = WebSocketStream::from_raw_socket(near, Role::Server, Some(config())).await;
        let permit = self
            .context
            .admission
            .accept(self.flow().peer.ip())
            .unwrap();
        let (line, outgoing) = line();
        let context = Rc::clone(&self.context);
        spawn_local(run(socket, self.flow(), outgoing, permit, context));
        (far, line)
    }

    /// How long it took until the shard was told that the connection is gone, which takes its bindings.
    async fn closed(&mut self) -> Duration {
        loop {
            match self.arrivals.recv().await.unwrap() {
                Arrival::Closed(flow) => {
                    assert_eq!(flow, self.flow());
                    return self.began.elapsed();
                }
                Arrival::Message(..) | Arrival::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Runs on the thread's own tasks, as a shard does.
async fn local(test: impl Future<Output = ()>) {
    LocalSet::new().run_until(test).await;
}

/// A pong as a browser sends it: masked, and empty.
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

#[tokio::test(start_paused = true)]
async fn a_websocket_that_falls_silent_is_closed() {
    local(async {
        let mut shard = Shard::new();
        let (mut browser, _line) = shard.connect().await;
        // As long as it answers it may say nothing else.
        for _ in 0..20 {
            let mut ping = [0; 2];
            browser.read_exact(&mut ping).await.unwrap();
            assert_eq!(ping, [0x89, 0]);
            browser.write_all(&PONG).await.unwrap();
        }
        assert!(shard.arrivals.try_recv().is_err(), "it still stands");
        shard.began = Instant::now();
        let silence = shard.closed().await;
        let most = limits::WEBSOCKET_SILENCE + limits::WEBSOCKET_PING;
        assert!(
            (limits::WEBSOCKET_SILENCE..=most).contains(&silence),
            "{silence:?}"
        );
    })
    .await;
}

/// A message that comes drop by drop holds a place, but not for ever: nothing whole was heard.
#[tokio::test(start_paused = true)]
async fn a_message_that_never_ends_is_cut_off() {
    local(async {
        let mut shard = Shard::new();
        let (mut browser, _line) = shard.connect().await;
        let trickle = async {
            // The head of a masked text of 60 000 octets, and then one of them each second.
            let mut sent = browser
                .write_all(&[0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0])
                .await;
            while sent.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                sent = browser.write_all(b"x").await;
            }
        };
        let (closed, ()) = tokio::join!(shard.closed(), trickle);
        assert!(
            closed <= limits::WEBSOCKET_SILENCE + limits::WEBSOCKET_PING,
            "{closed:?}"
        );
    })
    .await;
}

/// The time of a handshake is that of the whole: octets that trickle in do not prolong it.
#[tokio::test(start_paused = true)]
async fn a_handshake_has_a_time_limit() {
    for trickles in [false, true] {
        local(async {
            let shard = Shard::new();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut browser = TcpStream::connect(listener.local_addr().unwrap())
                .await
                .unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let permit = shard
                .context
                .admission
                .accept(shard.flow().peer.ip())
                .unwrap();
            let context = Rc::clone(&shard.context);
            let began = Instant::now();
            let entering = spawn_local(enter::run(stream, shard.flow(), permit, context));
            if trickles {
                for byte in b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: y\r\n" {
                    if entering.is_finished() || browser.write_all(&[*byte]).await.is_err() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            entering.await.unwrap();
            let took = began.elapsed();
            let most = limits::HANDSHAKE_TIME + Duration::from_secs(1);
            assert!((limits::HANDSHAKE_TIME..=most).contains(&took), "{took:?}");
            assert_eq!(shard.context.traffic.unshaken.get(), 1);
            assert_eq!(shard.context.admission.open_now(), 0, "its place is free");
        })
        .await;
    }
}
