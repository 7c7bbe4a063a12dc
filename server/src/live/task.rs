//! The one reader of the shards' events: takes each onto the board, and sweeps finished calls off it.
//!
//! Knows no clock of its own; the runtime lends it one.

#![expect(
    clippy::disallowed_methods,
    reason = "the reader of the events waits, the feed does not"
)]

use std::sync::Arc;

use sip::time::Instant;
use tokio::sync::mpsc;

use super::Feed;
use crate::event::Event;
use crate::limits;
use crate::narrate::Narrator;

/// The most events taken in one go.
const BATCH: usize = 256;

/// Runs until every shard has let go of its end of `events`.
pub async fn run(feed: Arc<Feed>, mut events: mpsc::Receiver<Event>, now: impl Fn() -> Instant) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut narrator = Narrator::default();
    loop {
        let due = feed.sweep(now());
        let received = events.recv_many(&mut batch, BATCH);
        let count = match due {
            Some(due) => tokio::select! {
                count = received => count,
                () = tokio::time::sleep(due - now()) => continue,
            },
            None => received.await,
        };
        if count == 0 {
            return;
        }
        for event in batch.drain(..) {
            narrator.tell(&event);
            feed.publish(&event);
        }
        // Each event that finds its reader asleep costs the shard that tells it a wake-up; so in a storm they wait for
        // each other. The first of a quiet time is told at once.
        if count < BATCH {
            tokio::time::sleep(limits::EVENTS_PAUSE).await;
        }
    }
}
