//! The message that grows.

use std::cell::RefCell;
use std::fmt::{self, Display, Write as _};
use std::marker::PhantomData;

use bytes::Bytes;

use crate::msg::header::Name;
use crate::msg::method::Method;
use crate::msg::scan::{blank_controls, blank_line_ends};
use crate::name::{Branch, Transport};

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A scratch that one huge message has blown up is not kept.
const MAX_KEPT: usize = 16 * 1_024;

/// A message under construction; see [`Request`] and [`super::Response`].
#[derive(Debug)]
pub struct Draft<'a, Line> {
    pub(super) text: Vec<u8>,
    body: Option<(&'a str, &'a [u8])>,
    line: PhantomData<Line>,
}

/// Marks a [`Draft`] that begins with a request line.
#[derive(Clone, Copy, Debug)]
pub enum RequestLine {}

/// A request under construction.
pub type Request<'a> = Draft<'a, RequestLine>;

impl Request<'_> {
    /// Begins with the request line.
    pub fn new(method: &Method, uri: impl Display) -> Self {
        let mut draft = Self::empty();
        draft.push(method.as_str());
        draft.push(" ");
        draft.print(uri);
        draft.push(" SIP/2.0\r\n");
        draft
    }

    /// Via with `rport` (RFC 3581). `sent_by` is our address as the peer sees it, or a host name of ours.
    pub fn via(mut self, transport: Transport, sent_by: impl Display, branch: &Branch) -> Self {
        self.begin(Name::Via);
        self.push("SIP/2.0/");
        self.push(transport.via_token());
        self.push(" ");
        self.print(sent_by);
        self.push(";rport;branch=");
        self.print(branch);
        self.end()
    }

    /// From with its tag, as one value.
    pub fn from(self, value: impl Display) -> Self {
        self.header(Name::From, value)
    }

    /// To, with its tag inside a dialog, as one value.
    pub fn to(self, value: impl Display) -> Self {
        self.header(Name::To, value)
    }

    /// Call-ID.
    pub fn call_id(self, id: impl Display) -> Self {
        self.header(Name::CallId, id)
    }

    /// CSeq.
    pub fn cseq(self, number: u32, method: &Method) -> Self {
        self.header(Name::Cseq, format_args!("{number} {method}"))
    }

    /// Max-Forwards; 70 is usual (RFC 3261 section 8.1.1.6).
    pub fn max_forwards(self, hops: u8) -> Self {
        self.header(Name::MaxForwards, hops)
    }

    /// One Route; the first call gives the next hop.
    pub fn route(self, value: impl Display) -> Self {
        self.header(Name::Route, value)
    }
}

impl<'a, Line> Draft<'a, Line> {
    /// One Contact.
    pub fn contact(self, value: impl Display) -> Self {
        self.header(Name::Contact, value)
    }

    /// One header line. Control characters in the value become blanks.
    pub fn header(mut self, name: Name, value: impl Display) -> Self {
        self.begin(name);
        self.print(value);
        self.end()
    }

    /// One header line whose value is octets, for instance from another message; folds become blanks.
    pub fn raw(mut self, name: &str, value: &[u8]) -> Self {
        self.push(name);
        self.push(": ");
        self.push_value(value);
        self.end()
    }

    /// The body and its media type.
    pub fn body(mut self, content_type: &'a str, body: &'a [u8]) -> Self {
        self.body = Some((content_type, body));
        self
    }

    /// The message.
    pub fn finish(mut self) -> Bytes {
        let body = self.body.map_or(&[][..], |(_, body)| body);
        if let Some((content_type, _)) = self.body {
            self = self.header(Name::ContentType, content_type);
        }
        self = self.header(Name::ContentLength, body.len());
        self.text.extend_from_slice(b"\r\n");
        self.text.extend_from_slice(body);
        Bytes::copy_from_slice(&self.text)
    }

    pub(super) fn empty() -> Self {
        let mut text = SCRATCH.take();
        text.clear();
        Self {
            text,
            body: None,
            line: PhantomData,
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    pub(super) fn print(&mut self, value: impl Display) {
        // Writing to memory does not fail; a `Display` that says otherwise leaves what it wrote.
        let _ = write!(OneLine(&mut self.text), "{value}");
    }

    pub(super) fn begin(&mut self, name: Name) {
        self.push(name.as_str());
        self.push(": ");
    }

    pub(super) fn end(mut self) -> Self {
        self.push("\r\n");
        self
    }

    /// Octets from the wire: a fold becomes blanks. Other control characters may stand there, escaped in a quoted
    /// string (RFC 3261 section 25.1).
    pub(super) fn push_value(&mut self, value: &[u8]) {
        let start = self.text.len();
        self.text.extend_from_slice(value);
        blank_line_ends(self.text.get_mut(start..).unwrap_or_default());
    }
}

impl<Line> Drop for Draft<'_, Line> {
    fn drop(&mut self) {
        if self.text.capacity() <= MAX_KEPT {
            SCRATCH.set(std::mem::take(&mut self.text));
        }
    }
}

/// Keeps what is written on the line it stands on.
struct OneLine<'a>(&'a mut Vec<u8>);

impl fmt::Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let start = self.0.len();
        self.0.extend_from_slice(text.as_bytes());
        blank_controls(self.0.get_mut(start..).unwrap_or_default());
        Ok(())
    }
}
