//! The bytes that wait to be written to one connection: bounded, so that a peer that does not read costs little.

use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::limits;

/// The end where messages go in.
#[derive(Debug)]
pub(crate) struct Line {
    queue: mpsc::UnboundedSender<Bytes>,
    waiting: Rc<Cell<usize>>,
}

/// The end from which a connection writes.
#[derive(Debug)]
pub(crate) struct Outgoing {
    queue: mpsc::UnboundedReceiver<Bytes>,
    waiting: Rc<Cell<usize>>,
}

/// The message was not taken: the peer reads too slowly, or the connection is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

pub(crate) fn line() -> (Line, Outgoing) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let waiting = Rc::new(Cell::new(0));
    (
        Line {
            queue: sender,
            waiting: Rc::clone(&waiting),
        },
        Outgoing {
            queue: receiver,
            waiting,
        },
    )
}

impl Line {
    /// Takes a message unless more than [`limits::STREAM_BACKLOG`] bytes would wait. The first always fits.
    pub(crate) fn send(&self, bytes: Bytes) -> Result<(), Full> {
        let waiting = self.waiting.get();
        if waiting > 0 && waiting + bytes.len() > limits::STREAM_BACKLOG {
            return Err(Full);
        }
        let len = bytes.len();
        self.queue.send(bytes).map_err(|_| Full)?;
        self.waiting.set(waiting + len);
        Ok(())
    }
}

impl Outgoing {
    /// The next message, or `None` when nobody can send any more. It counts as waiting until [`Outgoing::written`].
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        self.queue.recv().await
    }

    pub(crate) fn written(&self, len: usize) {
        self.waiting.set(self.waiting.get() - len);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn takes_what_fits_and_counts_until_it_is_written() {
        let (line, mut outgoing) = line();
        let half = Bytes::from(vec![0; limits::STREAM_BACKLOG / 2]);
        assert_eq!(line.send(half.clone()), Ok(()));
        assert_eq!(line.send(half.clone()), Ok(()), "the bound itself fits");
        assert_eq!(line.send(Bytes::from_static(b"x")), Err(Full));
        let taken = outgoing.next().await.unwrap();
        assert_eq!(
            line.send(Bytes::from_static(b"x")),
            Err(Full),
            "being written still waits"
        );
        outgoing.written(taken.len());
        assert_eq!(line.send(Bytes::from_static(b"x")), Ok(()));
    }

    #[test]
    fn one_message_beyond_the_bound_passes_alone() {
        let (line, _outgoing) = line();
        assert_eq!(
            line.send(Bytes::from(vec![0; limits::STREAM_BACKLOG + 1])),
            Ok(())
        );
    }

    #[test]
    fn nobody_writes_to_a_connection_that_is_gone() {
        let (line, outgoing) = line();
        drop(outgoing);
        assert_eq!(line.send(Bytes::from_static(b"x")), Err(Full));
    }
}
