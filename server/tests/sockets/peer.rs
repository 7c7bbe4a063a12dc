//! Messages as a phone writes them, by hand, and the sockets it sends them by.

use std::fmt::Write;
use std::net::SocketAddr;

use bytes::Bytes;
use sip::msg::{Frame, Framer, Message, lex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::house::PATIENCE;

/// A request that a test may change before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) method: &'static str,
    pub(crate) user: String,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
    pub(crate) extra: String,
}

pub(crate) fn options() -> Draft {
    Draft {
        method: "OPTIONS",
        user: String::new(),
        call_id: "options".to_owned(),
        cseq: 1,
        extra: String::new(),
    }
}

/// A REGISTER of `user` whose Contact is `contact`.
pub(crate) fn register(user: &str, contact: &str) -> Draft {
    Draft {
        method: "REGISTER",
        user: user.to_owned(),
        call_id: format!("registration-of-{user}"),
        cseq: 1,
        extra: format!("Contact: {contact}\r\nUser-Agent: by-hand\r\n"),
    }
}

impl Draft {
    pub(crate) fn text(&self, transport: &str, from: SocketAddr, server: SocketAddr) -> String {
        let Self {
            method,
            user,
            call_id,
            cseq,
            extra,
        } = self;
        let at = if user.is_empty() {
            String::new()
        } else {
            format!("{user}@")
        };
        let mut text = String::new();
        write!(
            text,
            "{method} sip:{server} SIP/2.0\r\n\
             Via: SIP/2.0/{transport} {from};rport;branch=z9hG4bK-{call_id}-{cseq}\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:{at}{server}>;tag=tag-{call_id}\r\n\
             To: <sip:{at}{server}>\r\n\
             Call-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\n\
             {extra}Content-Length: 0\r\n\r\n"
        )
        .unwrap();
        text
    }
}

/// A response to `request` with what RFC 3261 8.2.6 has copied.
pub(crate) fn response(request: &Message, status: &str) -> String {
    let mut text = format!("SIP/2.0 {status}\r\n");
    for header in request.headers() {
        let value = String::from_utf8_lossy(header.value());
        let tag = if header.text() == "To" && !value.contains("tag=") {
            ";tag=answer"
        } else {
            ""
        };
        if ["Via", "From", "To", "Call-ID", "CSeq"].contains(&header.text()) {
            write!(text, "{}: {value}{tag}\r\n", header.text()).unwrap();
        }
    }
    text + "Content-Length: 0\r\n\r\n"
}

/// A phone behind a datagram socket.
pub(crate) struct UdpPeer {
    socket: UdpSocket,
    server: SocketAddr,
}

impl UdpPeer {
    /// On a free port of the address at which it reaches the server.
    pub(crate) async fn new(server: SocketAddr) -> Self {
        let socket = UdpSocket::bind(SocketAddr::new(server.ip(), 0))
            .await
            .unwrap();
        Self { socket, server }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    pub(crate) async fn send(&self, bytes: impl AsRef<[u8]>) {
        self.socket
            .send_to(bytes.as_ref(), self.server)
            .await
            .unwrap();
    }

    pub(crate) async fn receive(&self) -> Message {
        lex(self.receive_bytes().await).unwrap()
    }

    /// The next message of a server that it does not speak to by itself.
    pub(crate) async fn receive_from(&self, server: SocketAddr) -> Message {
        let mut buffer = vec![0; 65_535];
        let (len, from) = timeout(PATIENCE, self.socket.recv_from(&mut buffer))
            .await
            .expect("a datagram in time")
            .unwrap();
        assert_eq!(from, server);
        lex(Bytes::copy_from_slice(&buffer[..len])).unwrap()
    }

    pub(crate) async fn send_to(&self, bytes: impl AsRef<[u8]>, server: SocketAddr) {
        self.socket.send_to(bytes.as_ref(), server).await.unwrap();
    }

    pub(crate) async fn receive_bytes(&self) -> Bytes {
        let mut buffer = vec![0; 65_535];
        let (len, from) = timeout(PATIENCE, self.socket.recv_from(&mut buffer))
            .await
            .expect("a datagram in time")
            .unwrap();
        assert_eq!(from, self.server, "whoever is asked answers");
        Bytes::copy_from_slice(&buffer[..len])
    }

    pub(crate) async fn ask(&self, draft: &Draft) -> Message {
        self.send(draft.text("UDP", self.addr(), self.server)).await;
        self.receive().await
    }

    /// Registers and checks the answer.
    pub(crate) async fn register(&self, user: &str) {
        let contact = format!("<sip:{user}@{}>", self.addr());
        let answer = self.ask(&register(user, &contact)).await;
        assert_eq!(answer.status(), Some(200), "{answer:?}");
    }
}

/// A phone behind a connection.
pub(crate) struct StreamPeer<S> {
    stream: S,
    framer: Framer,
    transport: &'static str,
    local: SocketAddr,
    server: SocketAddr,
}

pub(crate) type TcpPeer = StreamPeer<TcpStream>;

impl TcpPeer {
    pub(crate) async fn new(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let local = stream.local_addr().unwrap();
        Self::over(stream, "TCP", local, server)
    }

    /// Sends as much as it can without waiting.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> Option<usize> {
        self.stream.try_write(bytes).ok()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> StreamPeer<S> {
    pub(crate) fn over(
        stream: S,
        transport: &'static str,
        local: SocketAddr,
        server: SocketAddr,
    ) -> Self {
        Self {
            stream,
            framer: Framer::new(sip::limits::MAX_MESSAGE),
            transport,
            local,
            server,
        }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    /// Until the server has closed it, whatever it sends before.
    pub(crate) async fn closed(&mut self) {
        let mut rest = Vec::new();
        // A reset is an end too.
        let _ = timeout(PATIENCE, self.stream.read_to_end(&mut rest))
            .await
            .expect("an end in time");
    }

    pub(crate) fn text(&self, draft: &Draft) -> String {
        draft.text(self.transport, self.local, self.server)
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// The next frame; `None` when the server closed the connection.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.framer.next() {
                return Some(frame.unwrap());
            }
            let mut buffer = [0; 4_096];
            let read = timeout(PATIENCE, self.stream.read(&mut buffer))
                .await
                .expect("an answer in time");
            // A reset is an end too: the server need not read what it does not want.
            match read.unwrap_or(0) {
                0 => return None,
                len => self.framer.push(&buffer[..len]),
            }
        }
    }

    pub(crate) async fn receive(&mut self) -> Message {
        match self.next().await {
            Some(Frame::Message(message)) => message,
            other => panic!("a message, not {other:?}"),
        }
    }

    pub(crate) async fn ask(&mut self, draft: &Draft) -> Message {
        self.send(self.text(draft)).await;
        self.receive().await
    }

    pub(crate) async fn register(&mut self, user: &str) {
        let transport = self.transport.to_lowercase();
        let contact = format!("<sip:{user}@{};transport={transport}>", self.local);
        let answer = self.ask(&register(user, &contact)).await;
        assert_eq!(answer.status(), Some(200), "{answer:?}");
    }
}
