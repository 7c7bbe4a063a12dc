//! The responses to REGISTER (RFC 3261 section 10.3 step 8).

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use sip::msg::build::Response;
use sip::msg::{Message, Name};
use sip::name::{Flow, Scheme, Tag, Transport};
use sip::time::Instant;

use super::outbound;
use super::refusal::Refusal;
use crate::binding::{Binding, Bindings, Q};
use crate::limits;

/// 200 with all bindings that stand, each with the seconds it has left.
pub(super) fn ok(
    now: Instant,
    request: &Message,
    to_tag: &Tag,
    bindings: &Bindings,
    route: Option<ServiceRoute<'_>>,
    flow_timer: Option<Duration>,
) -> Bytes {
    let mut response = Response::to(request, 200, None, Some(to_tag));
    // RFC 5626 section 6: the phone may rely on its flow from now on.
    if outbound::is_promised(request) {
        response = response.header(Name::Require, outbound::TAG);
    }
    if let Some(timer) = flow_timer {
        response = response.raw("Flow-Timer", timer.as_secs().to_string().as_bytes());
    }
    for binding in bindings.iter() {
        response = response.contact(Listed { binding, now });
    }
    // RFC 3327 section 5.3: the phone learns which way it is reached, if it wants to.
    if request.lists(Name::Supported, "path") {
        for value in request.values(Name::Path) {
            response = response.raw(Name::Path.as_str(), value);
        }
    }
    if let Some(route) = route {
        response = response.header(Name::ServiceRoute, route);
    }
    response.header(Name::Date, Date(now)).finish()
}

/// What the phone is to send everything by: us, as it has reached us (RFC 3608 section 6.3).
pub(super) struct ServiceRoute<'a> {
    pub(super) request: &'a Message,
    pub(super) flow: &'a Flow,
    pub(super) advertised: Option<&'a str>,
}

impl fmt::Display for ServiceRoute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_secure = self
            .request
            .uri()
            .is_ok_and(|uri| uri.scheme() == Scheme::Sips);
        let scheme = if is_secure { "sips" } else { "sip" };
        let transport = match self.flow.transport {
            Transport::Tls if !is_secure => "tls",
            other => other.uri_param(),
        };
        let local = self.flow.local;
        match self.advertised {
            Some(name) => write!(f, "<{scheme}:{name}:{}", local.port())?,
            None => write!(f, "<{scheme}:{local}")?,
        }
        write!(f, ";transport={transport};lr>")
    }
}

/// Why not, in words for people as well.
pub(super) fn refused(request: &Message, to_tag: &Tag, flow: &Flow, refusal: &Refusal) -> Bytes {
    let (status, phrase) = refusal.status();
    // Section 20.43: 399 is a warning of no special kind.
    let warning = format_args!("399 {} \"{refusal}\"", flow.local);
    let response =
        Response::to(request, status, Some(phrase), Some(to_tag)).header(Name::Warning, warning);
    let response = match refusal {
        Refusal::TooBrief { min } => response.header(Name::MinExpires, min),
        Refusal::Full(_) => response.retry_after(limits::RETRY_AFTER),
        Refusal::NotPrivate(_)
        | Refusal::BadTarget
        | Refusal::ForeignDomain { .. }
        | Refusal::BadAor
        | Refusal::AorNotSip
        | Refusal::NoUser
        | Refusal::Malformed(_)
        | Refusal::BadWildcard
        | Refusal::ContactNotSip
        | Refusal::FirstHopLacksOutbound
        | Refusal::ManyContactsOneFlow
        | Refusal::SipsWithoutTls
        | Refusal::OutOfOrder
        | Refusal::TooManyContacts { .. }
        | Refusal::TooLong(_) => response,
    };
    response.finish()
}

/// A binding as a Contact value.
struct Listed<'a> {
    binding: &'a Binding,
    now: Instant,
}

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binding = self.binding;
        // Rounded up: a binding that still stands never reads as removed.
        let left = (binding.expires - self.now).as_micros().div_ceil(1_000_000);
        write!(f, "<{}>;expires={left}", binding.contact())?;
        if binding.q != Q::MAX {
            write!(f, ";q={}", binding.q)?;
        }
        if let Some(instance) = binding.instance() {
            write!(f, ";+sip.instance=\"{instance}\"")?;
        }
        if let Some(reg_id) = binding.reg_id {
            write!(f, ";reg-id={reg_id}")?;
        }
        Ok(())
    }
}

/// `SIP-date` (section 20.17), the same form as HTTP has it.
struct Date(Instant);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.unix_seconds());
        httpdate::HttpDate::from(date).fmt(f)
    }
}
