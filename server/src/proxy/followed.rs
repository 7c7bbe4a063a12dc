//! The calls that phones place to each other, as the proxy's caller sees them: how many, ended how; and what is heard of
//! requests of our own to their phones. What they are stands in [`super::tracker`].

use sip::msg::Message;
use sip::time::Instant;

use super::Proxy;
use super::context::{Context, Surroundings};
use super::effect::{Mark, Outbox, Whose};
use super::rewrite::Signature;
use super::tracker::{Asker, Found, Release, Tracker};
use crate::event::CallRef;

impl Proxy {
    /// How many calls of phones among themselves are followed.
    pub fn calls(&self) -> usize {
        self.tracker.len()
    }

    /// Ends a call that is followed; `false` if it is not known here. To end one that is being ended is no error.
    pub fn hang_up(&mut self, now: Instant, call: CallRef, out: &mut Outbox) -> bool {
        let (tracker, mut asker) = self.asker();
        match tracker.hang_up(now, call, &mut asker, out) {
            Release::Unknown => false,
            Release::Begun => true,
            Release::Cancel(context) => {
                self.tell(now, context, out, Context::ended_by_operator);
                true
            }
        }
    }

    /// Cancels every followed call that rings. Those that stand need no server, and go on.
    pub fn cancel_all(&mut self, now: Instant, out: &mut Outbox) {
        for call in self.tracker.ringing() {
            self.hang_up(now, call, out);
        }
    }

    /// A response to a request of somebody's, or of ours.
    pub(super) fn response(
        &mut self,
        now: Instant,
        mark: Mark,
        response: &Message,
        out: &mut Outbox,
    ) {
        match mark.0 {
            Whose::Branch { context, branch } => self.tell(now, context, out, |context, cx| {
                context.response(usize::from(branch), response, cx);
            }),
            Whose::Bye { .. } | Whose::Question { .. } => {
                if let Some(found) = response.status().and_then(Found::of_status) {
                    self.followed(now, mark, found, out);
                }
            }
        }
    }

    /// There will be none: its context takes it by `act`.
    pub(super) fn unanswered(
        &mut self,
        now: Instant,
        mark: Mark,
        found: Found,
        out: &mut Outbox,
        act: fn(&mut Context, usize, &mut Surroundings<'_>),
    ) {
        match mark.0 {
            Whose::Branch { context, branch } => self.tell(now, context, out, |context, cx| {
                act(context, usize::from(branch), cx);
            }),
            Whose::Bye { .. } | Whose::Question { .. } => self.followed(now, mark, found, out),
        }
    }

    pub(super) fn asker(&mut self) -> (&mut Tracker, Asker<'_>) {
        let asker = Asker {
            ids: &mut self.setup.ids,
            signature: Signature {
                identity: &self.setup.identity,
                tokens: &self.tokens,
                realm: None,
            },
            location: &self.setup.location,
        };
        (&mut self.tracker, asker)
    }

    /// A request of ours to a phone of a followed call is done with.
    fn followed(&mut self, now: Instant, mark: Mark, found: Found, out: &mut Outbox) {
        let (tracker, mut asker) = self.asker();
        match mark.0 {
            Whose::Branch { .. } => {}
            Whose::Bye { call, side } => tracker.released(now, call, side, out),
            Whose::Question { call, side } => {
                tracker.heard_of(now, (call, side), found, &mut asker, out);
            }
        }
    }
}
