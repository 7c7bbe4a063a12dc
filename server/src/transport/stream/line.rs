//! The bytes that wait to be written to one connection: bounded, so that a peer that does not read costs little.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Notify, mpsc};

use crate::limits;

/// The end where messages go in.
#[derive(Debug)]
pub(crate) struct Line {
    queue: mpsc::UnboundedSender<Bytes>,
    backlog: Rc<Backlog>,
}

/// The end from which a connection writes.
#[derive(Debug)]
pub(crate) struct Outgoing {
    queue: mpsc::UnboundedReceiver<Bytes>,
    backlog: Rc<Backlog>,
}

/// How many bytes wait, those just being written included.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    bytes: Cell<usize>,
    shrunk: Notify,
    /// For how long the peer may say nothing, where it has promised to say something (RFC 5626 section 5.4).
    silence: Cell<Option<Duration>>,
    promised: Notify,
}

/// The message was not taken: the peer reads too slowly, or the connection is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

pub(crate) fn line() -> (Line, Outgoing) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let backlog = Rc::new(Backlog::default());
    let line = Line {
        queue: sender,
        backlog: Rc::clone(&backlog),
    };
    (
        line,
        Outgoing {
            queue: receiver,
            backlog,
        },
    )
}

impl Line {
    /// From now on the connection is dead when nothing comes by it for so long.
    pub(crate) fn keep_alive(&self, silence: Duration) {
        if self.backlog.silence.replace(Some(silence)) != Some(silence) {
            self.backlog.promised.notify_one();
        }
    }

    /// Whether the connection has ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.queue.is_closed()
    }

    /// Takes a message unless more than [`limits::STREAM_BACKLOG`] bytes would wait. The first always fits.
    pub(crate) fn send(&self, bytes: Bytes) -> Result<(), Full> {
        let waiting = self.backlog.bytes.get();
        if waiting > 0 && waiting + bytes.len() > limits::STREAM_BACKLOG {
            return Err(Full);
        }
        let len = bytes.len();
        self.queue.send(bytes).map_err(|_| Full)?;
        self.backlog.bytes.set(waiting + len);
        Ok(())
    }
}

impl Outgoing {
    /// What is to be written next, or `None` when nobody can send any more: one message, or several small ones put
    /// together in `batch`. It counts as waiting until [`Outgoing::written`].
    pub(super) async fn next<'a>(
        &mut self,
        first: &'a mut Bytes,
        batch: &'a mut Vec<u8>,
    ) -> Option<&'a [u8]> {
        *first = self.queue.recv().await?;
        if self.queue.is_empty() {
            return Some(first);
        }
        batch.clear();
        batch.extend_from_slice(first);
        while batch.len() < limits::STREAM_READ
            && let Ok(next) = self.queue.try_recv()
        {
            batch.extend_from_slice(&next);
        }
        Some(batch)
    }

    /// The next message by itself, or `None` when nobody can send any more.
    pub(super) async fn one(&mut self) -> Option<Bytes> {
        self.queue.recv().await
    }

    pub(super) fn written(&self, len: usize) {
        self.backlog.bytes.set(self.backlog.bytes.get() - len);
        self.backlog.shrunk.notify_one();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn backlog(&self) -> Rc<Backlog> {
        Rc::clone(&self.backlog)
    }
}

impl Backlog {
    /// For how long nothing may come, where the peer has promised that something will.
    pub(super) const fn silence(&self) -> Option<Duration> {
        self.silence.get()
    }

    /// Until [`Backlog::silence`] is another.
    pub(super) async fn promised(&self) {
        self.promised.notified().await;
    }

    /// Until little waits: who does not read its answers is not asked for more questions.
    pub(super) async fn small(&self) {
        while self.bytes.get() > limits::STREAM_PAUSE {
            self.shrunk.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn next(outgoing: &mut Outgoing) -> Option<usize> {
        outgoing
            .next(&mut Bytes::new(), &mut Vec::new())
            .await
            .map(<[u8]>::len)
    }

    #[tokio::test]
    async fn takes_what_fits_and_counts_until_it_is_written() {
        let (line, mut outgoing) = line();
        let half = Bytes::from(vec![0; limits::STREAM_BACKLOG / 2]);
        assert_eq!(line.send(half.clone()), Ok(()));
        assert_eq!(line.send(half), Ok(()), "the bound itself fits");
        assert_eq!(line.send(Bytes::from_static(b"x")), Err(Full));
        let taken = next(&mut outgoing).await.unwrap();
        assert_eq!(
            line.send(Bytes::from_static(b"x")),
            Err(Full),
            "being written still waits"
        );
        outgoing.written(taken);
        assert_eq!(line.send(Bytes::from_static(b"x")), Ok(()));
    }

    #[tokio::test]
    async fn small_messages_leave_together() {
        let (line, mut outgoing) = line();
        for _ in 0..3 {
            line.send(Bytes::from_static(b"abc")).unwrap();
        }
        assert_eq!(next(&mut outgoing).await, Some(9));
        line.send(Bytes::from_static(b"abc")).unwrap();
        assert_eq!(next(&mut outgoing).await, Some(3));
        drop(line);
        assert_eq!(next(&mut outgoing).await, None);
    }

    #[test]
    fn one_message_beyond_the_bound_passes_alone() {
        let (line, _outgoing) = line();
        let large = Bytes::from(vec![0; limits::STREAM_BACKLOG + 1]);
        assert_eq!(line.send(large), Ok(()));
    }

    #[test]
    fn nobody_writes_to_a_connection_that_is_gone() {
        let (line, outgoing) = line();
        drop(outgoing);
        assert_eq!(line.send(Bytes::from_static(b"x")), Err(Full));
    }
}
