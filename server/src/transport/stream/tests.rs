//! Connections on a paused clock, where a minute of patience costs nothing.

#![expect(
    clippy::disallowed_methods,
    reason = "a connection is driven here as the runtime drives it, on paused time"
)]

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use sip::name::Transport;
use sip::transaction::Transmit;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpListener;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::Instant;

use super::connection::{self, Opener};
use super::line::line;
use super::*;
use crate::config::Config;

const IDLE: Duration = Duration::from_secs(100);

struct Shard {
    context: Rc<Context>,
    arrivals: mpsc::Receiver<Arrival>,
    began: Instant,
}

impl Shard {
    fn new() -> Self {
        let (arrivals_in, arrivals) = mpsc::channel(limits::ARRIVALS);
        let admission = Admission::new(10, 10);
        let bound = [Bound {
            transport: Transport::Tcp,
            addr: "127.0.0.1:5080".parse().unwrap(),
        }];
        let context = Context::new(Setup {
            shard: 3,
            admission,
            traffic: Arc::default(),
            arrivals: arrivals_in,
            idle: IDLE,
            bound: bound.into(),
            tls: None,
            origins: Arc::new(OriginRule::new(&Config::default())),
        });
        Self {
            context,
            arrivals,
            began: Instant::now(),
        }
    }

    /// A connection whose other end is given, with so much room between them.
    fn connect(&self, opener: Opener, room: usize) -> (DuplexStream, Line) {
        let (near, far) = duplex(room);
        let flow = flow(self.context.next_id(), "127.0.0.1:9".parse().unwrap());
        let permit = self.context.admission.accept(flow.peer.ip()).unwrap();
        let (line, outgoing) = line();
        spawn_local(connection::run(
            near,
            flow,
            opener,
            outgoing,
            permit,
            Rc::clone(&self.context),
        ));
        (far, line)
    }

    /// How long it took until the connection was closed; everything before is passed over.
    async fn closed(&mut self) -> Duration {
        loop {
            if let Arrival::Closed(_) = self.arrivals.recv().await.unwrap() {
                return self.began.elapsed();
            }
        }
    }

    async fn message(&mut self) -> Message {
        match self.arrivals.recv().await.unwrap() {
            Arrival::Message(message, _) => message,
            other => panic!("a message, not {other:?}"),
        }
    }
}

fn flow(connection: ConnectionId, peer: SocketAddr) -> Flow {
    Flow {
        transport: Transport::Tcp,
        local: "127.0.0.1:5080".parse().unwrap(),
        peer,
        connection,
    }
}

const REQUEST: &[u8] = b"OPTIONS sip:x SIP/2.0\r\nCall-ID: c\r\nContent-Length: 0\r\n\r\n";

/// Runs on the thread's own tasks, as a shard does.
async fn local(test: impl Future<Output = ()>) {
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_has_to_say_something_soon() {
    local(async {
        let mut shard = Shard::new();
        let _peer = shard.connect(Opener::Peer, 4_096);
        assert_eq!(shard.closed().await, limits::MESSAGE_TIME);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_of_ours_may_be_silent_from_the_start() {
    local(async {
        let mut shard = Shard::new();
        let _peer = shard.connect(Opener::Us, 4_096);
        assert_eq!(shard.closed().await, IDLE);
    })
    .await;
}

/// RFC 5626 section 5.4.
#[tokio::test(start_paused = true)]
async fn a_peer_that_has_to_keep_its_connection_alive_may_not_be_silent() {
    const SILENCE: Duration = Duration::from_secs(60);
    local(async {
        let mut shard = Shard::new();
        let (mut peer, line) = shard.connect(Opener::Peer, 4_096);
        peer.write_all(REQUEST).await.unwrap();
        shard.message().await;
        line.keep_alive(SILENCE);
        for _ in 0..10 {
            tokio::time::sleep(SILENCE * 9 / 10).await;
            peer.write_all(b"\r\n\r\n").await.unwrap();
            assert!(matches!(
                shard.arrivals.recv().await,
                Some(Arrival::Ping(_))
            ));
        }
        shard.began = Instant::now();
        assert_eq!(shard.closed().await, SILENCE);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_trickling_message_is_cut_off_and_a_slow_pause_is_not() {
    local(async {
        let mut shard = Shard::new();
        let (mut peer, _line) = shard.connect(Opener::Peer, 4_096);
        peer.write_all(REQUEST).await.unwrap();
        shard.message().await;
        // Longer than a message may take, shorter than silence may.
        tokio::time::advance(limits::MESSAGE_TIME * 2).await;
        peer.write_all(b"\r\n\r\n").await.unwrap();
        assert!(matches!(
            shard.arrivals.recv().await,
            Some(Arrival::Ping(_))
        ));

        shard.began = Instant::now();
        let trickle = async {
            for byte in REQUEST.iter().cycle().take(50) {
                if peer.write_all(&[*byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let (closed, ()) = tokio::join!(shard.closed(), trickle);
        let began_at_the_fourth_byte = limits::MESSAGE_TIME + Duration::from_secs(3);
        assert!(closed <= began_at_the_fourth_byte, "{closed:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_not_read_and_then_dropped() {
    local(async {
        let mut shard = Shard::new();
        let (mut peer, line) = shard.connect(Opener::Peer, 100);
        line.send(Bytes::from(vec![b'x'; limits::STREAM_PAUSE + 1]))
            .unwrap();
        tokio::task::yield_now().await;
        peer.write_all(&REQUEST[..50]).await.unwrap();
        assert_eq!(
            shard.closed().await,
            limits::WRITE_TIME,
            "and no message before"
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_reads_late_is_read_again() {
    local(async {
        let mut shard = Shard::new();
        let (mut peer, line) = shard.connect(Opener::Peer, 4_096);
        let much = vec![b'x'; limits::STREAM_PAUSE + 1];
        line.send(Bytes::from(much.clone())).unwrap();
        tokio::task::yield_now().await;
        peer.write_all(REQUEST).await.unwrap();
        tokio::time::advance(limits::WRITE_TIME / 2).await;
        assert!(
            shard.arrivals.try_recv().is_err(),
            "nothing is read meanwhile"
        );
        let mut read = vec![0; much.len()];
        peer.read_exact(&mut read).await.unwrap();
        assert_eq!(read, much);
        shard.message().await;
    })
    .await;
}

#[tokio::test]
async fn a_message_without_a_connection_opens_one_and_the_next_uses_it() {
    local(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = listener.local_addr().unwrap();
        let mut shard = Shard::new();
        let mut table = Table::new(Rc::clone(&shard.context));
        let nameless = flow(ConnectionId::NONE, peer);
        for _ in 0..2 {
            let bytes = Bytes::from_static(REQUEST);
            table
                .send(
                    7,
                    Transmit {
                        flow: nameless,
                        bytes,
                    },
                )
                .unwrap();
        }
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = vec![0; REQUEST.len() * 2];
        stream.read_exact(&mut read).await.unwrap();
        assert_eq!(read, REQUEST.repeat(2));

        stream.write_all(REQUEST).await.unwrap();
        let Some(Arrival::Message(_, by)) = shard.arrivals.recv().await else {
            panic!()
        };
        assert_eq!(
            by.local, nameless.local,
            "our listening port, not the one it was opened from"
        );
        assert_eq!(
            home(&by, 9),
            3,
            "the connection's number leads back to its shard"
        );
        drop(stream);
        let Some(Arrival::Closed(gone)) = shard.arrivals.recv().await else {
            panic!()
        };
        assert_eq!(gone, by);
        assert_eq!(
            table.closed(gone.connection),
            [(7, nameless)],
            "whoever named none is told by that name"
        );
        assert!(
            table
                .send(
                    7,
                    Transmit {
                        flow: by,
                        bytes: Bytes::new()
                    }
                )
                .is_err()
        );
    })
    .await;
}

#[tokio::test]
async fn a_peer_that_takes_no_connection_is_told_of() {
    local(async {
        let gone = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let mut shard = Shard::new();
        let mut table = Table::new(Rc::clone(&shard.context));
        let nameless = flow(ConnectionId::NONE, gone);
        table
            .send(
                0,
                Transmit {
                    flow: nameless,
                    bytes: Bytes::from_static(REQUEST),
                },
            )
            .unwrap();
        let Some(Arrival::Untaken(flow)) = shard.arrivals.recv().await else {
            panic!()
        };
        assert_eq!(table.closed(flow.connection), [(0, nameless)]);
    })
    .await;
}

#[tokio::test]
async fn a_full_line_is_cut_and_a_new_one_opened() {
    local(async {
        let shard = Shard::new();
        let mut table = Table::new(Rc::clone(&shard.context));
        let (line, _outgoing) = line();
        let by = flow(shard.context.next_id(), "127.0.0.1:9".parse().unwrap());
        table.opened(by, line);
        let half = Bytes::from(vec![0; limits::STREAM_BACKLOG / 2]);
        let send = |table: &mut Table, flow| {
            table.send(
                0,
                Transmit {
                    flow,
                    bytes: half.clone(),
                },
            )
        };
        assert!(send(&mut table, by).is_ok());
        assert!(
            send(&mut table, flow(ConnectionId::NONE, by.peer)).is_ok(),
            "reused for the same peer"
        );
        assert!(send(&mut table, by).is_err());
        assert!(send(&mut table, by).is_err(), "for good");
        assert_eq!(table.closed(by.connection).len(), 1);
    })
    .await;
}

#[test]
fn permits_come_back_when_connections_go() {
    let admission = Admission::new(3, 2);
    let (one, other) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
    let first = admission.accept(one).unwrap();
    let _second = admission.accept(one).unwrap();
    assert_eq!(
        admission.accept(one).unwrap_err().to_string(),
        "limits.connections_per_source"
    );
    let _third = admission.accept(other).unwrap();
    assert_eq!(
        admission.accept(other).unwrap_err().to_string(),
        "limits.connections"
    );
    assert_eq!(
        admission.open().unwrap_err().to_string(),
        "limits.connections"
    );
    drop(first);
    let _ours = admission.open().unwrap();
    assert!(admission.accept(one).is_err(), "ours counts too");
}

#[test]
fn an_ipv6_network_is_one_source() {
    let admission = Admission::new(10, 1);
    let _one = admission
        .accept("2001:db8:1:2::1".parse().unwrap())
        .unwrap();
    assert!(
        admission
            .accept("2001:db8:1:2:ffff::2".parse().unwrap())
            .is_err()
    );
    assert!(admission.accept("2001:db8:1:3::1".parse().unwrap()).is_ok());
}
