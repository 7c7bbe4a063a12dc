//! Whether a request may be sent on at all (RFC 3261 section 16.3, RFC 5393). Syntax and scheme are judged before.

use bytes::Bytes;
use sip::msg::build::Response;
use sip::msg::{Message, Name};
use sip::name::Tag;

use super::mark::{Marks, Trail};
use crate::limits;

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Step 3.
    TooManyHops,
    /// Step 4.
    Loop,
    /// Step 5: Proxy-Require names something; we have no extension.
    BadExtension,
    /// RFC 5393 section 5.3.3.
    NoBreadth,
    /// 16.5: our domain, but nobody is there.
    NotHere,
    /// RFC 5630 section 5.3: somebody is there, but is not reached by TLS.
    NoSips,
    /// What is asked for by `sips:` came in clear already.
    InClear,
    /// A URI that leads nowhere from here.
    NotFound,
    /// Who comes to us does not get from us to just anywhere.
    NoRelay,
    /// The server that the operator has named is not found.
    NoServer,
    /// A dialog that does not stand by us.
    NoDialog,
    /// [`crate::config::Limits::proxied`].
    Full,
}

impl Refusal {
    const fn status(self) -> (u16, Option<&'static str>) {
        match self {
            Self::TooManyHops => (483, None),
            Self::Loop => (482, None),
            Self::BadExtension => (420, None),
            Self::NoBreadth => (440, Some("Max-Breadth Exceeded")),
            Self::NotHere | Self::NoSips => (480, None),
            Self::InClear => (403, Some("SIPS By TLS Only")),
            Self::NotFound => (404, None),
            Self::NoRelay => (403, Some("No Relaying To Other Domains")),
            Self::NoServer => (500, Some("The Route Leads Nowhere")),
            Self::NoDialog => (481, None),
            Self::Full => (503, Some("Too Many Requests At Once")),
        }
    }

    /// The response it makes.
    pub(super) fn response(self, request: &Message, tag: &Tag) -> Bytes {
        let (status, reason) = self.status();
        let mut response = Response::to(request, status, reason, Some(tag));
        if self == Self::BadExtension {
            for token in request.values(Name::ProxyRequire) {
                response = response.raw(Name::Unsupported.as_str(), token);
            }
        }
        if self == Self::NoSips {
            response = response.header(Name::Warning, "380 crosspoint \"SIPS Not Allowed\"");
        }
        if self == Self::Full {
            response = response.retry_after(limits::RETRY_AFTER);
        }
        response.finish()
    }
}

/// Steps 3 to 5, in their order. What is left of the request's breadth, else.
pub(super) fn admit(request: &Message, trail: Trail) -> Result<u32, Refusal> {
    if request.max_forwards() == Ok(Some(0)) {
        return Err(Refusal::TooManyHops);
    }
    if Marks::is_loop(request, trail) {
        return Err(Refusal::Loop);
    }
    if request.values(Name::ProxyRequire).next().is_some() {
        return Err(Refusal::BadExtension);
    }
    match breadth(request) {
        0 => Err(Refusal::NoBreadth),
        breadth => Ok(breadth),
    }
}

/// How many copies of the request may be on their way at once. What cannot be read counts as absent, and as much as is
/// said counts only up to the default: nobody allows himself more (RFC 5393 section 5.3.1).
pub(super) fn breadth(request: &Message) -> u32 {
    let said = request
        .raw(Name::MaxBreadth)
        .and_then(|raw| std::str::from_utf8(raw).ok()?.parse::<u32>().ok());
    said.unwrap_or(limits::BREADTH).min(limits::BREADTH)
}
