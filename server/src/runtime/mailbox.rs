//! Letters to shards: from each other, from the page, from whoever stops the server. Bounded.

use std::sync::Arc;
use std::time::Duration;

use sip::msg::Message;
use sip::name::Flow;
use sip::transaction::Transmit;
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_local;

use super::lookups::Found;
use crate::command::{HangUpError, PlaceCall, PlaceError};
use crate::event::CallRef;
use crate::limits;
use crate::proxy::Lookup;
use crate::transport::stream::Upgraded;

/// What a shard can be told.
#[derive(Debug)]
pub(super) enum Letter {
    /// A message of its own that another shard received.
    Message(Message, Flow),
    /// To be sent by a connection that it has; from that shard.
    Transmit(u8, Transmit),
    /// What it wanted to send by this flow did not leave.
    Broken(Flow),
    /// A connection is gone.
    Closed(Flow),
    /// A connection that it has is dead when nothing comes by it for so long.
    KeepAlive(Flow, Duration),
    /// A WebSocket of a phone that came by the page's address.
    Adopt(Upgraded),
    /// What came of a lookup.
    Located(Lookup, Found),
    /// Its deadline has moved.
    Wake,
    /// Begin a call.
    Place(PlaceCall, oneshot::Sender<Result<CallRef, PlaceError>>),
    /// End a call.
    HangUp(CallRef, oneshot::Sender<Result<(), HangUpError>>),
    /// Take no new work.
    Drain(oneshot::Sender<()>),
    /// End all calls.
    HangUpAll,
    /// Leave.
    Stop,
}

/// The mailboxes of all shards, for those who write.
#[derive(Clone, Debug)]
pub(super) struct Mailboxes(Arc<[mpsc::Sender<Letter>]>);

impl Mailboxes {
    /// The mailboxes of so many shards, and the end of each that its shard reads.
    pub(super) fn new(shards: u8) -> (Self, Vec<mpsc::Receiver<Letter>>) {
        let (senders, receivers): (Vec<_>, Vec<_>) =
            (0..shards).map(|_| mpsc::channel(limits::MAILBOX)).unzip();
        (Self(senders.into()), receivers)
    }

    pub(super) fn shards(&self) -> u8 {
        u8::try_from(self.0.len()).unwrap_or(u8::MAX)
    }

    /// Letters that wait, by shard.
    pub(super) fn waiting(&self) -> impl Iterator<Item = usize> + '_ {
        self.0
            .iter()
            .map(|mailbox| mailbox.max_capacity() - mailbox.capacity())
    }

    /// Whether new work may be posted: the last of the room is for what ends work.
    pub(super) fn has_room(&self, shard: u8) -> bool {
        let mailbox = self.0.get(usize::from(shard));
        mailbox.is_some_and(|mailbox| mailbox.capacity() > limits::MAILBOX_RESERVE)
    }

    /// Gives the letter back if the mailbox is full, or its shard gone.
    #[expect(
        clippy::result_large_err,
        reason = "the letter comes back as it was given, and seldom"
    )]
    pub(super) fn post(&self, shard: u8, letter: Letter) -> Result<(), Letter> {
        let Some(mailbox) = self.0.get(usize::from(shard)) else {
            return Err(letter);
        };
        mailbox.try_send(letter).map_err(|error| match error {
            mpsc::error::TrySendError::Full(letter) | mpsc::error::TrySendError::Closed(letter) => {
                letter
            }
        })
    }

    /// Waits for room. `false` when there is no such shard (any more).
    pub(super) async fn send(&self, shard: u8, letter: Letter) -> bool {
        match self.0.get(usize::from(shard)) {
            Some(mailbox) => mailbox.send(letter).await.is_ok(),
            None => false,
        }
    }

    /// For news that must not be lost, of which there are no more than connections. Arrives after all that was
    /// posted before. Within a shard only.
    #[expect(clippy::disallowed_methods, reason = "only where the mailbox is full")]
    pub(super) fn insist(&self, shard: u8, letter: Letter) {
        if let Err(letter) = self.post(shard, letter) {
            let mailboxes = self.clone();
            spawn_local(async move { mailboxes.send(shard, letter).await });
        }
    }
}
