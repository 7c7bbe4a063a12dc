//! Phones on TLS and WebSockets over a restart: on the board, and not reachable until they return (RFC 5626 section 4.2.1:
//! a flow ends with its connection).

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use sip::msg::lex;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::house::PATIENCE;
use crate::peer::{Draft, StreamPeer, register};
use crate::scene::{Scene, Server};

/// The REGISTER of the one device of a user, the `nth`.
fn draft(user: &str, contact: &str, nth: u32) -> Draft {
    let contact = format!(
        "<sip:{user}@{contact}>;reg-id=1;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000001>\""
    );
    let mut draft = register(user, &contact);
    draft.cseq = nth;
    draft
}

/// Who trusts the certificate that the server made for itself, and no other.
async fn on_tls(
    certificate: &Path,
    server: SocketAddr,
    nth: u32,
) -> StreamPeer<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    let own = CertificateDer::from_pem_file(certificate).unwrap();
    roots.add(own).unwrap();
    let roots = Arc::new(roots);
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_webpki_verifier(verifier.build().unwrap())
        .with_no_client_auth();
    let stream = TcpStream::connect(server).await.unwrap();
    let local = stream.local_addr().unwrap();
    let name = ServerName::from(server.ip());
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let mut phone = StreamPeer::over(stream.await.unwrap(), "TLS", local, server);
    let draft = draft("alice", &format!("{local};transport=tls"), nth);
    assert_eq!(phone.ask(&draft).await.status(), Some(200));
    phone
}

async fn on_websocket(server: SocketAddr, nth: u32) -> WebSocketStream<TcpStream> {
    let mut request = format!("ws://{server}/").into_client_request().unwrap();
    let protocol = "sip".parse().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let stream = TcpStream::connect(server).await.unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    let draft = draft("bob", "df7jal23ls0d.invalid;transport=ws", nth);
    let text = draft.text("WS", "192.0.2.1:9".parse().unwrap(), server);
    socket.send(Frame::Text(text.into())).await.unwrap();
    let answer = timeout(PATIENCE, socket.next()).await.unwrap();
    match answer.unwrap().unwrap() {
        Frame::Text(text) => assert_eq!(lex(text.into()).unwrap().status(), Some(200)),
        other => panic!("{other:?}"),
    }
    socket
}

#[tokio::test]
async fn phones_on_tls_and_websockets_are_not_reachable_until_they_return() {
    let scene = Scene::new();
    let [tls, ws] = [(); 2].map(|()| {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap()
    });
    let (at_tls, at_ws) = (tls.to_string(), ws.to_string());
    let settings = [
        ("CROSSPOINT__SIP__TLS", at_tls.as_str()),
        ("CROSSPOINT__SIP__WS", at_ws.as_str()),
    ];
    let shown = |server: &Server, reachable| {
        server.shows(&[("alice", "tls", reachable), ("bob", "ws", reachable)]);
    };
    let server = scene.start_with(&settings);
    let certificate = Path::new(scene.dir()).join("tls.pem");
    let trusted = std::fs::read(&certificate).unwrap();
    let desk = on_tls(&certificate, tls, 1).await;
    let page = on_websocket(ws, 1).await;
    shown(&server, true);
    server.program.signal("-TERM");
    let (code, log) = server.program.end();
    assert_eq!(code, Some(0), "{log}");
    drop((desk, page));

    let server = scene.start_with(&settings);
    shown(&server, false);
    assert_eq!(std::fs::read(&certificate).unwrap(), trusted);
    let _desk = on_tls(&certificate, tls, 2).await;
    let _page = on_websocket(ws, 2).await;
    shown(&server, true);
}
