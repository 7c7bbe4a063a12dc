//! Boards for tests: phones and calls as the feed would tell them.

#![allow(
    dead_code,
    reason = "each test file takes what it needs of these boards"
)]

use app::model::{
    Aor, CallRef, CallState, Change, Delta, Device, EndedBy, Epoch, LegEnd, LegState, Outcome,
    Party, Phone, PhoneCause, Seq, ServerInfo, Side, SipAddress, Snapshot, Transport, UnixMillis,
};
use app::state::fold::{Verdict, apply};

/// The moment at which these boards are looked at.
pub(crate) const NOW: UnixMillis = 1_764_000_000_000;

/// A board that is told of changes one after the other.
pub(crate) struct Story {
    pub(crate) board: Snapshot,
    pub(crate) at: UnixMillis,
}

impl Story {
    /// A server that has just started, in the open lab.
    pub(crate) fn new() -> Self {
        let sip = |transport| SipAddress {
            transport,
            host: "192.168.1.2".into(),
            port: 5080,
        };
        let server = ServerInfo {
            version: "0.1.0".into(),
            open_lab: true,
            sip: vec![sip(Transport::Udp), sip(Transport::Tcp)],
            http: "http://192.168.1.2:8080".into(),
        };
        let board = Snapshot {
            epoch: Epoch(7),
            now: NOW,
            server,
            ..Snapshot::default()
        };
        Self { board, at: NOW }
    }

    /// Alice and Bob are registered.
    pub(crate) fn of_two() -> Self {
        let mut story = Self::new();
        story.registers("alice", Some("Alice"));
        story.registers("bob", Some("Bob"));
        story
    }

    /// The next change; the board must be able to follow.
    pub(crate) fn tell(&mut self, change: Change) -> Delta {
        let delta = Delta {
            seq: self.board.seq.next(),
            at: self.at,
            change,
        };
        let verdict = apply(&mut self.board, &delta);
        assert!(
            matches!(verdict, Verdict::Applied(_)),
            "{verdict:?}: {delta:?}"
        );
        delta
    }

    pub(crate) fn registers(&mut self, user: &str, name: Option<&str>) -> Delta {
        let change = Change::Phone {
            phone: phone(user, name),
            why: PhoneCause::Bound,
        };
        self.tell(change)
    }

    pub(crate) fn leaves(&mut self, user: &str) -> Delta {
        self.tell(Change::PhoneGone {
            aor: aor(user),
            why: PhoneCause::Removed,
        })
    }

    pub(crate) fn opens(&mut self, from: &str, to: &str) -> Delta {
        self.tell(Change::CallOpened {
            call: call_ref(),
            from: aor(from),
            to: aor(to),
            first: Party::From,
            placed: app::model::Placed::Board,
        })
    }

    pub(crate) fn leg(&mut self, side: Side, state: LegState) -> Delta {
        self.tell(Change::Leg {
            call: call_ref(),
            side,
            state,
        })
    }

    pub(crate) fn state(&mut self, state: CallState) -> Delta {
        self.tell(Change::CallState {
            call: call_ref(),
            state,
        })
    }

    /// Alice clicks Bob; her phone rings.
    pub(crate) fn rings_first(mut self) -> Self {
        self.opens("alice", "bob");
        self.leg(Side::A, LegState::Inviting);
        self.leg(Side::A, LegState::Ringing);
        self
    }

    /// She has answered; his phone rings.
    pub(crate) fn rings_second(self) -> Self {
        let mut story = self.rings_first();
        story.leg(Side::A, LegState::Answered);
        story.state(CallState::AWaiting);
        story.state(CallState::CallingB);
        story.leg(Side::B, LegState::Inviting);
        story.leg(Side::B, LegState::Ringing);
        story
    }

    /// Both have answered, so many seconds ago.
    pub(crate) fn talk(self, seconds: u64) -> Self {
        let mut story = self.rings_second();
        story.at = NOW - seconds * 1_000;
        story.leg(Side::B, LegState::Answered);
        story.state(CallState::Connecting);
        story.leg(Side::A, LegState::Confirmed);
        story.leg(Side::B, LegState::Confirmed);
        story.state(CallState::Talking);
        story.at = NOW;
        story
    }

    /// B's phone answers with a status instead of lifting; A is released.
    pub(crate) fn fails(self, outcome: Outcome, code: u16, reason: &str) -> Self {
        let mut story = self.rings_second();
        story.leg(Side::B, ended(EndedBy::B, Some(code), Some(reason)));
        story.state(CallState::Releasing);
        story.leg(Side::A, ended(EndedBy::Policy, None, None));
        story.state(CallState::Done(outcome));
        story
    }
}

pub(crate) fn aor(user: &str) -> Aor {
    Aor::new(&format!("sip:{user}@example.com"))
}

pub(crate) fn call_ref() -> CallRef {
    CallRef::new("019ab6e3-7c00-7a5b-8c1d-2e3f40516200")
}

pub(crate) fn ended(by: EndedBy, code: Option<u16>, reason: Option<&str>) -> LegState {
    LegState::Ended(LegEnd {
        by,
        code,
        reason: reason.map(str::to_owned),
    })
}

pub(crate) fn phone(user: &str, name: Option<&str>) -> Phone {
    Phone {
        aor: aor(user),
        name: name.map(str::to_owned),
        devices: vec![Device {
            contact: format!("sip:{user}@192.168.1.20:49152;transport=udp"),
            user_agent: Some("Linphone/5.2.6 (belle-sip/5.3.93)".into()),
            address: "192.168.1.20:49152".into(),
            transport: Transport::Udp,
            expires_at: NOW + 3_540_000,
            unreachable: false,
            reach: None,
        }],
    }
}

/// The number that the browser had before any delta of a story.
pub(crate) fn beginning() -> (Epoch, Seq) {
    (Epoch(7), Seq(0))
}
