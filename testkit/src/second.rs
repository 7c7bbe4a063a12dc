//! A second opinion: what we send is also read by rsip, an independent parser, and must mean the same there.
//!
//! rsip has faults of its own; each is named in [`KnownFault`] and excuses only the fields it spoils, and only in
//! messages that have what triggers it.

mod fault;

pub use fault::KnownFault;

use std::fmt;

use bytes::Bytes;
use rsip::headers::{ToTypedHeader, UntypedHeader};
use rsip::message::HeadersExt;
use rsip::typed;
use sip::msg::{Message, lex};

/// The two readers differ, and no known fault of rsip explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// What was read.
    pub field: Field,
    /// What we read.
    pub ours: String,
    /// What rsip read, or why it could not.
    pub theirs: String,
    /// The whole message.
    pub message: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            ours,
            theirs,
            message,
        } = self;
        write!(
            f,
            "{field:?}: we read {ours:?}, rsip {theirs:?} in\n{message}"
        )
    }
}

impl std::error::Error for Disagreement {}

/// What both readers are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Whether it is a message at all.
    Whole,
    /// The method or the status.
    Start,
    /// User, host and port of the Request-URI.
    Uri,
    /// Call-ID.
    CallId,
    /// CSeq.
    Cseq,
    /// The tag of From.
    FromTag,
    /// The tag of To.
    ToTag,
    /// The branch of the top Via.
    Branch,
    /// The body.
    Body,
}

const COMPARED: [Field; 8] = [
    Field::Start,
    Field::Uri,
    Field::CallId,
    Field::Cseq,
    Field::FromTag,
    Field::ToTag,
    Field::Branch,
    Field::Body,
];

/// Whether rsip reads the same. Gives the faults of rsip that had to be excused, in the order they were met; none for
/// nearly everything we send. What we ourselves find faulty in a message is not compared.
pub fn agrees(octets: &[u8]) -> Result<Vec<KnownFault>, Disagreement> {
    let differ = |field, ours: String, theirs: String| Disagreement {
        field,
        ours,
        theirs,
        message: String::from_utf8_lossy(octets).into_owned(),
    };
    let ours = lex(Bytes::copy_from_slice(octets))
        .map_err(|why| differ(Field::Whole, why.to_string(), "not asked".to_owned()))?;
    let theirs = match rsip::SipMessage::try_from(octets) {
        Ok(theirs) => theirs,
        Err(why) => {
            let fault = KnownFault::excuse(Field::Whole, &ours);
            let disagreement = || differ(Field::Whole, "a message".to_owned(), why.to_string());
            return fault.map(|fault| vec![fault]).ok_or_else(disagreement);
        }
    };
    let mut excused = Vec::new();
    for field in COMPARED {
        let Some(mine) = read_by_us(field, &ours) else {
            continue;
        };
        let other = read_by_rsip(field, &theirs);
        if other.as_ref() == Ok(&mine) {
            continue;
        }
        let other = other.unwrap_or_else(|why| format!("error: {why}"));
        let fault = KnownFault::excuse(field, &ours).ok_or_else(|| differ(field, mine, other))?;
        if !excused.contains(&fault) {
            excused.push(fault);
        }
    }
    Ok(excused)
}

/// `None` if the field is not there or is faulty by our own verdict.
fn read_by_us(field: Field, message: &Message) -> Option<String> {
    let tag = |tag: Option<&str>| tag.unwrap_or("").to_owned();
    let text = match field {
        Field::Whole => return None,
        Field::Start => match message.method() {
            Some(method) => method.to_string(),
            None => message.status()?.to_string(),
        },
        Field::Uri if message.is_request() => {
            let uri = message.uri().ok()?;
            let host = uri.host().to_string().to_ascii_lowercase();
            format!("{:?} {host} {:?}", uri.user(), uri.port())
        }
        Field::Uri => String::new(),
        Field::CallId => message.call_id().ok()?.to_owned(),
        Field::Cseq => {
            let (number, method) = message.cseq().ok()?;
            format!("{number} {method}")
        }
        Field::FromTag => tag(message.from().ok()?.tag()),
        Field::ToTag => tag(message.to().ok()?.tag()),
        Field::Branch => tag(message.via().ok()?.branch()),
        Field::Body => message.body().escape_ascii().to_string(),
    };
    Some(text)
}

fn read_by_rsip(field: Field, message: &rsip::SipMessage) -> Result<String, rsip::Error> {
    let text = match field {
        Field::Whole => String::new(),
        Field::Start => match message {
            rsip::SipMessage::Request(request) => request.method.to_string(),
            rsip::SipMessage::Response(response) => response.status_code.code().to_string(),
        },
        Field::Uri => match message {
            rsip::SipMessage::Request(request) => {
                let uri = &request.uri;
                let host = uri.host().to_string().to_ascii_lowercase();
                format!(
                    "{:?} {host} {:?}",
                    uri.user(),
                    uri.port().map(rsip::Port::value)
                )
            }
            rsip::SipMessage::Response(_) => String::new(),
        },
        Field::CallId => message.call_id_header()?.value().to_owned(),
        Field::Cseq => {
            let cseq: typed::CSeq = message.cseq_header()?.typed()?;
            format!("{} {}", cseq.seq, cseq.method)
        }
        Field::FromTag => {
            let from: typed::From = message.from_header()?.typed()?;
            from.tag().map_or(String::new(), ToString::to_string)
        }
        Field::ToTag => {
            let to: typed::To = message.to_header()?.typed()?;
            to.tag().map_or(String::new(), ToString::to_string)
        }
        Field::Branch => {
            let via: typed::Via = message.via_header()?.typed()?;
            via.branch().map_or(String::new(), ToString::to_string)
        }
        Field::Body => message.body().escape_ascii().to_string(),
    };
    Ok(text)
}
