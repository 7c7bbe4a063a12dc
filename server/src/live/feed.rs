//! The board as it is now, and the way to every page that shows it.
//!
//! One lock holds board, journal and sender together, so a page that joins sees each number exactly once. Publishing
//! costs one encoding, however many pages listen; a page that reads too slowly is dropped from the queue and sent a
//! snapshot ([`Feed::join`] again). Knows no sockets.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::model::{
    self, CallState, CallView, Change, ClientHello, Epoch, Frame, Seq, ServerInfo, Snapshot,
    UnixMillis,
};
use app::state::fold::{self, Verdict};
use axum::extract::ws::Utf8Bytes;
use sip::time::Instant;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use super::census::Census;
use super::journal::{Journal, Missed};
use super::project::{self, Projector};
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
    /// Finished calls with the moment they leave the board.
    leaving: BinaryHeap<Reverse<(UnixMillis, CallRef)>>,
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
                    phones: Vec::new(),
                    calls: Vec::new(),
                },
                journal: Journal::new(epoch),
                projector: Projector::default(),
                census: Census::default(),
                leaving: BinaryHeap::new(),
            }),
            pages: broadcast::Sender::new(limits::PAGE_BACKLOG),
            free: Arc::new(Semaphore::new(limits::PAGES)),
        }
    }

    /// Takes an event onto the board and sends it to every page.
    pub fn publish(&self, event: &Event) {
        let mut now = self.lock();
        let at = event.at.unix_millis();
        let shown = match &event.what {
            What::Phone(change) => fold::phone(&now.board, &project::aor(&change.aor)).cloned(),
            What::Call(..) => None,
        };
        let Some(change) = now.projector.project(&event.what, shown.as_ref()) else {
            return;
        };
        if let What::Call(call, CallChange::State(_)) = &event.what
            && let Change::CallState {
                state: CallState::Done(outcome),
                ..
            } = &change
        {
            now.leaving
                .push(Reverse((at + outcome.linger_millis(), *call)));
        }
        self.apply(&mut now, at, change);
    }

    /// Takes finished calls off the board whose time has come. Returns when it is to be called next.
    pub fn sweep(&self, at: Instant) -> Option<Instant> {
        let mut now = self.lock();
        while let Some(Reverse((due, call))) = now.leaving.peek().copied() {
            if due > at.unix_millis() {
                return Some(Instant::from_unix_micros(due * 1_000));
            }
            now.leaving.pop();
            let call = project::call_ref(call);
            self.apply(&mut now, at.unix_millis(), Change::CallGone { call });
        }
        None
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
        let first = match now.journal.since(hello) {
            Missed::Frames(frames) => frames,
            Missed::TooMuch => {
                let mut board = now.board.clone();
                drop(now);
                board.now = board.now.max(at.unix_millis());
                vec![Frame::Snapshot(board).encode().into()]
            }
        };
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

    fn apply(&self, now: &mut Now, at: UnixMillis, change: Change) {
        let delta = now.journal.number(at, change);
        match fold::apply(&mut now.board, &delta) {
            Verdict::Applied(_) => {
                if let Change::CallState { call, .. } = &delta.change
                    && let Some(call) = fold::call(&now.board, call)
                {
                    now.census.count(call);
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
