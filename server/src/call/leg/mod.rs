//! One leg of a call: a party, and the devices by which it is reached.
//!
//! All devices of one preference ring at once, the next preference in its turn (RFC 3261 sections 16.6 and 16.7 in
//! spirit: we are the caller here, no proxy). Each has an INVITE, a Call-ID and a dialog of its own. The first that
//! answers is the *winner*, and from then on the leg is its dialog. Knows not why it rings or what follows:
//! [`super::devices`] does.

mod auto_answer;
mod device;
mod invitation;

use std::sync::Arc;

use sip::dialog::invite_uac::InviteUac;
use sip::dialog::{Body, Outbox};
use sip::name::{Aor, CallId, Ids};
use sip::time::Instant;

use self::device::{Device, Fate};
pub(super) use self::invitation::{Caller, Terms};
use super::DeviceId;
use super::cause::Cause;
use crate::binding::{Binding, Bindings};
use crate::event::{self, LegState};
use crate::forking::Phones;
use crate::limits::BINDINGS_PER_AOR;

/// One leg.
#[derive(Debug)]
pub(super) struct Leg {
    /// The party.
    pub(super) aor: Aor,
    /// Where the party is reached, best first.
    targets: Bindings,
    /// What the board knows.
    pub(super) state: LegState,
    /// Whether its phone is asked to answer by itself.
    pub(super) answers_itself: bool,
    /// Those that were invited.
    devices: Vec<Device>,
    /// How many were, in all.
    invited: u8,
    /// Those that are not rung yet.
    waiting: Phones,
    /// Until when those that ring have the time for themselves, while others wait.
    turn: Option<Instant>,
    /// The one that answered.
    winner: Option<DeviceId>,
    /// With what they are invited.
    offer: Option<Body>,
    /// What says most of the refusals so far.
    best: Option<(u8, Cause)>,
    /// What the phone said in its 2xx.
    pub(super) answer: Option<Body>,
}

/// What a device is to its leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The leg is its dialog.
    Winner,
    /// It may still answer.
    Rings,
    /// Nobody waits for it any more.
    Past,
}

impl Leg {
    pub(super) fn new(aor: Aor, targets: Bindings) -> Self {
        Self {
            aor,
            targets,
            state: LegState::Planned,
            answers_itself: false,
            devices: Vec::new(),
            invited: 0,
            waiting: Phones::default(),
            turn: None,
            winner: None,
            offer: None,
            best: None,
            answer: None,
        }
    }

    /// How this party is shown to the other one: by the name of its best device that has one.
    pub(super) fn caller(&self) -> Caller<'_> {
        let mut named = self.targets.iter();
        Caller {
            aor: &self.aor,
            display_name: named.find_map(|binding| binding.display_name()),
        }
    }

    /// These are to be rung, with this offer.
    pub(super) fn line_up(&mut self, targets: Bindings, offer: Option<Body>) {
        // Settings may allow more bindings than anybody wants rung at once.
        let most = usize::try_from(BINDINGS_PER_AOR).unwrap_or(usize::MAX);
        self.waiting = targets.iter().take(most).cloned().collect();
        self.targets = targets;
        self.offer = offer;
    }

    /// The devices that ring next, and how many groups wait after them.
    pub(super) fn next_group(&mut self) -> (Vec<Arc<Binding>>, u32) {
        let group = self.waiting.next_group();
        self.devices.reserve_exact(group.len());
        (group, self.waiting.groups())
    }

    /// Another flow of a phone whose flow turned out to be dead.
    pub(super) fn spare(&mut self, dead: DeviceId) -> Option<Arc<Binding>> {
        let at = self.position(dead)?;
        self.waiting.take_spare(&self.devices[at].binding)
    }

    /// From when on the next group rings.
    pub(super) fn set_turn(&mut self, until: Option<Instant>) {
        self.turn = until;
    }

    /// Whether those that ring have had their time and others wait.
    pub(super) fn is_next_due(&self, now: Instant) -> bool {
        self.turn.is_some_and(|turn| turn <= now)
    }

    /// Invites a device.
    pub(super) fn invite(
        &mut self,
        binding: Arc<Binding>,
        is_alone: bool,
        caller: Caller<'_>,
        terms: Terms<'_>,
        ids: &mut Ids,
        out: &mut Outbox,
    ) -> (DeviceId, CallId) {
        let offer = self.offer.clone();
        let terms = Terms {
            answers_itself: self.answers_itself && is_alone,
            ..terms
        };
        let uac = invitation::start(&self.aor, &binding, caller, offer, terms, ids, out);
        let call_id = uac.call_id().clone();
        let id = DeviceId(self.invited);
        self.invited = self.invited.wrapping_add(1);
        self.devices.push(Device {
            id,
            binding,
            uac,
            fate: Fate::Open,
        });
        (id, call_id)
    }

    /// What a device is to the leg now.
    pub(super) fn standing(&self, device: DeviceId) -> Standing {
        let at = self.position(device);
        match at.map(|at| self.devices[at].fate) {
            _ if self.winner == Some(device) => Standing::Winner,
            Some(Fate::Open) => Standing::Rings,
            Some(Fate::Dismissed | Fate::Over(_)) | None => Standing::Past,
        }
    }

    /// This one answered first: nobody else is rung.
    pub(super) fn set_winner(&mut self, device: DeviceId) {
        self.winner = Some(device);
        self.call_off();
    }

    /// No more devices are rung, and what those said who refused is of no interest.
    pub(super) fn call_off(&mut self) {
        self.waiting = Phones::default();
        self.turn = None;
        self.offer = None;
        self.best = None;
    }

    /// Nobody waits for this one any more.
    pub(super) fn dismiss(&mut self, device: DeviceId) {
        if let Some(at) = self.position(device) {
            self.devices[at].fate = Fate::Dismissed;
        }
    }

    /// The usage of this one is over; it is kept a while.
    pub(super) fn over(&mut self, device: DeviceId, until: Instant) {
        if let Some(at) = self.position(device) {
            self.devices[at].fate = Fate::Over(until);
        }
    }

    /// A refusal, by its rank: the smallest says most.
    pub(super) fn consider(&mut self, rank: u8, cause: Cause) {
        if self.best.as_ref().is_none_or(|(best, _)| rank < *best) {
            self.best = Some((rank, cause));
        }
    }

    /// The refusal that says most.
    pub(super) fn take_best(&mut self) -> Option<Cause> {
        self.best.take().map(|(_, cause)| cause)
    }

    /// Those that may still answer; the winner alone, where there is one.
    pub(super) fn open(&self) -> Vec<DeviceId> {
        let ids = self.devices.iter().map(|device| device.id);
        let is_open = |id: &DeviceId| match self.winner {
            Some(winner) => *id == winner,
            None => self.standing(*id) == Standing::Rings,
        };
        ids.filter(is_open).collect()
    }

    /// The dialog of the leg; before anybody has answered, of the first that may.
    pub(super) fn speaker(&self) -> Option<DeviceId> {
        self.winner.or_else(|| self.open().first().copied())
    }

    pub(super) fn uac_mut(&mut self, device: DeviceId) -> Option<&mut InviteUac> {
        let at = self.position(device)?;
        Some(&mut self.devices[at].uac)
    }

    /// What is told of the device that has answered.
    pub(super) fn device(&self) -> Option<event::Device> {
        let at = self.position(self.winner?)?;
        Some(self.devices[at].described())
    }

    /// What is sent from now on goes the ways by which the devices last registered.
    pub(super) fn follow_devices(&mut self, bindings: &Bindings) {
        for device in &mut self.devices {
            device.follow(bindings);
        }
    }

    /// Whether no device that rings has said anything so far, not even 100.
    pub(super) fn is_silent(&self) -> bool {
        let mut ringing = self.devices.iter().filter(|one| one.fate == Fate::Open);
        ringing.all(Device::is_silent)
    }

    /// The devices that want to hear of the clock.
    pub(super) fn due(&self, now: Instant) -> Vec<DeviceId> {
        let is_due = |device: &&Device| device.uac.deadline().is_some_and(|at| at <= now);
        let due = self.devices.iter().filter(is_due);
        due.map(|device| device.id).collect()
    }

    /// When the clock matters to this leg.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let usages = self.devices.iter().filter_map(|one| one.uac.deadline());
        let kept = self.devices.iter().filter_map(|one| self.kept(one));
        usages.chain(kept).chain(self.turn).min()
    }

    /// Lets go of those that lost, when their phones have nothing to repeat any more. Gives their Call-IDs.
    pub(super) fn forget(&mut self, now: Instant) -> Vec<CallId> {
        let is_past = |one: &Device| self.kept(one).is_some_and(|until| until <= now);
        let past: Vec<_> = self.devices.iter().filter(|one| is_past(one)).collect();
        let forgotten: Vec<CallId> = past.iter().map(|one| one.uac.call_id().clone()).collect();
        let ids: Vec<DeviceId> = past.iter().map(|one| one.id).collect();
        if !ids.is_empty() {
            self.devices.retain(|device| !ids.contains(&device.id));
            self.devices.shrink_to_fit();
        }
        forgotten
    }

    /// The Call-IDs of all devices.
    pub(super) fn call_ids(&self) -> impl Iterator<Item = &CallId> {
        self.devices.iter().map(|device| device.uac.call_id())
    }

    /// Until when one that lost is kept. Without a winner all are, as long as the call.
    fn kept(&self, device: &Device) -> Option<Instant> {
        match device.fate {
            Fate::Over(until) if self.winner.is_some_and(|winner| winner != device.id) => {
                Some(until)
            }
            Fate::Over(_) | Fate::Open | Fate::Dismissed => None,
        }
    }

    fn position(&self, device: DeviceId) -> Option<usize> {
        self.devices.iter().position(|one| one.id == device)
    }
}
