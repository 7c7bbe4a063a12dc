//! The recent past of the feed: numbers without a gap, and the encoded text of each of the last changes.
//!
//! Bounded by count and by bytes; whoever was away for longer is sent a snapshot. Knows nothing of what a change
//! means.

use std::collections::VecDeque;

use app::model::{Change, ClientHello, Delta, Epoch, Frame, Seq, UnixMillis};
use axum::extract::ws::Utf8Bytes;

use crate::limits;

/// What a page lacks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// These frames, in order; possibly none.
    Frames(Vec<Utf8Bytes>),
    /// More than is remembered, or a page of another server start.
    TooMuch,
}

/// The ring of recent changes, each encoded once for all pages.
#[derive(Debug)]
pub(super) struct Journal {
    epoch: Epoch,
    last: Seq,
    recent: VecDeque<Utf8Bytes>,
    bytes: usize,
}

impl Journal {
    pub(super) fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            last: Seq::default(),
            recent: VecDeque::new(),
            bytes: 0,
        }
    }

    /// The number of the last change.
    pub(super) const fn last(&self) -> Seq {
        self.last
    }

    /// Gives the change its number.
    pub(super) fn number(&self, at: UnixMillis, change: Change) -> Delta {
        Delta {
            seq: self.last.next(),
            at,
            change,
        }
    }

    /// Writes down a delta that [`Journal::number`] made; the text is what every page is sent.
    pub(super) fn write(&mut self, delta: Delta) -> Utf8Bytes {
        self.last = delta.seq;
        let text = Utf8Bytes::from(Frame::Delta(delta).encode());
        self.bytes += text.len();
        self.recent.push_back(text.clone());
        while self.recent.len() > limits::JOURNAL_DELTAS || self.bytes > limits::JOURNAL_BYTES {
            self.bytes -= self.recent.pop_front().map_or(0, |old| old.len());
        }
        text
    }

    /// What a page that says `hello` has missed.
    pub(super) fn since(&self, hello: &ClientHello) -> Missed {
        let Some((epoch, Seq(seq))) = hello.since else {
            return Missed::TooMuch;
        };
        let Some(missed) = self.last.0.checked_sub(seq) else {
            return Missed::TooMuch;
        };
        let missed = usize::try_from(missed).unwrap_or(usize::MAX);
        if epoch != self.epoch || missed > self.recent.len() {
            return Missed::TooMuch;
        }
        Missed::Frames(
            self.recent
                .range(self.recent.len() - missed..)
                .cloned()
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use app::model::{CallRef, Change, ClientHello, Epoch, Frame, Seq};

    use super::{Journal, Missed};
    use crate::limits;

    const EPOCH: Epoch = Epoch(7);

    fn journal_of(changes: u64) -> Journal {
        let mut journal = Journal::new(EPOCH);
        for n in 1..=changes {
            let call = CallRef::new(&n.to_string());
            let delta = journal.number(n, Change::CallGone { call });
            journal.write(delta);
        }
        journal
    }

    fn numbers(missed: Missed) -> Option<Vec<u64>> {
        let Missed::Frames(frames) = missed else {
            return None;
        };
        let number = |frame: axum::extract::ws::Utf8Bytes| match Frame::decode(&frame) {
            Ok(Frame::Delta(delta)) => delta.seq.0,
            other => panic!("not a delta: {other:?}"),
        };
        Some(frames.into_iter().map(number).collect())
    }

    fn hello(epoch: Epoch, seq: u64) -> ClientHello {
        ClientHello {
            since: Some((epoch, Seq(seq))),
        }
    }

    #[test]
    fn a_page_is_sent_exactly_what_it_lacks() {
        let journal = journal_of(5);
        assert_eq!(numbers(journal.since(&hello(EPOCH, 5))), Some(vec![]));
        assert_eq!(numbers(journal.since(&hello(EPOCH, 3))), Some(vec![4, 5]));
        assert_eq!(
            numbers(journal.since(&hello(EPOCH, 0))),
            Some(vec![1, 2, 3, 4, 5])
        );
    }

    #[test]
    fn a_page_of_another_start_or_of_the_future_is_sent_a_snapshot() {
        let journal = journal_of(5);
        assert_eq!(journal.since(&ClientHello::default()), Missed::TooMuch);
        assert_eq!(journal.since(&hello(Epoch(8), 5)), Missed::TooMuch);
        assert_eq!(journal.since(&hello(EPOCH, 6)), Missed::TooMuch);
    }

    #[test]
    fn the_past_is_remembered_up_to_its_bound() {
        let more = 10;
        let journal = journal_of(limits::JOURNAL_DELTAS as u64 + more);
        assert_eq!(journal.since(&hello(EPOCH, more - 1)), Missed::TooMuch);
        let kept = numbers(journal.since(&hello(EPOCH, more))).map(|kept| kept.len());
        assert_eq!(kept, Some(limits::JOURNAL_DELTAS));
    }

    #[test]
    fn long_changes_are_forgotten_by_their_bytes() {
        let mut journal = Journal::new(EPOCH);
        let long = "x".repeat(limits::JOURNAL_BYTES / 2);
        for n in 1..=3 {
            let call = CallRef::new(&long);
            let delta = journal.number(n, Change::CallGone { call });
            journal.write(delta);
        }
        assert_eq!(journal.since(&hello(EPOCH, 1)), Missed::TooMuch);
        assert_eq!(numbers(journal.since(&hello(EPOCH, 2))), Some(vec![3]));
    }
}
