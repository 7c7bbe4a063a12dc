//! The UAC usage under any order of inputs: what must hold always, and that it always ends.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use sip::dialog::invite_uac::{InviteUac, State};
use sip::dialog::{Effect, Event, Input, RequestId};
use sip::msg::{Message, Method, lex};
use sip::transaction::ServerId;

use crate::desk::{Desk, flow, sdp};

/// Something that may happen at any time.
#[derive(Clone, Debug)]
enum Act {
    /// The INVITE is answered by this fork, if its transaction can still say that.
    Answer(u16, u8),
    /// A 2xx of this fork that no transaction wants.
    Stray(u8),
    /// The INVITE's transaction gives up, or cannot send.
    InviteFails(bool),
    /// The oldest other request that waits gets this response; 0 times out, 1 cannot be sent.
    Reply(u16),
    /// The peer asks for this, in the dialog of this fork.
    Peer(u8, u8, bool),
    /// The user answers the oldest question.
    Respond(u16),
    Decline,
    /// The peer cancels, or acknowledges, its own oldest INVITE.
    PeerCancel,
    PeerAck,
    Ack(bool),
    HangUp,
    Reinvite(bool),
    Update(bool),
    Withdraw,
    Send,
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let status = prop_oneof![
        Just(100),
        Just(180),
        Just(183),
        Just(200),
        Just(202),
        Just(302),
        Just(486),
        Just(487),
        Just(491),
        Just(603)
    ];
    let reply = prop_oneof![
        4 => Just(200), 1 => Just(0), 1 => Just(1), 1 => Just(180), 1 => Just(481), 1 => Just(408), 2 => Just(491), 1 => Just(500)
    ];
    prop_oneof![
        6 => (status, 0..3_u8).prop_map(|(status, fork)| Act::Answer(status, fork)),
        1 => (0..3_u8).prop_map(Act::Stray),
        1 => any::<bool>().prop_map(Act::InviteFails),
        4 => reply.prop_map(Act::Reply),
        4 => (0..8_u8, 0..4_u8, any::<bool>()).prop_map(|(what, fork, body)| Act::Peer(what, fork, body)),
        2 => prop_oneof![Just(180_u16), Just(200), Just(488)].prop_map(Act::Respond),
        1 => Just(Act::Decline),
        1 => Just(Act::PeerCancel),
        2 => Just(Act::PeerAck),
        3 => any::<bool>().prop_map(Act::Ack),
        1 => Just(Act::HangUp),
        2 => any::<bool>().prop_map(Act::Reinvite),
        2 => any::<bool>().prop_map(Act::Update),
        1 => Just(Act::Withdraw),
        1 => Just(Act::Send),
        2 => prop_oneof![Just(1_u64), Just(600), Just(5_000), Just(33_000)].prop_map(Act::Wait),
    ]
}

const METHODS: [Method; 8] = [
    Method::Bye,
    Method::Invite,
    Method::Update,
    Method::Info,
    Method::Options,
    Method::Refer,
    Method::Prack,
    Method::Message,
];

/// The INVITE's client transaction, as far as it decides what can be heard (RFC 3261 figure 5, RFC 6026).
#[derive(Clone, Copy, PartialEq)]
enum Transaction {
    Calling,
    Proceeding,
    Accepted,
    Over,
}

/// The world round one usage, and what has been seen of it.
struct World {
    desk: Desk<InviteUac>,
    transaction: Transaction,
    /// How many effects have been looked at.
    seen: usize,
    waiting: Vec<(RequestId, Message)>,
    unanswered: BTreeMap<ServerIdKey, (ServerId, Message)>,
    questions: Vec<(ServerId, Message)>,
    acceptances: Vec<Message>,
    /// (tag, CSeq) of every 2xx to an INVITE of ours.
    successes: BTreeSet<(String, u32)>,
    acks: BTreeMap<(String, u32), bytes::Bytes>,
    byes: BTreeSet<String>,
    last_cseq: BTreeMap<String, u32>,
    cancels: usize,
    wishes: usize,
    granted: usize,
    sends: u32,
    replies: BTreeSet<u32>,
    ended: bool,
}

type ServerIdKey = String;

fn key(id: ServerId) -> ServerIdKey {
    format!("{id:?}")
}

fn tag_of(request: &Message) -> String {
    let to = request.to().expect("To");
    to.tag().unwrap_or_default().to_owned()
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            desk: Desk::uac(),
            transaction: Transaction::Calling,
            seen: 1,
            waiting: Vec::new(),
            unanswered: BTreeMap::new(),
            questions: Vec::new(),
            acceptances: Vec::new(),
            successes: BTreeSet::new(),
            acks: BTreeMap::new(),
            byes: BTreeSet::new(),
            last_cseq: BTreeMap::new(),
            cancels: 0,
            wishes: 0,
            granted: 0,
            sends: 0,
            replies: BTreeSet::new(),
            ended: false,
        };
        world.look();
        world
    }

    fn play(&mut self, act: &Act) {
        match act {
            Act::Answer(status, fork) => self.answer(*status, *fork),
            Act::Stray(fork) => {
                let response = self.desk.to_invite(200, &format!("f{fork}"));
                self.successes.insert((format!("f{fork}"), 1));
                self.desk.give(Input::Stray {
                    response: &response,
                    flow: &flow(),
                });
            }
            Act::InviteFails(timed_out) => self.invite_fails(*timed_out),
            Act::Reply(status) => self.reply(*status),
            Act::Peer(what, fork, has_body) => {
                let method = &METHODS[usize::from(*what)];
                let body = if *has_body { "body" } else { "" };
                let (id, request) = self.desk.peer_request(method, &format!("f{fork}"), body);
                self.unanswered.insert(key(id), (id, request.clone()));
                self.desk.ask(id, &request);
            }
            Act::Respond(status) => {
                if let Some((id, _)) = self.questions.first() {
                    let body = Some(sdp("answer"));
                    self.desk.give(Input::Respond {
                        id: *id,
                        status: *status,
                        headers: &[],
                        body,
                    });
                }
            }
            Act::Decline => {
                if let Some((id, _)) = self.questions.first() {
                    self.desk.give(Input::Decline(*id));
                }
            }
            Act::PeerCancel => {
                if let Some((id, _)) = self.questions.first() {
                    self.desk.give(Input::PeerCancel {
                        id: *id,
                        reason: None,
                    });
                }
            }
            Act::PeerAck => {
                if let Some(invite) = self.acceptances.pop() {
                    let from = invite
                        .from()
                        .expect("From")
                        .tag()
                        .expect("a tag")
                        .to_owned();
                    let (cseq, _) = invite.cseq().expect("CSeq");
                    self.desk.peer_acks(cseq, &from, "");
                }
            }
            Act::Ack(has_body) => {
                self.desk.give(Input::Ack {
                    body: has_body.then(|| sdp("answer")),
                });
            }
            Act::HangUp => {
                self.desk.hang_up();
            }
            Act::Reinvite(has_offer) => {
                self.wishes += 1;
                self.desk.give(Input::Reinvite {
                    offer: has_offer.then(|| sdp("offer")),
                });
            }
            Act::Withdraw => {
                self.desk.give(Input::Withdraw);
            }
            Act::Update(has_offer) => {
                self.wishes += 1;
                self.desk.give(Input::Update {
                    offer: has_offer.then(|| sdp("offer")),
                });
            }
            Act::Send => {
                self.sends += 1;
                self.desk.give(Input::Send {
                    mark: self.sends,
                    method: &Method::Info,
                    headers: &[],
                    body: None,
                });
            }
            Act::Wait(millis) => {
                self.desk.wait(Duration::from_millis(*millis));
            }
        }
        self.look();
    }

    /// What the transaction of the INVITE would let through.
    fn answer(&mut self, status: u16, fork: u8) {
        let (may, next) = match (self.transaction, status) {
            (Transaction::Calling | Transaction::Proceeding, 100..=199) => {
                (true, Transaction::Proceeding)
            }
            (Transaction::Over, _) | (Transaction::Accepted, 100..=199 | 300..) => {
                (false, self.transaction)
            }
            (_, 200..=299) => (true, Transaction::Accepted),
            (_, _) => (true, Transaction::Over),
        };
        self.transaction = next;
        if may {
            let tag = format!("f{fork}");
            if (200..300).contains(&status) {
                self.successes.insert((tag.clone(), 1));
            }
            self.desk.invite_hears(status, &tag);
        }
    }

    fn invite_fails(&mut self, timed_out: bool) {
        let may = match self.transaction {
            Transaction::Calling => true,
            // 64*T1 after a CANCEL (RFC 3261 section 9.1).
            Transaction::Proceeding => self.cancels > 0 || !timed_out,
            Transaction::Accepted | Transaction::Over => false,
        };
        if may {
            self.transaction = Transaction::Over;
            let invite = self.desk.id_of_invite();
            self.desk.give(if timed_out {
                Input::TimedOut(invite)
            } else {
                Input::Unreachable(invite)
            });
        }
    }

    fn reply(&mut self, status: u16) {
        if self.waiting.is_empty() {
            return;
        }
        let (id, request) = self.waiting[0].clone();
        if !(2..200).contains(&status) {
            self.waiting.remove(0);
        }
        match status {
            0 => {
                self.desk.give(Input::TimedOut(id));
            }
            1 => {
                self.desk.give(Input::Unreachable(id));
            }
            _ => {
                let (cseq, method) = request.cseq().expect("CSeq");
                if status == 200 && method == Method::Invite {
                    self.successes.insert((tag_of(&request), cseq));
                }
                let response = self.desk.response_to(&request, status, "sdp");
                self.desk.give(Input::Response {
                    request: id,
                    response: &response,
                    flow: &flow(),
                });
            }
        }
    }

    /// Looks at what came out, and holds it against the laws.
    fn look(&mut self) {
        let news: Vec<Effect> = self.desk.past[self.seen..].to_vec();
        self.seen = self.desk.past.len();
        for effect in &news {
            match effect {
                Effect::Request { id, bytes, .. } => self.request(*id, bytes),
                Effect::Cancel { .. } => {
                    self.cancels += 1;
                    let of_ours = self
                        .waiting
                        .iter()
                        .any(|(_, r)| r.method() == Some(&Method::Invite));
                    assert!(
                        self.transaction == Transaction::Proceeding || of_ours,
                        "a CANCEL before a 1xx or after a final response"
                    );
                }
                Effect::Transmit { bytes, .. } => {
                    let ack = lex(bytes.clone()).expect("an ACK");
                    let name = (tag_of(&ack), ack.cseq().expect("CSeq").0);
                    assert!(self.successes.contains(&name), "an ACK to no 2xx");
                    let first = self.acks.entry(name).or_insert_with(|| bytes.clone());
                    assert_eq!(first, bytes, "two ACKs to one 2xx");
                }
                Effect::Respond { id, bytes } => self.response(*id, bytes),
                Effect::Event(event) => self.event(event),
            }
        }
    }

    fn request(&mut self, id: RequestId, bytes: &bytes::Bytes) {
        let request = lex(bytes.clone()).expect("a request");
        let (cseq, method) = request.cseq().expect("CSeq");
        let tag = tag_of(&request);
        assert!(!self.byes.contains(&tag), "{method} after the BYE");
        let last = self.last_cseq.insert(tag.clone(), cseq);
        assert!(last.unwrap_or(1) < cseq, "CSeq must grow");
        if method == Method::Bye {
            self.byes.insert(tag.clone());
            let open: Vec<_> = self.successes.iter().filter(|(t, _)| *t == tag).collect();
            assert!(!open.is_empty(), "a BYE without a 2xx");
            let has_ack = self
                .acks
                .keys()
                .any(|(t, number)| *t == tag && *number == 1);
            assert!(has_ack, "a BYE before the ACK");
        } else {
            assert!(!self.ended, "{method} after the end");
        }
        self.waiting.push((id, request));
    }

    fn response(&mut self, id: ServerId, bytes: &bytes::Bytes) {
        let response = lex(bytes.clone()).expect("a response");
        let status = response.status().expect("a status");
        let (_, method) = response.cseq().expect("CSeq");
        if status < 200 {
            return;
        }
        let before = self.unanswered.remove(&key(id));
        let is_repeated = method == Method::Invite && status < 300;
        assert!(
            before.is_some() || is_repeated,
            "two answers to one {method}"
        );
        self.questions.retain(|(asked, _)| *asked != id);
        if let Some((_, request)) = before.filter(|_| is_repeated) {
            self.acceptances.push(request);
        }
    }

    fn event(&mut self, event: &Event) {
        assert!(
            !self.ended || !matches!(event, Event::Ended(_)),
            "ended twice"
        );
        match event {
            Event::Ended(_) => self.ended = true,
            Event::Modified { .. } | Event::NotModified { .. } => self.granted += 1,
            Event::Replied { mark, .. } => {
                assert!(self.replies.insert(*mark), "replied twice");
            }
            Event::Asked { id, request } => self.questions.push((*id, request.clone())),
            Event::Trying
            | Event::Progress { .. }
            | Event::Answered { .. }
            | Event::Confirmed { .. }
            | Event::Withdrawn { .. }
            | Event::Modifying { .. }
            | Event::PeerAck { .. } => assert!(!self.ended, "{event:?} after the end"),
        }
    }

    /// Hangs up, and lets everything that is under way come to its end.
    fn finish(&mut self) {
        self.play(&Act::HangUp);
        for _ in 0..4 {
            self.play(&Act::InviteFails(true));
            while !self.waiting.is_empty() {
                self.play(&Act::Reply(0));
            }
            // A proceeding INVITE whose CANCEL was never possible: the phone answers at last.
            self.play(&Act::Answer(487, 0));
        }
        self.play(&Act::Wait(100_000));
        assert_eq!(self.desk.usage.state(), State::Ended);
        assert!(self.ended);
        assert!(self.desk.usage.deadline().is_none());
        assert_eq!(self.granted, self.wishes, "each wish has one end");
        assert_eq!(
            self.replies.len(),
            self.sends as usize,
            "each request has one end"
        );
        assert!(
            self.unanswered.is_empty(),
            "never silence: {:?}",
            self.unanswered
        );
        let missing: Vec<_> = self
            .successes
            .iter()
            .filter(|name| !self.acks.contains_key(*name))
            .collect();
        assert!(missing.is_empty(), "2xx without ACK: {missing:?}");
    }
}

proptest! {
    // A failure is not kept in a file: it becomes a test with a name, among the races.
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens(acts in prop::collection::vec(act(), 0..60)) {
        let mut world = World::new();
        for act in &acts {
            world.play(act);
        }
        world.finish();
    }
}
