//! The door by itself, and a phone that answers what it is asked.

use std::time::Duration;

use server::auth::{Auth, Desk, Subject, User};
use server::config::{AuthMode, Config};
use sip::auth::{Login, answer};
use sip::msg::{Message, Name, lex};
use sip::name::{ConnectionId, Flow, Tag, Transport};
use sip::time::Instant;

use crate::support::{Request, SERVER, addr};

pub const NOON: Instant = Instant::from_unix_micros(1_767_268_800_000_000);
pub const REALM: &str = "crosspoint";

pub struct Door {
    pub auth: Auth,
    pub now: Instant,
    pub flow: Flow,
}

pub fn digest(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    config.auth.mode = AuthMode::Digest;
    change(&mut config);
    config
}

/// The user and his password, which is `secret`.
pub fn user(name: &str) -> User {
    User::new(name, REALM, "secret")
}

pub fn login(name: &str, password: &str) -> Login {
    Login {
        name: name.into(),
        password: password.into(),
        realm: None,
    }
}

pub fn from(peer: &str) -> Flow {
    Flow {
        transport: Transport::Udp,
        local: SERVER,
        peer: addr(peer),
        connection: ConnectionId::NONE,
    }
}

impl Door {
    /// Where alice and bob may log in.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// With settings changed.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let auth = Auth::new(&digest(change), &[1; 32]);
        auth.users().replace_all([user("alice"), user("bob")]);
        Self {
            auth,
            now: NOON,
            flow: from("203.0.113.7:5060"),
        }
    }

    pub fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    pub fn ask(&self, desk: Desk, request: &Request) -> Result<Subject, Box<Message>> {
        let tag = Tag::new("our-tag");
        self.auth
            .judge(self.now, &request.message(), &self.flow, desk, &tag)
            .map_err(|response| Box::new(lex(response).unwrap()))
    }

    pub fn register(&self, request: &Request) -> Result<Subject, Box<Message>> {
        self.ask(Desk::Registrar, request)
    }

    /// The challenge that a REGISTER without credentials gets.
    pub fn challenge(&self, name: &str) -> Message {
        refused(self.register(&Request::register(name)))
    }

    /// Asks, answers what is asked back, and gives what then comes.
    pub fn log_in(
        &self,
        desk: Desk,
        request: &Request,
        login: &Login,
    ) -> Result<Subject, Box<Message>> {
        let challenge = refused(self.ask(desk, request));
        self.ask(desk, &answered(request, &challenge, login))
    }
}

pub fn refused(judged: Result<Subject, Box<Message>>) -> Message {
    *judged.expect_err("refused")
}

pub fn name(judged: Result<Subject, Box<Message>>) -> String {
    match judged {
        Ok(Subject::User(user)) => user.name.to_string(),
        Ok(Subject::Anyone) => "anyone".to_owned(),
        Err(response) => panic!("{response:?}"),
    }
}

/// The request again, with the answer to a challenge.
pub fn answered(request: &Request, challenge: &Message, login: &Login) -> Request {
    answered_with(request, challenge, login, |value| value)
}

/// The request again, with the answer to a challenge, changed.
pub fn answered_with(
    request: &Request,
    challenge: &Message,
    login: &Login,
    change: impl FnOnce(String) -> String,
) -> Request {
    let method = request.message().method().unwrap().clone();
    let answer = answer(challenge, &method, &request.uri, login, "c0", None).unwrap();
    let next = request.clone().cseq(request.cseq + 1);
    next.header(answer.header.as_str(), change(answer.value))
}

pub fn is_stale(challenge: &Message) -> bool {
    challenge
        .text(Name::WwwAuthenticate)
        .is_some_and(|value| value.contains("stale=true"))
}

/// The algorithms that are offered, in order.
pub fn offered(challenge: &Message) -> Vec<String> {
    let header = match challenge.status() {
        Some(401) => Name::WwwAuthenticate,
        _ => Name::ProxyAuthenticate,
    };
    challenge
        .all(header)
        .map(|value| {
            let value = std::str::from_utf8(value).unwrap();
            let (_, rest) = value.split_once("algorithm=").unwrap();
            rest.split(',').next().unwrap().to_owned()
        })
        .collect()
}
