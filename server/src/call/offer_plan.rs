//! Which phone is shown which session description, and when: the flows of RFC 3725 section 4 as a table.
//!
//! A row says what is done at the start and when a leg has answered; [`super::call`] carries it out. Session
//! descriptions are passed on unread: a row only says whose goes where.

use sip::dialog::Body;

use crate::event::Side;

/// One row: a way to bring two phones together.
#[derive(Debug)]
pub(super) struct Plan {
    /// As it is called in logs.
    pub(super) name: &'static str,
    /// What begins the call.
    pub(super) start: &'static [Step],
    /// What follows when the phone of side A has answered.
    pub(super) a_answered: &'static [Step],
    /// What follows when the phone of side B has answered.
    pub(super) b_answered: &'static [Step],
}

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Invite this side.
    Invite(Side, Session),
    /// Send the ACK that this side's 2xx waits for.
    Ack(Side, Session),
}

/// The body of a request of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Session {
    /// None: in an INVITE it asks the phone to make the offer; in an ACK, the answer has been given before.
    Nothing,
    /// What this side said in its 2xx.
    Of(Side),
}

impl Plan {
    /// What follows when `side` has answered.
    pub(super) const fn answered(&self, side: Side) -> &'static [Step] {
        match side {
            Side::A => self.a_answered,
            Side::B => self.b_answered,
        }
    }
}

/// Flow I (RFC 3725 section 4.1).
///
/// Right: four messages a leg, no session description is ever made up, and every phone that was measured takes
/// it. Wrong for people: A hears nothing while B rings, and A's 200 goes unacknowledged so long. The phone
/// repeats it and gives up after 64*T1 = 32 s (RFC 3261 section 13.3.1.4), so B must answer well before.
pub(super) const DIRECT: Plan = Plan {
    name: "direct",
    start: &[Step::Invite(Side::A, Session::Nothing)],
    a_answered: &[Step::Invite(Side::B, Session::Of(Side::A))],
    // B's offer came in its INVITE, so its ACK is bare (RFC 3261 section 13.2.1); A's offer came in its 2xx,
    // so its ACK carries the answer.
    b_answered: &[
        Step::Ack(Side::B, Session::Nothing),
        Step::Ack(Side::A, Session::Of(Side::B)),
    ],
};

/// Whether a body can be an offer or an answer (RFC 3264), alone or as part of a multipart one (RFC 5621).
pub(super) fn describes_session(body: &Body) -> bool {
    let essence = body.content_type.split(';').next().unwrap_or("").trim();
    let multipart = essence
        .get(.."multipart/".len())
        .is_some_and(|start| start.eq_ignore_ascii_case("multipart/"));
    !body.bytes.is_empty() && (multipart || essence.eq_ignore_ascii_case("application/sdp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_session_descriptions_are_offers() {
        let body = |content_type: &str, bytes: &'static str| Body {
            content_type: content_type.into(),
            bytes: bytes.as_bytes().into(),
        };
        assert!(describes_session(&body("application/sdp", "v=0")));
        assert!(describes_session(&body(
            "Application/SDP ; charset=utf-8",
            "v=0"
        )));
        assert!(describes_session(&body(
            "Multipart/mixed;boundary=x",
            "--x"
        )));
        assert!(!describes_session(&body("application/sdp", "")));
        assert!(!describes_session(&body("application/sdpx", "v=0")));
        assert!(!describes_session(&body("text/plain", "v=0")));
        assert!(!describes_session(&body("", "v=0")));
        assert!(!describes_session(&body("multiparté", "v=0")));
    }

    /// RFC 3261 section 13.2.1: one offer and one answer per INVITE, the answer in the ACK exactly when the
    /// INVITE had no offer.
    #[test]
    fn every_ack_answers_the_offer_that_came_and_no_other() {
        let steps = [DIRECT.start, DIRECT.a_answered, DIRECT.b_answered].concat();
        for side in [Side::A, Side::B] {
            let invites: Vec<_> = steps
                .iter()
                .filter_map(|step| match step {
                    Step::Invite(to, session) => (*to == side).then_some(*session),
                    Step::Ack(..) => None,
                })
                .collect();
            let acks: Vec<_> = steps
                .iter()
                .filter_map(|step| match step {
                    Step::Ack(to, session) => (*to == side).then_some(*session),
                    Step::Invite(..) => None,
                })
                .collect();
            assert_eq!(invites.len(), 1);
            assert_eq!(acks.len(), 1);
            assert_ne!(
                invites[0] == Session::Nothing,
                acks[0] == Session::Nothing,
                "side {side:?}: offer and answer do not meet"
            );
        }
    }
}
