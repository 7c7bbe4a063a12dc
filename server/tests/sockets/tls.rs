//! SIP under TLS (RFC 3261 section 26.2): certificates, who is asked for one, and changing them under way.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use server::config::Config;
use server::event::PhoneCause;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::house::House;
use crate::peer::{StreamPeer, options};
use crate::program::{FREE_PORTS, Running, crosspoint};

type Secure = StreamPeer<TlsStream<TcpStream>>;
type Key = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// An authority that exists for one test, and the directory with its files.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: PathBuf,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let directory =
            std::env::temp_dir().join(format!("crosspoint-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let authority = Self { issuer, directory };
        authority.write("ca.pem", "CERTIFICATE", authority.issuer.der());
        authority
    }

    fn issue(&self) -> Key {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (vec![certificate.into()], PrivateKeyDer::Pkcs8(key.into()))
    }

    /// A new certificate for the server, in place of the last one.
    fn renew(&self) -> CertificateDer<'static> {
        let (chain, key) = self.issue();
        self.write("key.pem", "PRIVATE KEY", key.secret_der());
        self.write("cert.pem", "CERTIFICATE", &chain[0]);
        chain[0].clone()
    }

    fn write(&self, name: &str, kind: &str, der: &[u8]) {
        let text = format!(
            "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
            STANDARD.encode(der)
        );
        std::fs::write(self.directory.join(name), text).unwrap();
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        Some(self.directory.join(name))
    }

    /// What a phone that trusts this authority is set to.
    fn phone(&self, own: Option<Key>) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        client(roots, own)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn client(roots: RootCertStore, own: Option<Key>) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_webpki_verifier(verifier);
    match own {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
    }
}

async fn connect(config: ClientConfig, server: SocketAddr) -> std::io::Result<Secure> {
    let stream = TcpStream::connect(server).await?;
    let local = stream.local_addr()?;
    let name = ServerName::from(server.ip());
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    Ok(StreamPeer::over(stream, "TLS", local, server))
}

/// The certificate that the server showed.
fn shown(phone: &Secure) -> CertificateDer<'static> {
    phone.stream().get_ref().1.peer_certificates().unwrap()[0].clone()
}

fn secure(config: &mut Config) {
    config.sip.tls = vec!["127.0.0.1:0".parse().unwrap()];
}

fn house(authority: &Authority, change: impl FnOnce(&mut Config)) -> House {
    House::open_with(2, |config| {
        secure(config);
        config.tls.cert = authority.file("cert.pem");
        config.tls.key = authority.file("key.pem");
        change(config);
    })
}

#[tokio::test]
async fn a_phone_registers_and_goes_with_its_connection() {
    let authority = Authority::new("registers");
    authority.renew();
    let mut house = house(&authority, |_| {});
    let mut phone = connect(authority.phone(None), house.tls()).await.unwrap();
    phone.register("alice").await;
    assert_eq!(house.phone().await.1, PhoneCause::Bound);
    drop(phone);
    assert_eq!(house.phone().await.1, PhoneCause::FlowLost);
    house.close().await;
}

#[tokio::test]
async fn without_files_the_certificate_is_self_signed_and_known_by_its_fingerprint() {
    let house = House::open_with(1, secure);
    let tls = house.tls.clone().unwrap();
    assert!(tls.is_self_signed());
    // The phone trusts nothing but what it is shown; so first it has to see it.
    let seen = Arc::new(std::sync::Mutex::new(None));
    let config = {
        let authority = Authority::new("nobody");
        let mut config = authority.phone(None);
        config
            .dangerous()
            .set_certificate_verifier(Arc::new(Curious(Arc::clone(&seen))));
        config
    };
    assert!(connect(config, house.tls()).await.is_err());
    let certificate = seen.lock().unwrap().clone().unwrap();
    assert_eq!(tls.fingerprint().to_string(), fingerprint(&certificate));

    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let mut phone = connect(client(roots, None), house.tls()).await.unwrap();
    assert_eq!(phone.ask(&options()).await.status(), Some(200));
    house.close().await;
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections_and_the_old_ones_go_on() {
    let authority = Authority::new("renews");
    let first = authority.renew();
    let house = house(&authority, |_| {});
    let tls = house.tls.clone().unwrap();
    let mut old = connect(authority.phone(None), house.tls()).await.unwrap();
    assert_eq!(shown(&old), first);

    authority.write("cert.pem", "CERTIFICATE", b"no certificate");
    tls.reload().unwrap_err();
    let phone = connect(authority.phone(None), house.tls()).await.unwrap();
    assert_eq!(shown(&phone), first, "what is wrong changes nothing");

    let second = authority.renew();
    tls.reload().unwrap();
    let mut new = connect(authority.phone(None), house.tls()).await.unwrap();
    assert_eq!(shown(&new), second);
    for phone in [&mut old, &mut new] {
        assert_eq!(phone.ask(&options()).await.status(), Some(200));
    }
    house.close().await;
}

/// The program itself: on SIGHUP, and without one when it sees that the files are others.
#[tokio::test]
async fn a_running_server_takes_renewed_files_and_keeps_its_connections() {
    let authority = Authority::new("hangup");
    let first = authority.renew();
    let mut server = Running::start(
        crosspoint(&FREE_PORTS)
            .env("CROSSPOINT__SIP__TLS", "127.0.0.1:0")
            .env("CROSSPOINT__TLS__CERT", authority.file("cert.pem").unwrap())
            .env("CROSSPOINT__TLS__KEY", authority.file("key.pem").unwrap()),
    );
    let addr = server.listening("tls");
    // The signal is heard from before the first socket on; what is watched, from here on.
    server.line_with("certificate in use");
    let mut phones = vec![connect(authority.phone(None), addr).await.unwrap()];
    assert_eq!(shown(&phones[0]), first);
    for by_signal in [true, false] {
        let renewed = authority.renew();
        if by_signal {
            server.signal("-HUP");
        }
        // Between its two files a look may find one that does not go with the other, and takes the next.
        let fingerprint = fingerprint(&renewed);
        server.line_with(&format!(
            "certificates read again; new connections use them fingerprint={fingerprint}"
        ));
        let phone = connect(authority.phone(None), addr).await.unwrap();
        assert_eq!(shown(&phone), renewed);
        phones.push(phone);
    }
    for (cseq, phone) in (1..).zip(&mut phones) {
        let mut draft = options();
        draft.call_id = format!("phone-{cseq}");
        assert_eq!(phone.ask(&draft).await.status(), Some(200), "{cseq}");
    }
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
    let bytes = digest.as_ref().iter();
    let bytes: Vec<String> = bytes.map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

/// Who connects and never shakes hands has a place until his time is over, and no more places than his source may have.
#[tokio::test]
async fn half_open_connections_count_against_their_source() {
    let house = House::open_with(2, |config| {
        secure(config);
        config.limits.connections_per_source = 2;
    });
    let mut open = Vec::new();
    for n in 1..=2 {
        open.push(TcpStream::connect(house.tls()).await.unwrap());
        house.counted(n, |all| &all.traffic.accepted).await;
    }
    let refused = TcpStream::connect(house.tls()).await.unwrap();
    let local = refused.local_addr().unwrap();
    StreamPeer::over(refused, "TCP", local, house.tls())
        .closed()
        .await;
    house.counted(1, |all| &all.traffic.refused).await;
    // One that has given up makes room.
    drop(open.pop());
    house.counted(1, |all| &all.traffic.unshaken).await;
    drop(open);
    house.counted(2, |all| &all.traffic.unshaken).await;
    let _phone = TcpStream::connect(house.tls()).await.unwrap();
    house.counted(3, |all| &all.traffic.accepted).await;
    house.close().await;
}

#[tokio::test]
async fn where_certificates_are_asked_for_a_phone_needs_one_of_the_right_authority() {
    let (authority, other) = (Authority::new("asks"), Authority::new("other"));
    authority.renew();
    let house = house(&authority, |config| {
        config.tls.client_ca = authority.file("ca.pem");
    });
    for own in [None, Some(other.issue())] {
        // In TLS 1.3 the client hears of the refusal with its first read.
        if let Ok(mut phone) = connect(authority.phone(own), house.tls()).await {
            assert_eq!(phone.next().await, None);
        }
    }
    let own = Some(authority.issue());
    let mut phone = connect(authority.phone(own), house.tls()).await.unwrap();
    assert_eq!(phone.ask(&options()).await.status(), Some(200));
    house.counted(2, |all| &all.traffic.unshaken).await;
    house.close().await;
}

#[tokio::test]
async fn a_websocket_under_tls_speaks_sip() {
    let authority = Authority::new("wss");
    authority.renew();
    let house = house(&authority, |config| {
        config.sip.wss = vec!["127.0.0.1:0".parse().unwrap()];
    });
    let addr = house.addr(sip::name::Transport::Wss);
    let connector = TlsConnector::from(Arc::new(authority.phone(None)));
    let stream = TcpStream::connect(addr).await.unwrap();
    let stream = connector.connect(addr.ip().into(), stream).await.unwrap();
    let mut request = format!("wss://{addr}/").into_client_request().unwrap();
    let sip = "sip".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", sip);
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    let text = options().text("WSS", addr, addr);
    socket.send(text.into()).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap().into_data();
    assert!(answer.starts_with(b"SIP/2.0 200 "), "{answer:?}");
    house.close().await;
}

#[tokio::test]
async fn what_is_no_handshake_is_not_listened_to() {
    let house = House::open_with(1, secure);
    let mut stranger = TcpStream::connect(house.tls()).await.unwrap();
    stranger
        .write_all(b"OPTIONS sip:x SIP/2.0\r\n\r\n")
        .await
        .unwrap();
    let local = stranger.local_addr().unwrap();
    let mut stranger = StreamPeer::over(stranger, "TCP", local, house.tls());
    stranger.closed().await;
    house.counted(1, |all| &all.traffic.unshaken).await;
    assert_eq!(house.count(|all| &all.traffic.stream_received), 0);
    house.close().await;
}

/// Remembers what it is shown and believes none of it.
#[derive(Debug)]
struct Curious(Arc<std::sync::Mutex<Option<CertificateDer<'static>>>>);

impl rustls::client::danger::ServerCertVerifier for Curious {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        *self.0.lock().unwrap() = Some(certificate.clone().into_owned());
        Err(rustls::Error::General("not believed".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("not believed".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("not believed".to_owned()))
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
