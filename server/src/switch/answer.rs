//! Responses that need neither registrar nor call control (RFC 3261 sections 8.2 and 11). Pure.

use bytes::Bytes;
use sip::msg::build::Response;
use sip::msg::{Fault, Message, Method, Name};
use sip::name::Tag;

use crate::limits;
use crate::registrar;

/// The methods of this server. INFO and UPDATE, like re-INVITE and BYE, only inside of calls.
pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER";

/// Whether a request of this method can be for us at all; [`ALLOW`] as a question.
pub(super) const fn is_allowed(method: &Method) -> bool {
    match method {
        Method::Invite
        | Method::Ack
        | Method::Cancel
        | Method::Bye
        | Method::Options
        | Method::Info
        | Method::Update
        | Method::Register => true,
        Method::Message
        | Method::Notify
        | Method::Prack
        | Method::Publish
        | Method::Refer
        | Method::Subscribe
        | Method::Extension(_) => false,
    }
}

/// A response without anything of its own.
pub(super) fn plain(request: &Message, status: u16, reason: Option<&str>, tag: &Tag) -> Bytes {
    Response::to(request, status, reason, Some(tag)).finish()
}

/// Whether a response asks for a password.
pub(super) fn is_challenge(response: &[u8]) -> bool {
    response.starts_with(b"SIP/2.0 401") || response.starts_with(b"SIP/2.0 407")
}

/// To a request that cannot be worked on.
pub(super) fn fault(request: &Message, fault: Fault, tag: &Tag) -> Bytes {
    plain(request, fault.status, Some(fault.reason), tag)
}

/// 405 (section 8.2.1).
pub(super) fn not_allowed(request: &Message, tag: &Tag) -> Bytes {
    Response::to(request, 405, None, Some(tag))
        .header(Name::Allow, ALLOW)
        .finish()
}

/// 503: for a while nothing new is taken (section 21.5.4).
pub(super) fn unavailable(request: &Message, reason: &str, tag: &Tag) -> Bytes {
    Response::to(request, 503, Some(reason), Some(tag))
        .retry_after(limits::RETRY_AFTER)
        .finish()
}

/// 200 to OPTIONS: what this server can do (section 11.2).
pub(super) fn capabilities(request: &Message, tag: &Tag) -> Bytes {
    Response::to(request, 200, None, Some(tag))
        .header(Name::Allow, ALLOW)
        .header(Name::Accept, "application/sdp")
        .header(Name::AcceptEncoding, "identity")
        .header(Name::AcceptLanguage, "en")
        .header(Name::Supported, registrar::SUPPORTED.join(", "))
        .finish()
}

/// 420 with the extensions that the request requires and we have not; `None` when it requires none (section
/// 8.2.2.3). Proxy-Require is asked of us too, since we stand where phones expect their proxy.
pub(super) fn bad_extension(request: &Message, supported: &[&str], tag: &Tag) -> Option<Bytes> {
    let is_unknown = |token: &&[u8]| {
        !supported
            .iter()
            .any(|known| token.eq_ignore_ascii_case(known.as_bytes()))
    };
    let mut unknown = request
        .values(Name::Require)
        .chain(request.values(Name::ProxyRequire))
        .filter(is_unknown);
    let first = unknown.next()?;
    let mut response =
        Response::to(request, 420, None, Some(tag)).raw(Name::Unsupported.as_str(), first);
    for token in unknown {
        response = response.raw(Name::Unsupported.as_str(), token);
    }
    Some(response.finish())
}

/// 415 for a body that must be understood and is not; `None` when it may be left unread (section 8.2.3).
///
/// We read no body outside of calls. Unlike section 20.11 has it, a body of unsaid handling counts as optional:
/// phones put notes of their maker into REGISTER, and every registrar takes them.
pub(super) fn unsupported_body(request: &Message, tag: &Tag) -> Option<Bytes> {
    if request.body().is_empty() {
        return None;
    }
    let disposition = request.text(Name::ContentDisposition)?;
    let required = disposition.split(';').skip(1).any(|param| {
        let (name, value) = param.split_once('=').unwrap_or((param, ""));
        name.trim().eq_ignore_ascii_case("handling")
            && value.trim().eq_ignore_ascii_case("required")
    });
    required.then(|| {
        Response::to(request, 415, None, Some(tag))
            .header(Name::Accept, "application/sdp")
            .header(Name::AcceptEncoding, "identity")
            .header(Name::AcceptLanguage, "en")
            .finish()
    })
}
