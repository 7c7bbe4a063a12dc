//! One value of a Via header (RFC 3261 sections 18.2.1 and 20.42, RFC 3581).
//!
//! Tolerates blanks at every separator, as the grammar does, and IPv6 with or without brackets. Changes nothing; see
//! `stamp` for that.

use std::net::IpAddr;

use super::fault::Fault;
use super::params::Params;
use super::scan::{Cursor, is_blank, text};
use crate::name::{Host, Transport};

/// Where a request was sent from, and the mark of its transaction. A view: costs no allocation.
#[derive(Clone, Copy, Debug)]
pub struct Via<'a> {
    transport: &'a str,
    host: Host<'a>,
    port: Option<u16>,
    params: Params<'a>,
}

const BAD: Fault = Fault::bad_request("Malformed Via");

impl<'a> Via<'a> {
    /// Reads one value that fills the octets.
    pub fn parse(value: &'a [u8]) -> Result<Self, Fault> {
        let mut cursor = Cursor::new(value);
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
        let host = text(host).and_then(Host::parse).ok_or(BAD)?;
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
        Ok(Self {
            transport: text(transport).ok_or(BAD)?,
            host,
            port,
            params: Params::new(cursor.rest),
        })
    }

    /// The transport's token as written, also one that we do not know.
    pub const fn transport_text(&self) -> &'a str {
        self.transport
    }

    /// The transport; `None` for one that we do not know.
    pub fn transport(&self) -> Option<Transport> {
        use Transport::{Tcp, Tls, Udp, Ws, Wss};
        [Udp, Tcp, Tls, Ws, Wss]
            .into_iter()
            .find(|known| known.via_token().eq_ignore_ascii_case(self.transport))
    }

    /// The host of sent-by.
    pub const fn host(&self) -> Host<'a> {
        self.host
    }

    /// The port of sent-by, if one is written.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The port of sent-by, or the default one of the transport (RFC 3261 section 18.2.1).
    pub fn port_or_default(&self) -> u16 {
        let secure = self.transport().is_some_and(Transport::is_secure);
        self.port.unwrap_or(if secure { 5061 } else { 5060 })
    }

    /// The branch; an empty one counts as none.
    pub fn branch(&self) -> Option<&'a str> {
        self.params
            .find("branch")
            .flatten()
            .filter(|branch| !branch.is_empty())
    }

    /// The address the request really came from, with or without brackets.
    pub fn received(&self) -> Option<IpAddr> {
        self.params
            .find("received")
            .flatten()
            .and_then(Host::parse)?
            .ip()
    }

    /// RFC 3581: `None` absent, `Some(None)` asked for, `Some(Some(port))` filled in.
    pub fn rport(&self) -> Option<Option<u16>> {
        self.params
            .find("rport")
            .map(|value| value.and_then(|port| port.parse().ok()))
    }

    /// The address that responses are to go to, if one is written (RFC 3261 section 18.2.2).
    pub fn maddr(&self) -> Option<Host<'a>> {
        self.params.find("maddr").flatten().and_then(Host::parse)
    }

    /// All parameters.
    pub const fn params(&self) -> Params<'a> {
        self.params
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
