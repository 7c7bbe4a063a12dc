//! How everybody else speaks to the shards: the page, the API, metrics, and whoever stops the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sip::time::Instant;
use tokio::sync::{Notify, oneshot};

use super::clock::Clock;
use super::counters::Counters;
use super::mailbox::{Letter, Mailboxes};
use crate::auth::Auth;
use crate::call::Tally;
use crate::command::{HangUpError, PlaceCall, PlaceError};
use crate::config::Config;
use crate::event::CallRef;
use crate::identity::Identity;
use crate::location::Location;
use crate::router::Router;
use crate::switch::shard_of_pair;
use crate::transport::stream::Upgraded;
use crate::transport::{Bound, OriginRule};

/// Speaks to all shards. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle(pub(super) Arc<Shared>);

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) mailboxes: Mailboxes,
    pub(super) clock: Clock,
    pub(super) config: Arc<Config>,
    pub(super) location: Arc<Location>,
    pub(super) auth: Arc<Auth>,
    pub(super) router: Arc<Router>,
    pub(super) tally: Arc<Tally>,
    pub(super) bound: Box<[Bound]>,
    pub(super) origins: Arc<OriginRule>,
    pub(super) identity: Identity,
    pub(super) counters: Box<[Arc<Counters>]>,
    pub(super) draining: AtomicBool,
    pub(super) idle: Arc<Notify>,
}

/// Why a call was not placed or not ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused<E> {
    /// Call control says no.
    #[error("{0}")]
    ByCallControl(E),
    /// The shard has more to do than it can; try again in [`crate::limits::RETRY_AFTER`] seconds.
    #[error("the server is too busy; try again in some seconds")]
    Busy,
}

impl Handle {
    /// Begins a call; it is on its way when this answers, and events tell the rest.
    pub async fn place_call(&self, place: PlaceCall) -> Result<CallRef, Refused<PlaceError>> {
        let place = self
            .0
            .router
            .placed(place)
            .map_err(Refused::ByCallControl)?;
        let shard = shard_of_pair(&place.from, &place.to, self.0.mailboxes.shards());
        let (answer, answered) = oneshot::channel();
        self.0
            .mailboxes
            .post(shard, Letter::Place(place, answer))
            .map_err(|_| Refused::Busy)?;
        answered
            .await
            .unwrap_or(Err(PlaceError::Draining))
            .map_err(Refused::ByCallControl)
    }

    /// Ends a call. That it is being ended already is no error.
    pub async fn hang_up(&self, call: CallRef) -> Result<(), Refused<HangUpError>> {
        let no_such_call = HangUpError::NoSuchCall(call);
        let shard = call.shard_among(self.0.mailboxes.shards());
        let (answer, answered) = oneshot::channel();
        self.0
            .mailboxes
            .post(shard, Letter::HangUp(call, answer))
            .map_err(|_| Refused::Busy)?;
        answered
            .await
            .unwrap_or(Err(no_such_call))
            .map_err(Refused::ByCallControl)
    }

    /// The time by which all events are told.
    pub fn now(&self) -> Instant {
        self.0.clock.now()
    }

    /// The settings in force.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Who may log in, and who has failed to.
    pub fn auth(&self) -> &Arc<Auth> {
        &self.0.auth
    }

    /// Who is registered.
    pub fn location(&self) -> &Arc<Location> {
        &self.0.location
    }

    /// Every SIP socket with its real address.
    pub fn bound(&self) -> &[Bound] {
        &self.0.bound
    }

    /// Which pages may open a WebSocket for SIP.
    pub(crate) fn origins(&self) -> &OriginRule {
        &self.0.origins
    }

    /// Gives a WebSocket for SIP to a shard. Without one that has time it is closed, and the phone tries again.
    pub(crate) fn adopt(&self, socket: Upgraded) {
        let shard = socket.peer.port() % u16::from(self.0.mailboxes.shards());
        let shard = u8::try_from(shard).unwrap_or(0);
        let _ = self.0.mailboxes.post(shard, Letter::Adopt(socket));
    }

    /// Counts, one set for each shard.
    pub fn counters(&self) -> &[Arc<Counters>] {
        &self.0.counters
    }

    /// What waits in the mailboxes of the shards, in their order; at most [`crate::limits::MAILBOX`] each.
    pub fn mailboxes(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.mailboxes.waiting()
    }

    /// Calls now, ringing ones included: those placed here, and those of phones among themselves.
    pub fn calls(&self) -> u64 {
        let held = |counters: &Arc<Counters>| counters.calls.get() + counters.followed.get();
        self.0.counters.iter().map(held).sum()
    }

    /// Whether new work is refused because the server is about to stop.
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    /// Has every shard refuse new work; all have heard when this returns.
    pub async fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
        for shard in 0..self.0.mailboxes.shards() {
            let (answer, answered) = oneshot::channel();
            self.0.mailboxes.send(shard, Letter::Drain(answer)).await;
            // A shard that is gone takes no new work either.
            let _ = answered.await;
        }
    }

    /// Until there is no call.
    pub async fn no_calls(&self) {
        loop {
            let idle = self.0.idle.notified();
            if self.calls() == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Begins to end all calls.
    pub async fn hang_up_all(&self) {
        for shard in 0..self.0.mailboxes.shards() {
            self.0.mailboxes.send(shard, Letter::HangUpAll).await;
        }
    }

    pub(super) async fn stop(&self) {
        for shard in 0..self.0.mailboxes.shards() {
            self.0.mailboxes.send(shard, Letter::Stop).await;
        }
    }
}
