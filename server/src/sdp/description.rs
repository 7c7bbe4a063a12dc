//! A session description as it came (RFC 8866 section 5): its lines by level, each kept as it is.
//!
//! Strict in what is needed to pass it on (a first line, lines that are lines, media descriptions that can be read),
//! and indifferent to all else: what is not known here goes on unchanged.

use sip::dialog::Body;

use super::codec::Codec;
use super::stream::{Direction, MediaLine, Stream};
use crate::limits;

/// One session description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    text: Box<str>,
    /// Where each line begins and ends. The first is `v=`.
    lines: Box<[(u16, u16)]>,
    /// Which of the lines are `m=` lines.
    streams: Box<[u16]>,
}

/// Why a body is no session description that can be worked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Another kind of body, which is passed on unread.
    #[error("the body is no application/sdp")]
    Foreign,
    /// More octets than [`limits::SDP_OCTETS`].
    #[error("the session description has {0} octets, {most} are the most", most = limits::SDP_OCTETS)]
    TooLong(usize),
    /// More lines than [`limits::SDP_LINES`].
    #[error("the session description has more than {most} lines", most = limits::SDP_LINES)]
    TooManyLines,
    /// More media descriptions than [`limits::SDP_STREAMS`].
    #[error("the session description has more than {most} streams", most = limits::SDP_STREAMS)]
    TooManyStreams,
    /// It does not begin with `v=0`.
    #[error("the session description does not begin with v=0")]
    Version,
    /// A line, counted from 1, is no letter followed by `=`, or has a control character.
    #[error("line {0} of the session description is malformed")]
    Line(usize),
    /// A line, counted from 1, is an `m=` line that cannot be read.
    #[error("line {0} of the session description is no media description")]
    Media(usize),
}

impl Description {
    /// Reads a body. Lines may end without CR (RFC 8866 section 9); octets that are no UTF-8, which only texts for
    /// people can have, become U+FFFD.
    pub fn parse(body: &Body) -> Result<Self, Fault> {
        let essence = body.content_type.split(';').next().unwrap_or_default();
        if !essence.trim().eq_ignore_ascii_case("application/sdp") {
            return Err(Fault::Foreign);
        }
        if body.bytes.len() > limits::SDP_OCTETS {
            return Err(Fault::TooLong(body.bytes.len()));
        }
        Self::read(&String::from_utf8_lossy(&body.bytes))
    }

    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let (mut lines, mut streams) = (Vec::new(), Vec::new());
        let mut start = 0;
        for (at, line) in text.split('\n').enumerate() {
            let next = start + line.len() + 1;
            let line = line.strip_suffix('\r').unwrap_or(line);
            if !line.is_empty() {
                let is_first = lines.is_empty();
                check(line, is_first, at + 1)?;
                if lines.len() == limits::SDP_LINES {
                    return Err(Fault::TooManyLines);
                }
                if line.starts_with("m=") {
                    if streams.len() == limits::SDP_STREAMS {
                        return Err(Fault::TooManyStreams);
                    }
                    streams.push(short(lines.len())?);
                }
                lines.push((short(start)?, short(start + line.len())?));
            }
            start = next;
        }
        if lines.is_empty() {
            return Err(Fault::Version);
        }
        Ok(Self {
            text: text.into(),
            lines: lines.into(),
            streams: streams.into(),
        })
    }

    /// The streams, in their order.
    pub fn streams(&self) -> impl ExactSizeIterator<Item = Stream<'_>> + Clone {
        (0..self.streams.len()).map(|index| Stream { of: self, index })
    }

    /// Which way media flow between its owner and the other party, as its owner sees it and over all streams that are in
    /// use. `None` when none is.
    pub fn direction(&self) -> Option<Direction> {
        let live = self.streams().filter(Stream::is_live);
        live.map(|stream| stream.direction())
            .reduce(Direction::and_also)
    }

    /// Whether its owner wants to hear nothing: it holds the other party, in whatever form (RFC 3264 section 8.4): every
    /// stream in use is `sendonly` or `inactive`, or has the null address of RFC 2543. An answer to an offer that was
    /// itself `inactive` can be nothing else, and so tells nothing.
    pub fn holds(&self) -> bool {
        matches!(
            self.direction(),
            Some(Direction::SendOnly | Direction::Inactive)
        )
    }

    /// The codecs of all streams in use, as their owner prefers them.
    pub fn codecs(&self) -> Vec<Codec<'_>> {
        let live = self.streams().filter(Stream::is_live);
        live.flat_map(|stream| stream.codecs()).collect()
    }

    /// The lines of the session level, `v=` first.
    pub(super) fn session(&self) -> impl Iterator<Item = &str> + Clone {
        let end = self.streams.first();
        let end = end.map_or(self.lines.len(), |&line| usize::from(line));
        self.span(0, end)
    }

    /// The first line of the session level that begins so, without that.
    pub(super) fn session_value(&self, prefix: &str) -> Option<&str> {
        self.session().find_map(|line| line.strip_prefix(prefix))
    }

    /// The lines of a stream, `m=` first.
    pub(super) fn section(&self, index: usize) -> impl Iterator<Item = &str> + Clone {
        let line = |index: usize| self.streams.get(index).map(|&line| usize::from(line));
        let end = self.lines.len();
        self.span(line(index).unwrap_or(end), line(index + 1).unwrap_or(end))
    }

    fn span(&self, from: usize, to: usize) -> impl Iterator<Item = &str> + Clone {
        let span = self.lines[from..to].iter();
        span.map(|&(start, end)| &self.text[usize::from(start)..usize::from(end)])
    }
}

fn check(line: &str, is_first: bool, number: usize) -> Result<(), Fault> {
    let octets = line.as_bytes();
    if is_first && line != "v=0" {
        return Err(Fault::Version);
    }
    let is_line = octets[0].is_ascii_alphabetic() && octets.get(1) == Some(&b'=');
    // A bare CR could begin a new line for the reader behind us.
    if !is_line || octets.iter().any(|octet| matches!(octet, 0 | b'\r')) {
        return Err(Fault::Line(number));
    }
    match line.strip_prefix("m=") {
        Some(media) if MediaLine::read(media).is_none() => Err(Fault::Media(number)),
        Some(_) | None => Ok(()),
    }
}

fn short(number: usize) -> Result<u16, Fault> {
    u16::try_from(number).map_err(|_| Fault::TooLong(number))
}
