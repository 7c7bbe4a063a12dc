//! Shards whose board does not keep up, on real sockets: nothing is lost, and what waits meanwhile is answered in its
//! time.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use sip::msg::{Name, lex};
use sip::name::Transport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::*;
use crate::event::What;
use crate::transport;

/// Longer than anything here takes on a busy machine; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server and its board, which reads when the test does.
struct House {
    runtime: Runtime,
    board: mpsc::Receiver<Event>,
}

impl House {
    fn open(shards: u8, room: usize) -> Self {
        let mut config = Config {
            shards,
            ..Config::default()
        };
        config.sip.udp = vec!["127.0.0.1:0".parse().unwrap()];
        config.sip.tcp = vec!["127.0.0.1:0".parse().unwrap()];
        config.sip.tls = Vec::new();
        config.sip.ws = Vec::new();
        config.sip.wss = Vec::new();
        let (sockets, bound) = transport::bind(&config, shards, None).unwrap();
        let (told, board) = mpsc::channel(room);
        let location = Arc::new(Location::new(config.shard_count(), config.limits.aors));
        let runtime = Runtime::telling(
            Arc::new(config),
            Arc::default(),
            sockets,
            bound,
            location,
            Kept::default(),
            told,
        )
        .unwrap();
        Self { runtime, board }
    }

    fn addr(&self, transport: Transport) -> SocketAddr {
        let mut bound = self.runtime.handle.bound().iter();
        bound.find(|b| b.transport == transport).unwrap().addr
    }

    /// How often each shard has waited for the board.
    fn waited(&self) -> Vec<u64> {
        let counters = self.runtime.handle.counters().iter();
        counters
            .map(|counters| counters.events_waited.get())
            .collect()
    }

    /// Registers phones until as many shards as are wanted wait for the board, one after the other: what a socket sends
    /// is heard by one shard, which the kernel chooses, and carried out by it. Gives their numbers, and that of phones.
    async fn stall(&self, wanted: usize) -> (Vec<u8>, usize) {
        let mut phones = sockets(self.addr(Transport::Udp)).await;
        phones.truncate(if wanted == 1 { 1 } else { phones.len() });
        let (before, mut stalled, mut n) = (self.waited(), Vec::new(), 0);
        let mut is_owed = vec![false; phones.len()];
        let all = async {
            while stalled.len() < wanted {
                for (phone, is_owed) in phones.iter().zip(&mut is_owed) {
                    // Who waits already does not answer: one request lies there, and no more.
                    if !*is_owed || phone.try_recv(&mut [0; 2_048]).is_ok() {
                        let name = format!("{}-{n}", phone.local_addr().unwrap().port());
                        phone.send(&register(&name, &name)).await.unwrap();
                        (*is_owed, n) = (true, n + 1);
                    }
                }
                tokio::task::yield_now().await;
                stalled = (0_u8..)
                    .zip(self.waited().iter().zip(&before))
                    .filter(|(_, (now, before))| now > before)
                    .map(|(shard, _)| shard)
                    .collect();
            }
        };
        timeout(PATIENCE, all).await.unwrap();
        assert_eq!(stalled.len(), wanted, "sixteen sockets reach every shard");
        (stalled, n)
    }
}

async fn sockets(server: SocketAddr) -> Vec<UdpSocket> {
    let mut sockets = Vec::new();
    for _ in 0..16 {
        sockets.push(socket(server).await);
    }
    sockets
}

async fn socket(server: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(server).await.unwrap();
    socket
}

fn request(first_line: &str, via: &str, call_id: &str, extra: &str) -> Vec<u8> {
    let method = first_line.split(' ').next().unwrap();
    format!(
        "{first_line} SIP/2.0\r\nVia: SIP/2.0/{via};branch=z9hG4bK{call_id}\r\nMax-Forwards: 70\r\n\
         From: <sip:p@127.0.0.1>;tag=1\r\nTo: <sip:p@127.0.0.1>\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n\
         {extra}Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

fn register(user: &str, call_id: &str) -> Vec<u8> {
    let text = request(
        "REGISTER sip:127.0.0.1",
        "UDP 127.0.0.1:9;rport",
        call_id,
        &format!("Contact: <sip:{user}@127.0.0.1:9>\r\n"),
    );
    String::from_utf8(text)
        .unwrap()
        .replace("sip:p@", &format!("sip:p{user}@"))
        .into()
}

#[tokio::test]
async fn a_board_that_reads_late_loses_nothing() {
    for shards in [1, 4] {
        let mut house = House::open(shards, 2);
        let (_, phones) = house.stall(1).await;
        assert!(phones > 2);

        // The way down begins while they wait, and takes nothing away.
        let location = Arc::clone(&house.runtime.handle.0.location);
        let mut shown = BTreeMap::new();
        let read = async {
            while let Some(event) = house.board.recv().await {
                let What::Phone(change) = event.what else {
                    panic!("{event:?}")
                };
                let (aor, version) = (change.aor.as_str().to_owned(), change.version);
                assert_eq!(change.bindings.len(), 1);
                assert_eq!(shown.insert(aor, version), None, "told twice");
            }
        };
        timeout(PATIENCE, async { tokio::join!(house.runtime.stop(), read) })
            .await
            .expect("the shards end when all is told");
        assert_eq!(shown.len(), usize::try_from(location.len()).unwrap());
        let versions: BTreeSet<_> = shown.values().collect();
        assert!(shards > 1 || versions.len() == shown.len());
    }
}

#[tokio::test]
async fn a_shard_without_a_board_goes_on() {
    let House { runtime, board } = House::open(1, 1);
    drop(board);
    let addr = runtime.handle.bound()[0].addr;
    let phone = socket(addr).await;
    let mut buffer = [0; 2_048];
    for n in 0..5 {
        let n = n.to_string();
        phone.send(&register(&n, &n)).await.unwrap();
        let answered = timeout(PATIENCE, phone.recv(&mut buffer)).await;
        assert!(answered.is_ok());
    }
    timeout(PATIENCE, runtime.stop()).await.unwrap();
}

/// What other shards have for it fills its mailbox; then its requests are refused, and not forgotten.
#[tokio::test]
async fn a_full_mailbox_is_answered_503_with_retry_after() {
    let house = House::open(2, 1);
    let (stalled, _) = house.stall(1).await;
    let callers = sockets(house.addr(Transport::Udp)).await;
    let refused = async {
        for n in 0_u64.. {
            for caller in &callers {
                let id = format!(
                    "o{n}-{}.xp{:02x}",
                    caller.local_addr().unwrap().port(),
                    stalled[0]
                );
                let options = request("OPTIONS sip:127.0.0.1", "UDP 127.0.0.1:9;rport", &id, "");
                caller.send(&options).await.unwrap();
                let mut buffer = [0; 2_048];
                if let Ok(len) = caller.try_recv(&mut buffer) {
                    return lex(Bytes::copy_from_slice(&buffer[..len])).unwrap();
                }
            }
            tokio::task::yield_now().await;
        }
        unreachable!()
    };
    let refused = timeout(PATIENCE, refused).await.unwrap();
    assert_eq!(refused.status(), Some(503));
    assert_eq!(
        refused.text(Name::RetryAfter).unwrap(),
        limits::RETRY_AFTER.to_string()
    );
    let counted = house.runtime.handle.counters().iter();
    assert!(counted.map(|c| c.overload_refused.get()).sum::<u64>() > 0);
    drop(house.board);
    timeout(PATIENCE, house.runtime.stop()).await.unwrap();
}

/// RFC 3261 section 18.2.2: the connection of a request is gone when its answer is ready.
#[tokio::test]
async fn a_response_whose_connection_is_gone_goes_by_a_new_one() {
    for shards in [1, 2] {
        let mut house = House::open(shards, 1);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let via = format!("TCP {}", listener.local_addr().unwrap());

        // All shards wait for the board, so that question and hang-up are heard in one go.
        house.stall(usize::from(shards)).await;
        let mut asker = TcpStream::connect(house.addr(Transport::Tcp))
            .await
            .unwrap();
        let options = request("OPTIONS sip:127.0.0.1", &via, "o", "");
        asker.write_all(&options).await.unwrap();
        asker.shutdown().await.unwrap();
        let mut nothing = Vec::new();
        timeout(PATIENCE, asker.read_to_end(&mut nothing))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(nothing, b"", "nobody has answered yet");

        let read = async { while house.board.recv().await.is_some() {} };
        let answered = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = vec![0; 2_048];
            let len = stream.read(&mut buffer).await.unwrap();
            buffer.truncate(len);
            lex(buffer.into()).unwrap()
        };
        let answer = tokio::select! {
            answer = timeout(PATIENCE, answered) => answer.expect("an answer in time"),
            () = read => panic!("the shards have ended"),
        };
        assert_eq!(answer.status(), Some(200));
        assert_eq!(answer.call_id(), Ok("o"));
        drop(house.board);
        timeout(PATIENCE, house.runtime.stop()).await.unwrap();
    }
}
