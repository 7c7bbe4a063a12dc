//! The board as it is now, and the way to every page that shows it.
//!
//! One lock holds board, journal and sender together, so a page that joins sees each number exactly once; copies of the
//! board share what did not change, so it is never held for long. Publishing costs one encoding, however many pages
//! listen; a page that reads too slowly is dropped from the queue and joins again. Knows no sockets.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::model::{
    self, CallState, CallView, Change, ClientHello, Epoch, Frame, Seq, ServerInfo, Snapshot,
    Sorted, UnixMillis,
};
use app::state::fold::{self, Verdict};
use axum::extract::ws::Utf8Bytes;
use sip::time::Instant;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use super::census::Census;
use super::journal::{Journal, Missed};
use super::project::{self, News, Projector};
use super::refreshes::Refreshes;
use crate::event::{CallChange, CallRef, Event, What};
use crate::limits;

/// A page's place in the feed.
#[derive(Debug)]
pub struct Joined {
    /// The number of the last change in [`Joined::first`]; each text of [`Joined::next`] is one more.
    pub seq: Seq,
    /// What it must be told first.
    pub first: Vec<Utf8Bytes>,
    /// What comes after that, without a gap; `Lagged` means: join again.
    pub next: broadcast::Receiver<Utf8Bytes>,
}

/// A page's right to follow the feed, until it is dropped.
#[derive(Debug)]
pub struct Ticket(
    #[expect(dead_code, reason = "it is given back by being dropped")] OwnedSemaphorePermit,
);

/// The board and everybody who looks at it.
#[derive(Debug)]
pub struct Feed {
    now: Mutex<Now>,
    pages: broadcast::Sender<Utf8Bytes>,
    /// One for each page that may still come.
    free: Arc<Semaphore>,
}

#[derive(Debug)]
struct Now {
    board: Snapshot,
    journal: Journal,
    projector: Projector,
    census: Census,
    refreshes: Refreshes,
    /// The board as a text that was made for a page a moment ago.
    whole: Option<Whole>,
    /// Finished calls with the moment they leave the board.
    leaving: BinaryHeap<Reverse<(UnixMillis, CallRef)>>,
}

#[derive(Debug)]
struct Whole {
    seq: Seq,
    at: UnixMillis,
    text: Utf8Bytes,
}

impl Whole {
    fn is_old(&self, now: UnixMillis) -> bool {
        now.saturating_sub(self.at) >= limits::BOARD_TEXT_KEPT.as_secs() * 1_000
    }
}

impl Now {
    /// The board as another page was given it, with what came since; if that was lately.
    fn whole_for_another(&self, at: UnixMillis) -> Option<Vec<Utf8Bytes>> {
        let whole = self.whole.as_ref().filter(|whole| !whole.is_old(at))?;
        let since = Some((self.board.epoch, whole.seq));
        let Missed::Frames(since) = self.journal.since(&ClientHello { since }) else {
            return None;
        };
        Some([vec![whole.text.clone()], since].concat())
    }
}

impl Feed {
    /// An empty board of a server that started `at` this moment.
    pub fn new(at: Instant, server: ServerInfo) -> Self {
        let epoch = Epoch(at.unix_millis());
        Self {
            now: Mutex::new(Now {
                board: Snapshot {
                    epoch,
                    seq: Seq::default(),
                    now: at.unix_millis(),
                    server,
                    phones: Sorted::default(),
                    calls: Sorted::default(),
                },
                journal: Journal::new(epoch),
                projector: Projector::default(),
                census: Census::default(),
                refreshes: Refreshes::default(),
                whole: None,
                leaving: BinaryHeap::new(),
            }),
            pages: broadcast::Sender::new(limits::PAGE_BACKLOG),
            free: Arc::new(Semaphore::new(limits::PAGES)),
        }
    }

    /// Takes an event onto the board and sends it to every page; at once, unless only an expiry moved.
    pub fn publish(&self, event: &Event) {
        let now = &mut *self.lock();
        let at = event.at.unix_millis();
        let change = match now.projector.project(&event.what) {
            None => return,
            Some(News::Fresh) => {
                if let What::Phone(change) = &event.what
                    && now.refreshes.add(at, &change.aor)
                {
                    self.tell_refreshes(now, at);
                }
                return;
            }
            Some(News::Told(change)) => change,
        };
        if let What::Phone(change) = &event.what {
            now.refreshes.forget(&change.aor);
        }
        if let What::Call(call, CallChange::State(_)) = &event.what
            && let Change::CallState {
                state: CallState::Done(outcome),
                ..
            } = &change
        {
            now.leaving
                .push(Reverse((at + outcome.linger_millis(), *call)));
        }
        self.apply(now, at, change);
    }

    /// Tells what has waited for its time: expiries that moved, finished calls that leave the board. Returns when it is to
    /// be called next.
    pub fn sweep(&self, at: Instant) -> Option<Instant> {
        let now = &mut *self.lock();
        let at = at.unix_millis();
        if now.refreshes.due().is_some_and(|due| due <= at) {
            self.tell_refreshes(now, at);
        }
        while let Some(Reverse((due, call))) = now.leaving.peek().copied()
            && due <= at
        {
            now.leaving.pop();
            let call = project::call_ref(call);
            self.apply(now, at, Change::CallGone { call });
        }
        let leaves = now.leaving.peek().map(|Reverse((due, _))| *due);
        let next = [leaves, now.refreshes.due()].into_iter().flatten().min()?;
        Some(Instant::from_unix_micros(next * 1_000))
    }

    /// The board as it is at `at`.
    pub fn snapshot(&self, at: Instant) -> Snapshot {
        let mut board = self.lock().board.clone();
        board.now = board.now.max(at.unix_millis());
        board
    }

    /// One call of the board.
    pub fn call(&self, id: &model::CallRef) -> Option<CallView> {
        fold::call(&self.lock().board, id).cloned()
    }

    /// Gives a page that says `hello` what it lacks, and its place among the others.
    pub fn join(&self, hello: &ClientHello, at: Instant) -> Joined {
        let now = self.lock();
        let next = self.pages.subscribe();
        let seq = now.journal.last();
        if let Missed::Frames(first) = now.journal.since(hello) {
            return Joined { seq, first, next };
        }
        let at = at.unix_millis();
        if let Some(first) = now.whole_for_another(at) {
            return Joined { seq, first, next };
        }
        let mut board = now.board.clone();
        // A large board takes its time, and calls must not wait for a page.
        drop(now);
        board.now = board.now.max(at);
        let text = Utf8Bytes::from(Frame::Snapshot(board).encode());
        self.lock().whole = Some(Whole {
            seq,
            at,
            text: text.clone(),
        });
        let first = vec![text];
        Joined { seq, first, next }
    }

    /// Which server start this is.
    pub fn epoch(&self) -> Epoch {
        self.lock().board.epoch
    }

    /// What became of calls since then.
    pub fn census(&self) -> Census {
        self.lock().census.clone()
    }

    /// Lets one more page in; `None` when there are [`limits::PAGES`] already.
    pub fn admit(&self) -> Option<Ticket> {
        Arc::clone(&self.free).try_acquire_owned().ok().map(Ticket)
    }

    /// How many pages have been let in and are still there.
    pub fn pages(&self) -> usize {
        limits::PAGES - self.free.available_permits()
    }

    /// Until the board shows of a call what is `wanted`; it is given `None` while the call is not on the board.
    pub async fn until(&self, call: &model::CallRef, wanted: impl Fn(Option<&CallView>) -> bool) {
        let mut next = self.pages.subscribe();
        while !wanted(self.call(call).as_ref()) {
            if let Err(RecvError::Closed) = next.recv().await {
                return;
            }
        }
    }

    fn tell_refreshes(&self, now: &mut Now, at: UnixMillis) {
        if let Some(change) = now.refreshes.take(|aor| now.projector.refreshed(aor)) {
            self.apply(now, at, change);
        }
    }

    fn apply(&self, now: &mut Now, at: UnixMillis, change: Change) {
        let delta = now.journal.number(at, change);
        match fold::apply(&mut now.board, &delta) {
            Verdict::Applied(_) => {
                if let Change::CallState { call, .. } = &delta.change
                    && let Some(call) = fold::call(&now.board, call)
                {
                    now.census.count(call);
                }
                if now.whole.as_ref().is_some_and(|whole| whole.is_old(at)) {
                    now.whole = None;
                }
                let text = now.journal.write(delta);
                // An error means that nobody listens.
                let _ = self.pages.send(text);
            }
            Verdict::Old | Verdict::Gap => {
                tracing::error!(change = ?delta.change, "an event does not fit the board and is left out");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        // Every change is applied whole or not at all, so a board whose holder panicked is still a true one.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
