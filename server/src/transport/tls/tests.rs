//! TLS connections that we open.

#![expect(
    clippy::disallowed_methods,
    reason = "the other end needs a turn of its own"
)]

use std::net::SocketAddr;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sip::name::{ConnectionId, Flow, Transport};
use sip::transaction::Transmit;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};

use super::*;
use crate::limits;
use crate::transport::OriginRule;
use crate::transport::stream::{Admission, Arrival, Context, Setup, Table};

const REQUEST: &[u8] = b"OPTIONS sip:x SIP/2.0\r\nCall-ID: c\r\nContent-Length: 0\r\n\r\n";

/// A peer with a certificate of its own making.
fn peer() -> Arc<Tls> {
    Tls::load(&Config::default(), None).unwrap().unwrap()
}

/// Us, who believe what this one has signed.
fn who_believes(peer: Option<&Tls>, name: &str) -> Option<Arc<Tls>> {
    let mut config = Config::default();
    config.sip.tls = Vec::new();
    config.sip.wss = Vec::new();
    let file = std::env::temp_dir().join(format!("crosspoint-{name}-{}.pem", std::process::id()));
    if let Some(Identity { chain, .. }) = peer.and_then(|peer| peer.own.as_ref()) {
        let text = STANDARD.encode(&chain[0]);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
        std::fs::write(&file, pem).unwrap();
        config.tls.peer_ca = Some(file.clone());
    }
    let tls = Tls::load(&config, None).unwrap();
    let _ = std::fs::remove_file(file);
    tls
}

/// What the peer reads, or `None` where the connection does not come about; what the shard hears of it.
async fn send(peer: Arc<Tls>, us: Option<Arc<Tls>>) -> Result<Vec<u8>, Option<Arrival>> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let flow = Flow {
        transport: Transport::Tls,
        local: SocketAddr::from(([127, 0, 0, 1], 5081)),
        peer: listener.local_addr().unwrap(),
        connection: ConnectionId::NONE,
    };
    let (arrivals_in, mut arrivals) = mpsc::channel(limits::ARRIVALS);
    let context = Context::new(Setup {
        shard: 0,
        admission: Admission::new(10, 10),
        traffic: Arc::default(),
        arrivals: arrivals_in,
        idle: limits::CONNECTION_IDLE,
        bound: Box::default(),
        tls: us,
        origins: Arc::new(OriginRule::new(&Config::default())),
    });
    let mut table = Table::new(Rc::clone(&context));
    let bytes = Bytes::from_static(REQUEST);
    if table.send(0, Transmit { flow, bytes }).is_err() {
        return Err(None);
    }
    let read = spawn_local(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = peer.acceptor().accept(stream).await.ok()?;
        let mut read = vec![0; REQUEST.len()];
        stream.read_exact(&mut read).await.ok()?;
        Some(read)
    });
    match read.await.unwrap() {
        Some(read) => Ok(read),
        None => Err(arrivals.recv().await),
    }
}

#[tokio::test]
async fn a_tls_connection_of_ours_needs_somebody_who_vouches() {
    let test = async {
        let (friend, stranger) = (peer(), peer());
        let us = who_believes(Some(&friend), "friend");
        assert_eq!(
            send(Arc::clone(&friend), us.clone()).await.unwrap(),
            REQUEST
        );
        let heard = send(stranger, us).await.unwrap_err();
        assert!(matches!(heard, Some(Arrival::Closed(_))), "{heard:?}");
        let nobody = who_believes(None, "nobody");
        assert!(nobody.is_none());
        assert!(send(friend, nobody).await.unwrap_err().is_none());
    };
    LocalSet::new().run_until(test).await;
}
