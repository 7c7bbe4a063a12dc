//! A switch and two phones that say what a script tells them to; no network, and time only when the script says so.
//!
//! A script is a row of words:
//!
//! - `A180` that response of phone A to its INVITE, with `+` a session description in it: `A200+`
//! - `A:200` that response to the last BYE it got
//! - `A>BYE` that request of phone A within its dialog, with `+` a session description in it
//! - `A!` a message to phone A could not be sent
//! - `end` a click on "End", `+25` so many seconds later

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use server::auth::Auth;
use server::binding::{Binding, BindingTexts, Q};
use server::call::Tally;
use server::command::Manner;
use server::config::Config;
use server::event::{CallChange, CallRef, CallState, Event, PhoneCause, Side, What};
use server::identity::Identity;
use server::location::{Full, Location, Revision};
use server::switch::{Input, Outbox, PlaceCall, PlaceError, Setup, Switch};
use sip::msg::build::{Request, Response};
use sip::msg::{Message, Method, Name, lex};
use sip::name::{Aor, Branch, ConnectionId, Flow, Tag, Transport};
use sip::time::Instant;
use sip::transaction::{Timers, Transmit};

use crate::support::{SERVER, addr, laws};

/// What a phone says of its media.
pub const SDP: &str = "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

/// Thursday, 1 January 2026, noon.
pub const NOON: Instant = Instant::from_unix_micros(1_767_268_800_000_000);

/// Who owns phone A.
pub const ALICE: &str = "sip:alice@click.test";
/// Who owns phone B.
pub const BOB: &str = "sip:bob@click.test";

pub struct Desk {
    switch: Switch,
    pub location: Arc<Location>,
    pub now: Instant,
    pub events: Vec<Event>,
    pub call: Option<CallRef>,
    /// The last INVITE, and the last BYE, to each phone.
    invites: BTreeMap<char, Message>,
    byes: BTreeMap<char, Message>,
    /// What was sent since it was last asked for.
    sent: Vec<Transmit>,
    requests: u32,
}

impl Desk {
    /// With `alice` at 10.0.0.2 and `bob` at 10.0.0.3 registered for an hour.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same with settings changed.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        change(&mut config);
        let location = Arc::new(Location::new(1, config.limits.aors));
        let tally = Arc::new(Tally::new(config.limits.calls));
        let auth = Arc::new(Auth::new(&config, &[9; 32]));
        let desk = Self {
            switch: Switch::new(Setup {
                shard: 0,
                shards: 1,
                identity: Identity::new(&config, Arc::from([SERVER])),
                config: Arc::new(config),
                location: Arc::clone(&location),
                auth,
                router: Arc::default(),
                tally,
                timers: Timers::RFC,
                seed: [7; 32],
            }),
            location,
            now: NOON,
            events: Vec::new(),
            call: None,
            invites: BTreeMap::new(),
            byes: BTreeMap::new(),
            sent: Vec::new(),
            requests: 0,
        };
        desk.bind(ALICE, &[binding('A', "Alice")]);
        desk.bind(BOB, &[binding('B', "Bob")]);
        desk
    }

    /// Registers exactly these under an AOR.
    pub fn bind(&self, aor: &str, bindings: &[Binding]) {
        let after = bindings.iter().cloned().map(Arc::new).collect();
        let revise = |_: &_| Ok::<_, Full>(Revision::Replace(after, PhoneCause::Bound));
        self.location
            .update(self.now, &Aor::parse(aor).unwrap(), revise)
            .unwrap();
    }

    /// A click on the cell of Alice and Bob.
    pub fn place(&mut self) -> Result<CallRef, PlaceError> {
        self.place_call(ALICE, BOB, Side::A)
    }

    /// A click.
    pub fn place_call(
        &mut self,
        from: &str,
        to: &str,
        ring_first: Side,
    ) -> Result<CallRef, PlaceError> {
        self.place_so(from, to, ring_first, Manner::default())
    }

    /// A click with more wishes.
    pub fn place_so(
        &mut self,
        from: &str,
        to: &str,
        ring_first: Side,
        manner: Manner,
    ) -> Result<CallRef, PlaceError> {
        let place = PlaceCall {
            from: Aor::parse(from).unwrap(),
            to: Aor::parse(to).unwrap(),
            ring_first,
            by: "test".into(),
            manner,
        };
        let mut out = Outbox::default();
        let placed = self.switch.place_call(self.now, &place, &mut out);
        self.take(out);
        self.call = placed.as_ref().ok().copied().or(self.call);
        placed
    }

    /// A call that has come so far: what is sent on the way is forgotten.
    pub fn after(script: &str) -> Self {
        let mut desk = Self::new();
        desk.place().unwrap();
        desk.play(script);
        desk.sent.clear();
        desk
    }

    /// Plays a script, and says what was sent meanwhile and what has become of the call.
    pub fn play(&mut self, script: &str) -> String {
        script.split_whitespace().for_each(|word| self.word(word));
        self.summary()
    }

    /// What has been sent since this was last asked, and the state of the call.
    pub fn summary(&mut self) -> String {
        let (sent, state) = (self.sent(), self.state());
        match sent.as_str() {
            "" => format!("{state:?}"),
            sent => format!("{sent}, {state:?}"),
        }
    }

    /// What has been sent since this was last asked.
    pub fn sent(&mut self) -> String {
        let sent = std::mem::take(&mut self.sent).into_iter().map(|transmit| {
            let message = lex(transmit.bytes).unwrap();
            format!("{} {}", phone_at(&transmit.flow), short(&message))
        });
        sent.collect::<Vec<_>>().join(", ")
    }

    /// The state of the call, as told.
    pub fn state(&self) -> CallState {
        let told = laws::fold(&self.events);
        told[&self.call.unwrap()].state
    }

    /// The last INVITE to a phone.
    pub fn invite(&self, phone: char) -> &Message {
        &self.invites[&phone]
    }

    /// What was told of calls.
    pub fn changes(&self) -> Vec<&CallChange> {
        let changes = self.events.iter().filter_map(|event| match &event.what {
            What::Call(_, change) => Some(change),
            What::Phone(_) => None,
        });
        changes.collect()
    }

    /// How many calls there are.
    pub fn calls(&self) -> usize {
        self.switch.load().calls
    }

    /// A click on "End all calls", and the end of taking new ones.
    pub fn stop(&mut self) {
        let mut out = Outbox::default();
        self.switch.drain();
        self.switch.hang_up_all(self.now, &mut out);
        self.take(out);
    }

    /// A click on "End".
    pub fn end(&mut self) -> Result<(), server::switch::HangUpError> {
        let mut out = Outbox::default();
        let ended = self.switch.hang_up(self.now, self.call.unwrap(), &mut out);
        self.take(out);
        ended
    }

    fn word(&mut self, word: &str) {
        let phone = word.chars().next().unwrap();
        let rest = &word[1..];
        match (word, phone) {
            ("end", _) => self.end().unwrap(),
            (_, '+') => self.pass(Duration::from_secs(rest.parse().unwrap())),
            (_, 'A' | 'B') if rest == "!" => self.handle(Input::Broken(flow_of(phone))),
            (_, 'A' | 'B') => self.say(phone, rest),
            _ => panic!("{word}: no such word"),
        }
    }

    fn say(&mut self, phone: char, what: &str) {
        if let Some(what) = what.strip_prefix('>') {
            let method = what.trim_end_matches('+');
            let bytes = self.request(phone, method, what.ends_with('+'));
            self.arrive(phone, bytes);
            return;
        }
        let (request, response) = match what.strip_prefix(':') {
            Some(response) => (&self.byes[&phone], response),
            None => (&self.invites[&phone], what),
        };
        self.respond(&request.clone(), phone, response);
    }

    /// A phone answers a request, `200+` with a session description.
    pub fn respond(&mut self, request: &Message, phone: char, response: &str) {
        let status = response.trim_end_matches('+').parse().unwrap();
        let tag = Tag::new(&format!("tag-{phone}"));
        let contact = format!("<sip:{phone}@{}>", flow_of(phone).peer);
        let mut draft = Response::to(request, status, None, Some(&tag)).contact(contact);
        if response.ends_with('+') {
            draft = draft.body("application/sdp", SDP.as_bytes());
        }
        let bytes = draft.finish();
        self.arrive(phone, bytes);
    }

    fn arrive(&mut self, phone: char, bytes: Bytes) {
        let (message, flow) = (lex(bytes).unwrap(), flow_of(phone));
        self.handle(Input::Message { message, flow });
    }

    /// A request within the dialog that the last INVITE made.
    fn request(&mut self, phone: char, method: &str, has_body: bool) -> Bytes {
        self.requests += 1;
        let invite = &self.invites[&phone];
        let method = Method::parse(method.as_bytes()).unwrap();
        let to = String::from_utf8(invite.raw(Name::From).unwrap().to_vec()).unwrap();
        let from = String::from_utf8(invite.raw(Name::To).unwrap().to_vec()).unwrap();
        let branch = Branch::new(&format!("z9hG4bK-{phone}-{}", self.requests));
        let request = Request::new(&method, "sip:10.0.0.1:5080")
            .via(Transport::Udp, flow_of(phone).peer, &branch)
            .from(format!("{from};tag=tag-{phone}"))
            .to(to)
            .call_id(invite.call_id().unwrap())
            .cseq(100 + self.requests, &method)
            .max_forwards(70)
            .contact(format!("<sip:{phone}@{}>", flow_of(phone).peer));
        match has_body {
            true => request.body("application/sdp", SDP.as_bytes()).finish(),
            false => request.finish(),
        }
    }

    fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        while let Some(at) = self.switch.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.handle(Input::Timeout);
        }
        self.now = until;
    }

    fn handle(&mut self, input: Input) {
        let mut out = Outbox::default();
        self.switch.handle(self.now, input, &mut out);
        self.take(out);
    }

    fn take(&mut self, out: Outbox) {
        for transmit in &out.transmit {
            let message = lex(transmit.bytes.clone()).unwrap();
            let phone = phone_at(&transmit.flow);
            match message.method() {
                Some(Method::Invite) => drop(self.invites.insert(phone, message)),
                Some(Method::Bye) => drop(self.byes.insert(phone, message)),
                Some(_) | None => {}
            }
        }
        self.sent.extend(out.transmit);
        self.events.extend(out.events);
    }
}

/// A phone at an address of its own: A at 10.0.0.2, B at 10.0.0.3, ...
pub fn flow_of(phone: char) -> Flow {
    Flow {
        transport: Transport::Udp,
        local: SERVER,
        peer: addr(&format!(
            "10.0.0.{}:5060",
            u32::from(phone) - u32::from('A') + 2
        )),
        connection: ConnectionId::NONE,
    }
}

/// A binding of that phone, for an hour.
pub fn binding(phone: char, display_name: &str) -> Binding {
    registered(phone, display_name, "registration")
}

/// The same of a device that registers with this Call-ID.
pub fn device(phone: char, call_id: &str) -> Binding {
    registered(phone, "", call_id)
}

fn registered(phone: char, display_name: &str, call_id: &str) -> Binding {
    let texts = BindingTexts {
        contact: &format!("sip:{phone}@{}", flow_of(phone).peer),
        display_name,
        call_id,
        ..BindingTexts::default()
    };
    let expires = NOON + Duration::from_secs(3600);
    Binding::new(flow_of(phone), expires, 1, None, Q::MAX, texts)
}

fn phone_at(flow: &Flow) -> char {
    ('A'..='Z')
        .find(|phone| flow_of(*phone).peer == flow.peer)
        .unwrap()
}

/// `INVITE`, `ACK+` with a session description, `CANCEL 487` with the cause of its Reason, `200 BYE`.
fn short(message: &Message) -> String {
    let mut text = match (message.method(), message.status()) {
        (Some(method), _) => method.to_string(),
        (None, status) => {
            let (_, method) = message.cseq().unwrap();
            format!("{} {method}", status.unwrap())
        }
    };
    if !message.body().is_empty() {
        text.push('+');
    }
    let reason = message.text(Name::Reason);
    if let Some((_, cause)) = reason
        .as_deref()
        .and_then(|reason| reason.split_once("cause="))
    {
        let cause: String = cause.chars().take_while(char::is_ascii_digit).collect();
        text.push(' ');
        text.push_str(&cause);
    }
    text
}
