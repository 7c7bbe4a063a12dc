//! A server with a data directory, and phones that register by hand.

#![allow(clippy::disallowed_methods, reason = "a real server takes real time")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::time::Instant;

use rusqlite::Connection;
use tempfile::TempDir;

use crate::house::PATIENCE;
use crate::http;
use crate::peer::{Draft, register};
use crate::program::{Running, crosspoint};

/// A data directory, and ports that stay the same from one run of the server to the next.
pub(crate) struct Scene {
    dir: TempDir,
    udp: SocketAddr,
    tcp: SocketAddr,
}

/// A running server and where it is.
pub(crate) struct Server {
    pub(crate) program: Running,
    pub(crate) udp: SocketAddr,
    pub(crate) tcp: SocketAddr,
    pub(crate) http: SocketAddr,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            dir: TempDir::new().unwrap(),
            udp: udp.local_addr().unwrap(),
            tcp: tcp.local_addr().unwrap(),
        }
    }

    /// The same data, other ports.
    pub(crate) fn elsewhere(self) -> Self {
        Self {
            dir: self.dir,
            ..Self::new()
        }
    }

    pub(crate) fn dir(&self) -> &str {
        self.dir.path().to_str().unwrap()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.dir.path().join("crosspoint.db")
    }

    /// The database, as another program sees it.
    pub(crate) fn look(&self) -> Connection {
        let db = Connection::open(self.database()).unwrap();
        db.busy_timeout(PATIENCE).unwrap();
        db
    }

    /// Until the store has a binding of an address that begins so.
    pub(crate) fn holds(&self, aor: &str) {
        let begin = Instant::now();
        let db = self.look();
        let sql = "SELECT count(*) FROM bindings WHERE aor LIKE ?1 || '%'";
        while db
            .query_row(sql, [aor], |row| row.get::<_, i64>(0))
            .unwrap()
            == 0
        {
            assert!(begin.elapsed() < PATIENCE, "{aor} is not kept");
        }
    }

    pub(crate) fn start(&self) -> Server {
        self.start_with(&[])
    }

    /// The same with settings of its own.
    pub(crate) fn start_with(&self, settings: &[(&str, &str)]) -> Server {
        let (udp, tcp) = (self.udp.to_string(), self.tcp.to_string());
        let mut command = crosspoint(&["--data-dir", self.dir()]);
        command
            .args([
                "--sip-udp",
                &udp,
                "--sip-tcp",
                &tcp,
                "--http",
                "127.0.0.1:0",
            ])
            .envs(settings.iter().copied());
        let mut program = Running::start(&mut command);
        let http = program.listening("http");
        Server {
            program,
            udp: self.udp,
            tcp: self.tcp,
            http,
        }
    }
}

impl Server {
    /// What the API shows of those registered.
    pub(crate) fn registrations(&self) -> serde_json::Value {
        let (status, body) = http::get(self.http, "/api/v1/registrations");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Until the board has heard of everything and shows exactly these: user, transport, whether it can be reached.
    pub(crate) fn shows(&self, expected: &[(&str, &str, bool)]) {
        let begin = Instant::now();
        loop {
            let shown = self.devices();
            let each = shown.iter().map(|(user, transport, reachable)| {
                (user.as_str(), transport.as_str(), *reachable)
            });
            if each.eq(expected.iter().copied()) {
                return;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "shown is {shown:?}, not {expected:?}"
            );
        }
    }

    /// User, transport and whether it can be reached, of each device.
    pub(crate) fn devices(&self) -> Vec<(String, String, bool)> {
        let mut found = Vec::new();
        for phone in self.registrations().as_array().unwrap() {
            let aor = phone["aor"].as_str().unwrap();
            let user = aor.strip_prefix("sip:").unwrap().split('@').next().unwrap();
            for device in phone["devices"].as_array().unwrap() {
                found.push((
                    user.to_owned(),
                    device["transport"].as_str().unwrap().to_owned(),
                    device["reachable"].as_bool().unwrap(),
                ));
            }
        }
        found
    }
}

/// A phone on UDP.
pub(crate) struct Phone {
    socket: UdpSocket,
    pub(crate) server: SocketAddr,
}

impl Phone {
    pub(crate) fn new(server: &Server) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            socket,
            server: server.udp,
        }
    }

    /// A REGISTER of this phone for `user`.
    pub(crate) fn draft(&self, user: &str) -> Draft {
        let at = self.socket.local_addr().unwrap();
        register(user, &format!("<sip:{user}@{at}>"))
    }

    /// Sends it; the status of the answer.
    pub(crate) fn ask(&self, draft: &Draft) -> Option<u16> {
        status(self.hear(draft).as_bytes())
    }

    /// Sends it.
    pub(crate) fn say(&self, draft: &Draft) {
        let at = self.socket.local_addr().unwrap();
        let text = draft.text("UDP", at, self.server);
        self.socket.send_to(text.as_bytes(), self.server).unwrap();
    }

    /// Sends it; the answer.
    pub(crate) fn hear(&self, draft: &Draft) -> String {
        self.say(draft);
        let mut buffer = [0; 4_096];
        let len = self.socket.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..len]).into_owned()
    }
}

/// A phone that holds a connection, and listens nowhere.
pub(crate) struct Caller {
    stream: TcpStream,
}

impl Caller {
    pub(crate) fn register(server: &Server, user: &str, cseq: u32) -> Self {
        let mut stream = TcpStream::connect(server.tcp).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let at = stream.local_addr().unwrap();
        let mut draft = register(user, &format!("<sip:{user}@{at};transport=tcp>"));
        draft.cseq = cseq;
        draft.extra = draft.extra.replacen(
            ">\r\n",
            ">;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000001>\"\r\n",
            1,
        );
        stream
            .write_all(draft.text("TCP", at, server.tcp).as_bytes())
            .unwrap();
        let mut buffer = [0; 4_096];
        let len = stream.read(&mut buffer).unwrap();
        assert_eq!(status(&buffer[..len]), Some(200));
        Self { stream }
    }

    /// Until the server closes the connection.
    pub(crate) fn wait(mut self) {
        let mut rest = Vec::new();
        // However it ends, it ends.
        let _ = self.stream.read_to_end(&mut rest);
    }
}

fn status(answer: &[u8]) -> Option<u16> {
    let text = String::from_utf8_lossy(answer);
    text.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
}
