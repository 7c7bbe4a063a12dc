//! The laws of the wire: what a server that sends INVITEs owes its phones, read off the trace of the network. Nothing
//! of the server's own is believed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use bytes::Bytes;
use sip::msg::{Message, Method, lex};
use sip::time::Instant;
use testkit::net::{Fate, VirtualNet};

use super::SERVER;

/// What was sent and what arrived, as far as the server is concerned.
#[derive(Default)]
struct Trace {
    sent: Vec<(Instant, Message)>,
    /// What was sent to the server and not lost.
    reached: Vec<(Instant, Message)>,
}

/// One request and all its copies and responses.
type Key = (String, u32, String);

/// Holds everything that was sent against the laws.
///
/// # Panics
/// When one is broken.
pub fn judge(net: &VirtualNet) {
    let trace = Trace::of(net);
    trace.each_2xx_is_acknowledged();
    trace.no_cancel_before_a_1xx();
    trace.every_request_is_answered();
    trace.nothing_is_asked_after_a_bye();
}

/// Whether the server has ever heard this phone speak of its INVITE. If not, it may have given up while the phone
/// rings: nothing can cancel that (RFC 3261 section 9.1).
pub fn has_reached_the_server(net: &VirtualNet, phone: SocketAddr) -> bool {
    net.trace().iter().any(|sent| {
        let is_invite = |message: &Message| message.cseq().is_ok_and(|(_, m)| m == Method::Invite);
        sent.from == phone && sent.fate != Fate::Lost && is_invite(&read(&sent.bytes))
    })
}

fn read(bytes: &Bytes) -> Message {
    lex(bytes.clone()).unwrap()
}

fn key(message: &Message, method: &Method) -> Key {
    let (number, _) = message.cseq().unwrap();
    let call = message.call_id().unwrap().to_owned();
    (call, number, method.to_string())
}

/// The key of a request, or of that which a response is to.
fn own_key(message: &Message) -> Key {
    let (_, method) = message.cseq().unwrap();
    key(message, &method)
}

fn to_tag(message: &Message) -> String {
    message.to().unwrap().tag().unwrap_or("").to_owned()
}

impl Trace {
    fn of(net: &VirtualNet) -> Self {
        let mut trace = Self::default();
        for sent in net.trace() {
            let message = read(&sent.bytes);
            if sent.from == SERVER {
                trace.sent.push((sent.at, message));
            } else if sent.to == SERVER && sent.fate != Fate::Lost {
                trace.reached.push((sent.at, message));
            }
        }
        trace
    }

    fn requests(&self, method: Method) -> impl Iterator<Item = &(Instant, Message)> {
        let is_it = move |(_, message): &&(Instant, Message)| message.method() == Some(&method);
        self.sent.iter().filter(is_it)
    }

    /// RFC 3261 sections 13.2.2.4 and 13.2.1: at least once, always by the same bytes, with an answer exactly when
    /// the 2xx made an offer.
    fn each_2xx_is_acknowledged(&self) {
        let offers: BTreeMap<Key, bool> = self
            .requests(Method::Invite)
            .map(|(_, invite)| (own_key(invite), !invite.body().is_empty()))
            .collect();
        let mut acks: BTreeMap<(Key, String), BTreeSet<Bytes>> = BTreeMap::new();
        for (_, ack) in self.requests(Method::Ack) {
            let dialog = (key(ack, &Method::Invite), to_tag(ack));
            acks.entry(dialog).or_default().insert(ack.bytes().clone());
        }
        for (_, success) in &self.reached {
            let Some(200..=299) = success.status() else {
                continue;
            };
            let request = own_key(success);
            let Some(has_offered) = offers.get(&request) else {
                continue;
            };
            let acks = acks.get(&(request.clone(), to_tag(success)));
            let acks = acks.unwrap_or_else(|| panic!("{request:?}: its 2xx has no ACK"));
            assert_eq!(acks.len(), 1, "{request:?}: another ACK each time");
            let ack = read(acks.first().unwrap());
            let wants_answer = !has_offered && !success.body().is_empty();
            assert_eq!(!ack.body().is_empty(), wants_answer, "{request:?}: {ack:?}");
        }
    }

    /// RFC 3261 section 9.1.
    fn no_cancel_before_a_1xx(&self) {
        for (at, cancel) in self.requests(Method::Cancel) {
            let request = key(cancel, &Method::Invite);
            let is_1xx = |(sent, message): &(Instant, Message)| {
                let is_early = message.status().is_some_and(|status| status < 200);
                is_early && sent < at && own_key(message) == request
            };
            assert!(
                self.reached.iter().any(is_1xx),
                "{request:?}: CANCEL before 1xx"
            );
        }
    }

    /// RFC 3261 section 8.2.6: never silence.
    fn every_request_is_answered(&self) {
        let answered: BTreeSet<Key> = self
            .sent
            .iter()
            .filter(|(_, message)| message.status().is_some_and(|status| status >= 200))
            .map(|(_, message)| own_key(message))
            .collect();
        for (_, request) in &self.reached {
            let is_answerable = request
                .method()
                .is_some_and(|method| *method != Method::Ack);
            let request_key = own_key(request);
            assert!(
                !is_answerable || answered.contains(&request_key),
                "{request_key:?} is not answered"
            );
        }
    }

    /// RFC 3261 section 15: a dialog whose BYE is answered is over; nothing new is sent in it.
    fn nothing_is_asked_after_a_bye(&self) {
        let mut over: BTreeMap<String, Instant> = BTreeMap::new();
        for (at, message) in &self.reached {
            let is_bye = message
                .cseq()
                .is_ok_and(|(_, method)| method == Method::Bye);
            if is_bye && message.status().is_some_and(|status| status >= 200) {
                let call = message.call_id().unwrap().to_owned();
                over.entry(call).or_insert(*at);
            }
        }
        let mut first_sent: BTreeMap<Key, Instant> = BTreeMap::new();
        for (at, message) in &self.sent {
            let is_new = message
                .method()
                .is_some_and(|method| *method != Method::Ack);
            if is_new {
                first_sent.entry(own_key(message)).or_insert(*at);
            }
        }
        for (request, at) in first_sent {
            let end = over.get(&request.0);
            assert!(
                end.is_none_or(|end| at <= *end),
                "{request:?}: after the BYE"
            );
        }
    }
}
