//! One call of the phone: the INVITE usage, what its owner is about to do, and the descriptions of both sides' audio.

use std::time::Duration;

use sip::dialog::{Body, Outbox};
use sip::msg::Message;
use sip::time::Instant;
use sip::transaction::ServerId;

use super::media::{Direction, Media};
use super::script::{Deed, Script};
use super::usage::{Stage, Usage};

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    number: u32,
    /// Of a call that came in.
    invite: Option<ServerId>,
    pub(super) usage: Usage,
    script: Script,
    /// What is to be done, and when.
    plans: Vec<(Instant, Deed)>,
    rings: bool,
    user: String,
    own: Media,
    version: u32,
    /// What the other party last described.
    other: Option<Media>,
    /// Whether an offer of the other party waits for our answer.
    is_offered: bool,
}

impl Call {
    /// A call that just came in, or is about to be dialled.
    pub(super) fn new(
        now: Instant,
        number: u32,
        (invite, usage): (Option<ServerId>, Usage),
        script: &Script,
        (user, own): (&str, Media),
    ) -> Self {
        let mut call = Self {
            number,
            invite,
            usage,
            script: script.clone(),
            plans: Vec::new(),
            rings: false,
            user: user.to_owned(),
            own,
            version: 0,
            other: None,
            is_offered: false,
        };
        if call.invite.is_some() {
            call.plan(now, |script| &script.at_invite);
        }
        call
    }

    pub(super) const fn number(&self) -> u32 {
        self.number
    }

    pub(super) const fn script(&self) -> &Script {
        &self.script
    }

    pub(super) fn is_invite(&self, id: ServerId) -> bool {
        self.invite == Some(id)
    }

    pub(super) fn is_of(&self, message: &Message) -> bool {
        message
            .call_id()
            .is_ok_and(|id| id == self.usage.call_id().as_str())
    }

    pub(super) fn is_ringing(&self) -> bool {
        self.rings && self.usage.stage() == Stage::Unanswered
    }

    pub(super) fn is_answered(&self) -> bool {
        matches!(self.usage.stage(), Stage::Answered | Stage::Established)
    }

    pub(super) fn talks_to(&self) -> Option<Media> {
        self.other
            .filter(|_| self.usage.stage() == Stage::Established)
    }

    /// When it wants to hear of the clock.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let plan = self.plans.iter().map(|(at, _)| *at).min();
        plan.into_iter().chain(self.usage.deadline()).min()
    }

    /// The next deed that is due.
    pub(super) fn due(&mut self, now: Instant) -> Option<Deed> {
        let (at, _) = self
            .plans
            .iter()
            .enumerate()
            .min_by_key(|(_, (at, _))| *at)?;
        (self.plans[at].0 <= now).then(|| self.plans.remove(at).1)
    }

    /// The line is open: what was planned for this moment begins.
    pub(super) fn connected(&mut self, now: Instant) {
        self.plan(now, |script| &script.at_connect);
    }

    pub(super) fn ring(&mut self, out: &mut Outbox) {
        if let Some(usage) = self.usage.called() {
            self.rings = true;
            usage.progress(180, None, out);
        }
    }

    pub(super) fn play_early_media(&mut self, out: &mut Outbox) {
        let body = self.description();
        if let Some(usage) = self.usage.called() {
            usage.progress(183, Some(body), out);
        }
    }

    pub(super) fn answer(&mut self, now: Instant, out: &mut Outbox) {
        if self.usage.stage() != Stage::Unanswered {
            return;
        }
        let is_mute = self.script.quirks.answers_without_sdp;
        let body = (!is_mute).then(|| self.description());
        if let Some(usage) = self.usage.called() {
            usage.answer(now, body, out);
        }
        self.plan(now, |script| &script.at_answer);
    }

    /// Takes a description of the other party: an offer, or the answer to ours. Gives what is news.
    pub(super) fn take(&mut self, body: Option<&Body>, is_offer: bool) -> Option<Media> {
        let media = body.and_then(Media::of)?;
        self.other = Some(media);
        self.is_offered = is_offer;
        Some(media)
    }

    /// Our description: the answer where an offer waits, else an offer.
    pub(super) fn description(&mut self) -> Body {
        let offered = self.other.filter(|_| std::mem::take(&mut self.is_offered));
        let mut own = self.own;
        if let Some(offer) = offered
            && offer.direction != Direction::SendRecv
        {
            own.direction = offer.direction.answered();
        }
        self.version += 1;
        own.describe(&self.user, self.version)
    }

    /// Our offer with a new direction.
    pub(super) fn offer(&mut self, direction: Direction) -> Body {
        self.own.direction = direction;
        self.is_offered = false;
        self.description()
    }

    fn plan(&mut self, now: Instant, of: impl FnOnce(&Script) -> &[(Duration, Deed)]) {
        let planned = of(&self.script).iter();
        let planned: Vec<_> = planned
            .map(|(after, deed)| (now + *after, deed.clone()))
            .collect();
        self.plans.extend(planned);
    }
}
