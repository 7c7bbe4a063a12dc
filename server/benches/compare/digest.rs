//! REGISTER of a known phone that is asked for its password each time: REGISTER, 401, REGISTER, 200; MD5 (RFC 2617).

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use bytes::Bytes;
use sip::auth::{Hash, Login, answer};
use sip::msg::{Method, lex};

use super::register::{REGISTRAR, Register};
use super::subject::Subject;
use super::{Next, Work};

/// Where all passwords are good. `kamailio.cfg` has both as well.
pub(crate) const REALM: &str = "example.com";
const PASSWORD: &str = "secret";

/// As `crosspoint user import` reads them: `name=MD5(name:realm:password)`.
pub(crate) fn write_users(file: &Path, phones: u32) {
    let mut users = String::new();
    for user in 0..phones {
        let name = user.to_string();
        let a1 = format!("{name}:{REALM}:{PASSWORD}");
        let a1 = Hash::Md5.of(&[a1.as_bytes()]);
        writeln!(users, "{name}={}", a1.hex().as_str()).unwrap();
    }
    std::fs::write(file, users).unwrap();
}

pub(crate) struct Digest {
    register: Register,
}

pub(crate) fn work(round: u32, phones: u32, subject: &Subject, from: SocketAddr) -> Digest {
    Digest {
        register: super::register::work(round, phones, subject, from),
    }
}

/// The same for phones that are not known yet.
pub(crate) fn first(phones: u32, subject: &Subject, from: SocketAddr) -> Digest {
    Digest {
        register: super::register::first(phones, subject, from),
    }
}

impl Work for Digest {
    fn begin(&mut self, n: u32) -> String {
        self.register.request(n, "")
    }

    fn hear(&mut self, n: u32, message: &str) -> Next {
        if message.starts_with("SIP/2.0 200 ") {
            return Next::Done;
        }
        let challenge = lex(Bytes::copy_from_slice(message.as_bytes())).unwrap();
        let login = Login {
            name: self.register.user(n).to_string().into(),
            password: PASSWORD.into(),
            realm: None,
        };
        let answer = answer(
            &challenge,
            &Method::Register,
            REGISTRAR,
            &login,
            "0a4f113b",
            None,
        );
        let credentials = format!("Authorization: {}\r\n", answer.unwrap().value);
        Next::Send(vec![self.register.request(n, &credentials)])
    }
}
