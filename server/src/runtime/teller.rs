//! The way of a shard's events to the board: in order, and none is ever lost.
//!
//! What the board has no room for is kept here. It is no more than one turn of the shard has brought about, because a
//! shard that is behind takes nothing new until [`Teller::catch_up`] is done. The board waits for no shard, so that ends.

#![expect(
    clippy::disallowed_methods,
    reason = "the time between two log lines is no business of the state machines"
)]

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::counters::Counters;
use crate::event::Event;
use crate::limits;

/// Tells the board what happens in one shard.
pub(super) struct Teller {
    board: mpsc::Sender<Event>,
    untold: VecDeque<Event>,
    counters: Arc<Counters>,
    quiet_until: Option<Instant>,
}

impl Teller {
    pub(super) fn new(board: mpsc::Sender<Event>, counters: Arc<Counters>) -> Self {
        Self {
            board,
            untold: VecDeque::new(),
            counters,
            quiet_until: None,
        }
    }

    /// Tells these, after all that is untold. Does not wait: what finds no room is kept.
    pub(super) fn tell(&mut self, events: impl Iterator<Item = Event>) {
        self.untold.extend(events);
        while let Some(event) = self.untold.pop_front() {
            match self.board.try_send(event) {
                // Without a board there is nobody to be told; the server is ending.
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
                Err(mpsc::error::TrySendError::Full(event)) => {
                    self.untold.push_front(event);
                    return self.behind();
                }
            }
        }
    }

    /// Until all is told. Returns at once where it is.
    pub(super) async fn catch_up(&mut self) {
        while !self.untold.is_empty() {
            let room = self.board.reserve().await;
            match (room, self.untold.pop_front()) {
                (Ok(room), Some(event)) => room.send(event),
                (Ok(_), None) | (Err(_), _) => {}
            }
        }
    }

    fn behind(&mut self) {
        self.counters.events_waited.add(self.untold.len() as u64);
        let now = Instant::now();
        if self.quiet_until.is_none_or(|until| until <= now) {
            self.quiet_until = Some(now + limits::REPEATED_WARNING);
            tracing::warn!(
                events = self.untold.len(),
                "the board does not keep up: the shard takes nothing new until it does"
            );
        }
    }
}
