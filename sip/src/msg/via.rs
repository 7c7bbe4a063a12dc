//! One value of a Via header (RFC 3261 sections 18.2.1 and 20.42, RFC 3581).
//!
//! Tolerates blanks at every separator, as the grammar does, and IPv6 with or without brackets. Changes nothing; see
//! `stamp` for that.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

use super::fault::Fault;
use super::message::{Span, offset};
use super::params::Params;
use super::scan::{Cursor, is_blank, text};
use crate::limits::MAX_MESSAGE;
use crate::name::{Host, Transport};

/// Where a request was sent from, and the mark of its transaction. A view: costs no allocation.
#[derive(Clone, Copy, Debug)]
pub struct Via<'a> {
    bytes: &'a [u8],
    places: Places,
}

const BAD: Fault = Fault::bad_request("Malformed Via");

impl<'a> Via<'a> {
    /// Reads one value that fills the octets.
    pub fn parse(value: &'a [u8]) -> Result<Self, Fault> {
        let places = Places::read(value, 0, value.len())?;
        Ok(Self::at(value, places))
    }

    /// One that has been read.
    pub(super) const fn at(bytes: &'a [u8], places: Places) -> Self {
        Self { bytes, places }
    }

    fn text(&self, span: Span) -> Option<&'a str> {
        text(span.of(self.bytes))
    }

    /// The transport's token as written, also one that we do not know.
    pub fn transport_text(&self) -> &'a str {
        self.text(self.places.transport).unwrap_or_default()
    }

    /// The transport; `None` for one that we do not know.
    pub fn transport(&self) -> Option<Transport> {
        use Transport::{Tcp, Tls, Udp, Ws, Wss};
        let written = self.places.transport.of(self.bytes);
        [Udp, Tcp, Tls, Ws, Wss]
            .into_iter()
            .find(|known| known.via_token().as_bytes().eq_ignore_ascii_case(written))
    }

    /// The host of sent-by.
    pub fn host(&self) -> Host<'a> {
        let written = || self.text(self.places.host).unwrap_or_default();
        match self.places.v4 {
            Some(address) => Host::V4(address),
            None => Host::parse(written()).unwrap_or(Host::Name("")),
        }
    }

    /// The port of sent-by, if one is written.
    pub const fn port(&self) -> Option<u16> {
        self.places.port
    }

    /// The port of sent-by, or the default one of the transport (RFC 3261 section 18.2.1).
    pub fn port_or_default(&self) -> u16 {
        let default = || match self.transport().is_some_and(Transport::is_secure) {
            true => 5061,
            false => 5060,
        };
        self.places.port.unwrap_or_else(default)
    }

    /// The branch; an empty one counts as none.
    pub fn branch(&self) -> Option<&'a str> {
        self.places.branch.and_then(|branch| self.text(branch))
    }

    /// The address the request really came from, with or without brackets.
    pub fn received(&self) -> Option<IpAddr> {
        self.params()
            .find("received")
            .flatten()
            .and_then(Host::parse)?
            .ip()
    }

    /// RFC 3581: `None` absent, `Some(None)` asked for, `Some(Some(port))` filled in.
    pub const fn rport(&self) -> Option<Option<u16>> {
        self.places.rport
    }

    /// The address that responses are to go to, if one is written (RFC 3261 section 18.2.2).
    pub fn maddr(&self) -> Option<Host<'a>> {
        if !self.places.has_maddr {
            return None;
        }
        self.params().find("maddr").flatten().and_then(Host::parse)
    }

    /// What stands before the parameters, as it is written.
    pub fn before_params(&self) -> &'a [u8] {
        let range = usize::from(self.places.start)..usize::from(self.places.params.start);
        self.bytes.get(range).unwrap_or_default()
    }

    /// All parameters.
    pub fn params(&self) -> Params<'a> {
        Params::new(self.places.params.of(self.bytes))
    }

    /// Where the value stands in the octets that hold it.
    pub(super) fn range(&self) -> Range<usize> {
        usize::from(self.places.start)..usize::from(self.places.params.end)
    }

    /// Whether there is nothing but parameters behind sent-by.
    pub(super) const fn is_well_formed(&self) -> bool {
        self.places.is_well_formed
    }
}

/// Where the parts of a value stand in the octets that hold it. A message keeps those of its top Via, which every layer
/// asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    start: u16,
    transport: Span,
    host: Span,
    /// The host, where it is such an address: that takes longer to read than all the rest.
    v4: Option<Ipv4Addr>,
    port: Option<u16>,
    params: Span,
    branch: Option<Span>,
    rport: Option<Option<u16>>,
    has_maddr: bool,
    is_well_formed: bool,
}

impl Places {
    /// Reads the value that stands from `start` to `end`.
    pub(super) fn read(bytes: &[u8], start: usize, end: usize) -> Result<Self, Fault> {
        if bytes.len() > MAX_MESSAGE {
            return Err(BAD);
        }
        let mut cursor = Cursor::new(bytes.get(start..end).ok_or(BAD)?);
        cursor.skip_blanks();
        let name = cursor.token();
        // Of any version: who speaks another one than ours has to be told so, and this is where to (section 21.5.6).
        let _version = part(&mut cursor)?;
        let transport = part(&mut cursor)?;
        if !name.eq_ignore_ascii_case(b"SIP") {
            return Err(BAD);
        }
        cursor.skip_blanks();
        let host = match cursor.rest.first() {
            Some(b'[') => {
                let end = memchr::memchr(b']', cursor.rest).ok_or(BAD)? + 1;
                let (host, rest) = cursor.rest.split_at(end);
                cursor.rest = rest;
                host
            }
            _ => cursor.take_while(|octet| !is_blank(octet) && !matches!(octet, b':' | b';')),
        };
        let v4 = match text(host).and_then(Host::parse).ok_or(BAD)? {
            Host::V4(address) => Some(address),
            Host::V6(_) | Host::Name(_) => None,
        };
        cursor.skip_blanks();
        let mut port = None;
        if cursor.eat(b':') {
            cursor.skip_blanks();
            let digits = cursor.take_while(|octet| octet.is_ascii_digit());
            port = Some(
                text(digits)
                    .and_then(|digits| digits.parse().ok())
                    .ok_or(BAD)?,
            );
            cursor.skip_blanks();
        }
        if !matches!(cursor.rest.first(), None | Some(b';')) {
            return Err(BAD);
        }
        let mut places = Self {
            start: offset(start),
            transport: Span::within(bytes, transport),
            host: Span::within(bytes, host),
            v4,
            port,
            params: Span::within(bytes, cursor.rest),
            branch: None,
            rport: None,
            has_maddr: false,
            is_well_formed: false,
        };
        places.look(bytes, Params::new(cursor.rest));
        Ok(places)
    }

    /// Of each parameter the first counts, and one that is no text counts as none.
    fn look(&mut self, bytes: &[u8], mut params: Params<'_>) {
        let (mut has_branch, mut has_rport) = (false, false);
        while let Some((name, value)) = params.next_raw() {
            if name.eq_ignore_ascii_case(b"branch") {
                if let Some(value) = value.filter(|it| !has_branch && !it.is_empty())
                    && text(value).is_some()
                {
                    self.branch = Some(Span::within(bytes, value));
                }
                has_branch = true;
            } else if name.eq_ignore_ascii_case(b"rport") {
                if !has_rport {
                    self.rport = match value.map(text) {
                        None => Some(None),
                        Some(Some(port)) => Some(port.parse().ok()),
                        Some(None) => None,
                    };
                }
                has_rport = true;
            } else if name.eq_ignore_ascii_case(b"maddr") {
                self.has_maddr = true;
            }
        }
        self.is_well_formed = !params.met_malformed();
    }
}

/// `/ token`, with blanks.
fn part<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Fault> {
    cursor.skip_blanks();
    if !cursor.eat(b'/') {
        return Err(BAD);
    }
    cursor.skip_blanks();
    let token = cursor.token();
    if token.is_empty() {
        Err(BAD)
    } else {
        Ok(token)
    }
}
