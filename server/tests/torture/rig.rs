//! A message goes to a server, and what leaves the server is looked at, wherever it goes.

use std::path::PathBuf;

use bytes::Bytes;
use server::config::Config;
use sip::msg::{Message, Name, lex};
use sip::name::Transport;
use testkit::net::Sent;

use crate::support::{PEER, Request, SERVER, Stage, with_shards};

/// Where the messages stand.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sip/tests/torture/messages")
}

/// The octets of a message.
pub fn octets(name: &str) -> Bytes {
    std::fs::read(folder().join(format!("{name}.sip")))
        .unwrap()
        .into()
}

/// A server, and a peer that speaks to it.
pub struct Rig {
    pub stage: Stage,
    shards: u8,
}

impl Rig {
    /// With nobody registered.
    pub fn new(shards: u8) -> Self {
        Self::with(shards, Config::default())
    }

    /// With nobody registered, and settings of its own.
    pub fn with(shards: u8, config: Config) -> Self {
        let mut stage = Stage::with(shards, 1, config);
        // What quotes odd messages is read oddly by others.
        stage
            .net
            .act(stage.house, |house, _, _| house.second_reader = false);
        Self { stage, shards }
    }

    /// With a phone of this AOR at the peer.
    pub fn with_phone(shards: u8, aor: &str) -> Self {
        let mut rig = Self::new(shards);
        let register = Request::register("phone")
            .with(|r| r.to = format!("<{aor}>"))
            .contact("<sip:phone@10.0.0.2:5060>");
        assert_eq!(rig.stage.answer(&register).status(), Some(200));
        rig
    }

    /// Sends octets by the transport that their Via names, and gives what the server sends within a second.
    pub fn send(&mut self, octets: Bytes) -> Vec<Sent> {
        let transport = lex(octets.clone())
            .ok()
            .and_then(|message| message.via().ok()?.transport());
        let before = self.stage.net.trace().len();
        self.stage.send(transport.unwrap_or(Transport::Udp), octets);
        self.stage.net.trace()[before..]
            .iter()
            .filter(|sent| sent.from == SERVER)
            .cloned()
            .collect()
    }

    /// Sends octets and gives the final response, which must be the only one.
    pub fn answer(&mut self, octets: Bytes) -> Message {
        let sent = self.send(octets.clone());
        let finals: Vec<_> = sent
            .iter()
            .map(|sent| lex(sent.bytes.clone()).unwrap())
            .filter(|response| response.status().is_some_and(|status| status >= 200))
            .collect();
        let first = finals
            .first()
            .unwrap_or_else(|| panic!("no answer to {octets:?}"));
        assert!(finals.iter().all(|other| other == first), "{finals:?}");
        copies_what_it_must(&lex(octets).unwrap(), first);
        let port = sent[0].to.port();
        assert!(
            sent.iter()
                .all(|s| s.to.ip() == PEER.ip() && s.to.port() == port)
        );
        first.clone()
    }
}

/// RFC 3261 section 8.2.6.2: as the request has them, however odd they are. Folds become blanks.
fn copies_what_it_must(request: &Message, response: &Message) {
    let flat = |value: &[u8]| -> Vec<u8> {
        let blank = |&octet: &u8| {
            if matches!(octet, b'\r' | b'\n') {
                b' '
            } else {
                octet
            }
        };
        value.iter().map(blank).collect()
    };
    for name in [Name::From, Name::CallId, Name::Cseq] {
        assert_eq!(
            response.raw(name).map(flat),
            request.raw(name).map(flat),
            "{name:?}"
        );
    }
    let vias = |message: &Message| message.values(Name::Via).map(flat).collect::<Vec<_>>();
    let (theirs, ours) = (vias(request), vias(response));
    assert_eq!(theirs.len(), ours.len());
    assert_eq!(theirs[1..], ours[1..], "only the top Via is ours to stamp");
    if let Some(to) = request.raw(Name::To) {
        assert!(flat(response.raw(Name::To).unwrap()).starts_with(&flat(to)));
    }
}

/// Status and reason phrase of the answer to a message, by a server without phones.
pub fn answer(name: &str) -> (u16, String) {
    ask(name, Rig::new, |_, _| ())
}

/// That a phone of this AOR gets the message, and all that a proxy has no business with octet for octet (RFC 3261
/// section 16.6).
pub fn passed_on(aor: &str, name: &str) {
    with_shards(|shards| {
        let sent = Rig::with_phone(shards, aor).send(octets(name));
        let copies: Vec<_> = sent
            .iter()
            .map(|sent| lex(sent.bytes.clone()).unwrap())
            .filter(Message::is_request)
            .collect();
        let copy = copies.first().unwrap_or_else(|| panic!("{name}: {sent:?}"));
        assert!(
            copies.iter().all(|other| other == copy),
            "repeated as it was"
        );
        let request = lex(octets(name)).unwrap();
        assert_eq!(copy.method(), request.method());
        assert_eq!(copy.request_uri(), Some("sip:phone@10.0.0.2:5060"));
        assert_eq!(untouched(copy), untouched(&request));
        assert_eq!(copy.body(), request.body());
        let hops = request.max_forwards().unwrap().map_or(70, |hops| hops - 1);
        assert_eq!(copy.max_forwards(), Ok(Some(hops)));
        assert_eq!(copy.routes().count(), 0);
        let [theirs, ours] = [&request, copy].map(|m| m.values(Name::Via).collect::<Vec<_>>());
        assert_eq!(ours.len(), theirs.len() + 1);
        assert_eq!(ours[2..], theirs[1..]);
    });
}

/// The header lines that no proxy changes.
fn untouched(message: &Message) -> Vec<(&str, &[u8])> {
    const CHANGED: [Name; 5] = [
        Name::Via,
        Name::MaxForwards,
        Name::MaxBreadth,
        Name::Route,
        Name::RecordRoute,
    ];
    message
        .headers()
        .filter(|header| !CHANGED.contains(&header.name()))
        .map(|header| (header.text(), header.value()))
        .collect()
}

/// The same, with a look at the answer and at the server.
pub fn ask(
    name: &str,
    rig: impl Fn(u8) -> Rig,
    look: impl Fn(&Message, &mut Rig),
) -> (u16, String) {
    let told = std::cell::RefCell::new(None);
    with_shards(|shards| {
        let mut rig = rig(shards);
        let response = rig.answer(octets(name));
        look(&response, &mut rig);
        let this = (response.status().unwrap(), response.reason().into_owned());
        let first = told
            .borrow_mut()
            .get_or_insert_with(|| this.clone())
            .clone();
        assert_eq!(this, first, "{} shards", rig.shards);
    });
    told.into_inner().unwrap()
}

/// That nothing whatever is sent on account of a message.
pub fn silence(name: &str) {
    with_shards(|shards| {
        let mut rig = Rig::new(shards);
        assert_eq!(rig.send(octets(name)), []);
    });
}

/// What is answered to who dials somebody who is not here.
pub fn nobody() -> (u16, String) {
    told(480, "Temporarily Unavailable")
}

/// A status and a phrase.
pub fn told(status: u16, reason: &str) -> (u16, String) {
    (status, reason.to_owned())
}

/// The contacts in a response: URI and parameters, without `expires`.
pub fn contacts(response: &Message) -> Vec<String> {
    let mut contacts: Vec<_> = response
        .values(Name::Contact)
        .map(|value| String::from_utf8(value.to_vec()).unwrap())
        .map(|value| value.split(";expires=").next().unwrap().to_owned())
        .collect();
    contacts.sort();
    contacts
}
