//! Typed views of the headers every layer reads (RFC 3261 section 20). Each reads its header when asked, and only it; but the
//! top Via has been read already.

use super::fault::Fault;
use super::header::Name;
use super::message::Message;
use super::method::Method;
use super::name_addr::{Contact, NameAddr};
use super::scan::{Cursor, text};
use super::via::Via;
use crate::name::UriRef;

impl Message {
    /// The Request-URI, read.
    pub fn uri(&self) -> Result<UriRef<'_>, Fault> {
        const BAD: Fault = Fault::bad_request("Malformed Request-URI");
        UriRef::parse(self.request_uri().ok_or(BAD)?).map_err(|_| BAD)
    }

    /// The topmost Via: of a request, who sent it to us; of a response, who it is for.
    pub fn via(&self) -> Result<Via<'_>, Fault> {
        match self.via {
            Some(places) => Ok(Via::at(&self.bytes, places)),
            None if self.entry(Name::Via).is_none() => Err(Fault::bad_request("Missing Via")),
            None => Err(Fault::bad_request("Malformed Via")),
        }
    }

    /// All Vias, the topmost first.
    pub fn vias(&self) -> impl Iterator<Item = Result<Via<'_>, Fault>> + use<'_> {
        self.values(Name::Via).map(Via::parse)
    }

    /// From.
    pub fn from(&self) -> Result<NameAddr<'_>, Fault> {
        NameAddr::parse(
            self.raw(Name::From)
                .ok_or(Fault::bad_request("Missing From"))?,
        )
    }

    /// To.
    pub fn to(&self) -> Result<NameAddr<'_>, Fault> {
        NameAddr::parse(self.raw(Name::To).ok_or(Fault::bad_request("Missing To"))?)
    }

    /// Contacts in order; `*` is one of them.
    pub fn contacts(&self) -> impl Iterator<Item = Result<Contact<'_>, Fault>> + use<'_> {
        self.values(Name::Contact).map(Contact::parse)
    }

    /// Routes, the next hop first.
    pub fn routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, Fault>> + use<'_> {
        self.values(Name::Route).map(NameAddr::parse)
    }

    /// Record-Routes in the order they stand (section 12.1 says who reverses them).
    pub fn record_routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, Fault>> + use<'_> {
        self.values(Name::RecordRoute).map(NameAddr::parse)
    }

    /// Call-ID.
    pub fn call_id(&self) -> Result<&str, Fault> {
        let raw = self
            .raw(Name::CallId)
            .ok_or(Fault::bad_request("Missing Call-ID"))?;
        text(raw)
            .filter(|id| !id.is_empty() && !id.bytes().any(|b| b <= b' ' || b == 0x7f))
            .ok_or(Fault::bad_request("Malformed Call-ID"))
    }

    /// CSeq: number and method.
    pub fn cseq(&self) -> Result<(u32, Method), Fault> {
        const BAD: Fault = Fault::bad_request("Malformed CSeq");
        let raw = self
            .raw(Name::Cseq)
            .ok_or(Fault::bad_request("Missing CSeq"))?;
        let mut cursor = Cursor::new(raw);
        let number = number(cursor.take_while(|octet| octet.is_ascii_digit())).ok_or(BAD)?;
        let before = cursor.rest.len();
        cursor.skip_blanks();
        if cursor.rest.len() == before {
            return Err(BAD);
        }
        let method = Method::parse(cursor.rest).ok_or(BAD)?;
        Ok((number, method))
    }

    /// Max-Forwards, 0 to 255; `None` if absent, as RFC 2543 devices leave it.
    pub fn max_forwards(&self) -> Result<Option<u8>, Fault> {
        self.raw(Name::MaxForwards)
            .map(|raw| {
                number(raw)
                    .and_then(|hops| u8::try_from(hops).ok())
                    .ok_or(Fault::bad_request("Malformed Max-Forwards"))
            })
            .transpose()
    }

    /// Expires in seconds; a malformed one counts as 3600 (as section 20.10 has it), one too large as the largest.
    pub fn expires(&self) -> Option<u32> {
        self.raw(Name::Expires)
            .map(|raw| seconds(text(raw).unwrap_or("")))
    }

    /// What Content-Length says, where it says something usable.
    pub fn content_length(&self) -> Option<u32> {
        self.raw(Name::ContentLength).and_then(number)
    }

    /// The media type of the body without parameters; compares without case.
    pub fn content_type(&self) -> Option<&str> {
        let raw = self.raw(Name::ContentType)?;
        text(raw).map(|value| value.split(';').next().unwrap_or("").trim())
    }

    /// User-Agent as text. From the wire: escape it before showing it.
    pub fn user_agent(&self) -> Option<std::borrow::Cow<'_, str>> {
        self.text(Name::UserAgent)
    }

    /// Whether one of the headers of that name lists `token` (any case): Supported, Require, Allow and their like.
    pub fn lists(&self, name: Name, token: &str) -> bool {
        self.values(name)
            .any(|value| value.eq_ignore_ascii_case(token.as_bytes()))
    }
}

/// A whole number that fits 32 bits.
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |n, &d| {
        let digit = d.is_ascii_digit().then(|| u32::from(d - b'0'))?;
        n.checked_mul(10)?.checked_add(digit)
    })
}

/// `delta-seconds`: too large counts as the largest, malformed as 3600 (RFC 3261 section 20.10).
pub(super) fn seconds(text: &str) -> u32 {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return 3_600;
    }
    number(text.as_bytes()).unwrap_or(u32::MAX)
}
