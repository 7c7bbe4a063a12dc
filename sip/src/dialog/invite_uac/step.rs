//! The machine of the INVITE: one arm per state and cue, in the order of the figure on top of the [module](super).

use super::{Ending, InviteUac, State};
use crate::dialog::session::Waiter;
use crate::dialog::{Body, Effect, End, Event, Input, Outbox, Reason, Refusal};
use crate::msg::Message;
use crate::name::{Flow, Ids};
use crate::time::Instant;

/// What moves the machine.
#[derive(Debug)]
pub(super) enum Cue<'a> {
    /// 1xx to the INVITE.
    Provisional(&'a Message, &'a Flow),
    /// 2xx to the INVITE, each time one comes.
    Success(&'a Message, &'a Flow),
    /// 3xx to 6xx to the INVITE.
    Failure(&'a Message),
    /// No final response to the INVITE came in time: Timer B, or 64*T1 after CANCEL (RFC 3261 section 9.1).
    TimedOut,
    /// The INVITE could not be sent.
    Unreachable,
    /// The user releases the held ACK.
    Ack(Option<Body>),
    /// The user wants an end.
    HangUp(Option<Reason>),
    /// The peer ended the session, or the last early dialog.
    RemoteBye(Option<Reason>),
    /// Our BYE is answered, or never will be.
    ByeDone,
    /// The session cannot go on.
    Lost(Option<u16>),
}

impl InviteUac {
    pub(super) fn step(&mut self, now: Instant, cue: Cue<'_>, ids: &mut Ids, out: &mut Outbox) {
        use State::{Answered, Calling, Cancelling, Ended, Established, Proceeding, Releasing};
        self.state = match (self.state, cue) {
            (Calling, Cue::Provisional(response, flow)) => match self.ending.clone() {
                Some(ending) => self.cancel(ending, out),
                None => {
                    self.progress(response, flow, out);
                    Proceeding
                }
            },
            (Calling, Cue::Success(response, flow)) => {
                let body = self.confirm(now, response, flow, out);
                match self.ending.clone() {
                    Some(ending) => self.release(ending, ids, out),
                    None => answered(body, out),
                }
            }
            (Calling, Cue::Failure(response)) => self.refused(response, out),
            (Calling, Cue::TimedOut) => self.end(End::TimedOut, out),
            (Calling, Cue::Unreachable) => self.end(End::Unreachable, out),
            // RFC 3261 section 9.1: no CANCEL before a 1xx. The wish waits for one.
            (Calling, Cue::HangUp(reason)) => {
                self.ending.get_or_insert(hung_up(reason));
                Calling
            }
            // There is no dialog yet.
            (Calling, Cue::Ack(_) | Cue::RemoteBye(_) | Cue::ByeDone | Cue::Lost(_)) => Calling,

            (Proceeding, Cue::Provisional(response, flow)) => {
                self.progress(response, flow, out);
                Proceeding
            }
            (Proceeding, Cue::Success(response, flow)) => {
                let body = self.confirm(now, response, flow, out);
                answered(body, out)
            }
            (Proceeding, Cue::Failure(response)) => self.refused(response, out),
            (Proceeding, Cue::TimedOut) => self.end(End::TimedOut, out),
            (Proceeding, Cue::Unreachable) => self.end(End::Unreachable, out),
            (Proceeding, Cue::HangUp(reason)) => self.cancel(hung_up(reason), out),
            (Proceeding, Cue::RemoteBye(reason)) => self.cancel(gone(reason), out),
            (Proceeding, Cue::Ack(_) | Cue::ByeDone | Cue::Lost(_)) => Proceeding,

            // The 2xx has crossed our CANCEL.
            (Cancelling, Cue::Success(response, flow)) => {
                self.confirm(now, response, flow, out);
                let ending = self.ending.clone().unwrap_or_else(|| hung_up(None));
                self.release(ending, ids, out)
            }
            (Cancelling, Cue::Failure(response)) => match response.status() {
                Some(487) => self.end_as_meant(out),
                Some(_) | None => self.refused(response, out),
            },
            (Cancelling, Cue::TimedOut | Cue::Unreachable) => self.end_as_meant(out),
            (
                Cancelling,
                Cue::Provisional(..)
                | Cue::Ack(_)
                | Cue::HangUp(_)
                | Cue::RemoteBye(_)
                | Cue::ByeDone
                | Cue::Lost(_),
            ) => Cancelling,

            (Answered, Cue::Ack(body)) => {
                self.give_main(now, Input::Ack { body }, ids, out);
                out.event(Event::Confirmed { body: None });
                Established
            }
            // The ACK of a re-INVITE of ours.
            (Established, Cue::Ack(body)) => {
                self.give_main(now, Input::Ack { body }, ids, out);
                Established
            }
            (Answered | Established, Cue::HangUp(reason)) => {
                self.release(hung_up(reason), ids, out)
            }
            (Answered | Established, Cue::RemoteBye(reason)) => self.end(gone(reason).end, out),
            (Answered | Established, Cue::Lost(status)) => self.lose(status, ids, out),
            (Releasing, Cue::RemoteBye(_) | Cue::ByeDone | Cue::Lost(_)) => self.end_as_meant(out),
            (
                state @ (Answered | Established | Releasing | Ended),
                Cue::Success(response, flow),
            ) => {
                self.further_success(now, response, flow, ids, out);
                state
            }
            // The INVITE is over, whatever its transaction still says.
            (
                state @ (Answered | Established | Releasing),
                Cue::Provisional(..) | Cue::Failure(_) | Cue::TimedOut | Cue::Unreachable,
            ) => state,
            // No BYE of ours is under way.
            (state @ (Answered | Established), Cue::ByeDone) => state,
            (Releasing, Cue::Ack(_) | Cue::HangUp(_)) => Releasing,

            (
                Ended,
                Cue::Provisional(..)
                | Cue::Failure(_)
                | Cue::TimedOut
                | Cue::Unreachable
                | Cue::Ack(_)
                | Cue::HangUp(_)
                | Cue::RemoteBye(_)
                | Cue::ByeDone
                | Cue::Lost(_),
            ) => Ended,
        };
    }

    fn cancel(&mut self, ending: Ending, out: &mut Outbox) -> State {
        out.push(Effect::Cancel {
            branch: self.branch.clone(),
            reason: ending.reason.clone(),
        });
        self.ending = Some(ending);
        State::Cancelling
    }

    fn release(&mut self, ending: Ending, ids: &mut Ids, out: &mut Outbox) -> State {
        if let Some(main) = &mut self.main {
            main.close(ending.reason.as_ref(), Waiter::Usage, ids, out);
        }
        self.ending = Some(ending);
        State::Releasing
    }

    fn lose(&mut self, status: Option<u16>, ids: &mut Ids, out: &mut Outbox) -> State {
        if let Some(main) = &mut self.main {
            main.lose(status, ids, out);
        }
        self.end(End::Lost { status }, out)
    }

    fn refused(&mut self, response: &Message, out: &mut Outbox) -> State {
        self.end(End::Refused(Refusal::of(response)), out)
    }

    fn end_as_meant(&mut self, out: &mut Outbox) -> State {
        let end = self.ending.take().map_or(End::HungUp, |ending| ending.end);
        self.end(end, out)
    }

    fn end(&mut self, end: End, out: &mut Outbox) -> State {
        self.dissolve_early(out);
        out.event(Event::Ended(end));
        State::Ended
    }
}

fn answered(body: Option<Body>, out: &mut Outbox) -> State {
    out.event(Event::Answered { body });
    State::Answered
}

fn hung_up(reason: Option<Reason>) -> Ending {
    Ending {
        end: End::HungUp,
        reason,
    }
}

/// The peer's own reason is for the user, not to be sent back.
fn gone(reason: Option<Reason>) -> Ending {
    Ending {
        end: End::RemoteBye { reason },
        reason: None,
    }
}
