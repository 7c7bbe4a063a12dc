//! Messages out of a byte stream (RFC 3261 sections 7.5 and 18.3), with the keep-alives between them (RFC 5626 section
//! 3.5.1).
//!
//! Each octet is looked at once for the end of a head, however it drips in. Opens and closes nothing.

use bytes::{Buf, Bytes, BytesMut};

use super::fault::{Fault, Unframeable};
use super::lex::{BodyLength, Head};
use super::message::Message;
use super::start_line::plausible;
use crate::limits::MAX_MESSAGE;

/// One thing a stream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A message. One with a fault may be the last: see [`Framer::next`].
    Message(Message),
    /// CRLF CRLF: the peer wants a [`Frame::Pong`] back.
    Ping,
    /// CRLF alone, known as such only when something else follows it.
    Pong,
}

/// Cuts one direction of one connection into frames.
#[derive(Debug)]
pub struct Framer {
    buffer: BytesMut,
    state: State,
    max_message: usize,
}

#[derive(Debug)]
enum State {
    /// A head is expected; this many octets hold no end of it.
    Head { searched: usize },
    /// The head is read; the message has this many octets in all.
    Body { head: Head, total: usize },
    /// Nobody knows where the next message would begin.
    Lost(Unframeable),
}

/// Octets of buffer that an idle connection may keep after a large message.
const MAX_IDLE: usize = 8 * 1_024;

const BETWEEN: State = State::Head { searched: 0 };

impl Framer {
    /// A framer that gives up on messages of more than `max_message` octets (at most [`MAX_MESSAGE`]).
    pub fn new(max_message: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            state: BETWEEN,
            max_message: max_message.min(MAX_MESSAGE),
        }
    }

    /// Takes what was read from the stream. Call [`Framer::next`] until it gives `None` after each push: that bounds the
    /// octets held to one message and one push.
    pub fn push(&mut self, bytes: &[u8]) {
        if !matches!(self.state, State::Lost(_)) {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Octets that wait for the rest of their message.
    pub fn pending(&self) -> usize {
        self.buffer.len()
    }

    /// The next frame; `None` until more is pushed.
    ///
    /// A message whose head can be read but whose end cannot be told, or that is larger than allowed, comes out as a
    /// last message without body whose [`Message::verify`] fails (400, 413), so that it can be answered. After that,
    /// as after everything unframeable, every call gives the error: the stream must be closed.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator that ends and goes on after a push would mislead"
    )]
    pub fn next(&mut self) -> Option<Result<Frame, Unframeable>> {
        loop {
            match std::mem::replace(&mut self.state, BETWEEN) {
                State::Lost(why) => {
                    self.state = State::Lost(why);
                    return Some(Err(why));
                }
                State::Body { head, total } => {
                    if self.buffer.len() < total {
                        self.state = State::Body { head, total };
                        return None;
                    }
                    return Some(Ok(self.message(head, total)));
                }
                State::Head { searched: 0 } if self.buffer.first() == Some(&b'\r') => {
                    return self.keep_alive();
                }
                State::Head { searched: 0 } if self.buffer.first() == Some(&b'\n') => {
                    self.buffer.advance(1);
                }
                State::Head { searched } => {
                    if let Err(why) = self.head(searched)? {
                        return Some(Err(self.lose(why)));
                    }
                }
            }
        }
    }

    /// A carriage return where a message should begin.
    fn keep_alive(&mut self) -> Option<Result<Frame, Unframeable>> {
        let (length, frame) = match &self.buffer[..] {
            [b'\r', b'\n', b'\r', b'\n', ..] => (4, Frame::Ping),
            // The second half of a ping may be still to come.
            [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => return None,
            [b'\r', b'\n', ..] => (2, Frame::Pong),
            _ => return Some(Err(self.lose(Unframeable::NotSip))),
        };
        self.buffer.advance(length);
        Some(Ok(frame))
    }

    /// Looks for the end of the head; `None` if it is still to come.
    fn head(&mut self, searched: usize) -> Option<Result<(), Unframeable>> {
        let Some(end) = head_end(&self.buffer, searched) else {
            if self.buffer.is_empty() {
                return None;
            }
            // Refuse at once what can never become a message, instead of waiting for its end.
            if !plausible(&self.buffer) {
                return Some(Err(Unframeable::NotSip));
            }
            if self.buffer.len() > self.max_message {
                return Some(Err(Unframeable::TooLarge));
            }
            self.state = State::Head {
                searched: self.buffer.len(),
            };
            return None;
        };
        if end > self.max_message {
            return Some(Err(Unframeable::TooLarge));
        }
        let mut head = match Head::read(&self.buffer[..end]) {
            Ok(head) => head,
            Err(why) => return Some(Err(why)),
        };
        let length = head.length;
        self.state = match head.body {
            BodyLength::Said(body) if length + body <= self.max_message => State::Body {
                total: length + body,
                head,
            },
            BodyLength::Said(_) => {
                head.note(Fault {
                    status: 413,
                    reason: "Request Entity Too Large",
                });
                State::Body {
                    total: length,
                    head,
                }
            }
            BodyLength::Absent => {
                head.note(Fault::bad_request("Missing Content-Length on a stream"));
                State::Body {
                    total: length,
                    head,
                }
            }
            BodyLength::Bad => State::Body {
                total: length,
                head,
            },
        };
        Some(Ok(()))
    }

    fn message(&mut self, head: Head, total: usize) -> Frame {
        let (length, body) = (head.length, head.body);
        // A copy, since a slice would keep the whole buffer as long as the message is kept.
        let bytes = Bytes::copy_from_slice(&self.buffer[..total]);
        self.buffer.advance(total);
        if self.buffer.is_empty() && self.buffer.capacity() > MAX_IDLE {
            self.buffer = BytesMut::new();
        }
        match body {
            BodyLength::Said(said) if length + said == total => {}
            BodyLength::Said(_) => {
                self.lose(Unframeable::TooLarge);
            }
            BodyLength::Absent | BodyLength::Bad => {
                self.lose(Unframeable::NoLength);
            }
        }
        Frame::Message(head.into_message(bytes, total - length))
    }

    fn lose(&mut self, why: Unframeable) -> Unframeable {
        self.buffer = BytesMut::new();
        self.state = State::Lost(why);
        why
    }
}

/// Just behind the first empty line; `searched` octets are known to hold none.
fn head_end(bytes: &[u8], searched: usize) -> Option<usize> {
    // The empty line may have begun up to three octets before.
    let mut at = searched.saturating_sub(3);
    loop {
        at += memchr::memchr(b'\n', bytes.get(at..)?)? + 1;
        match bytes.get(at..)? {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
}
