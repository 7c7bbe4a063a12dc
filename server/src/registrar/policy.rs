//! Who may register, as whom, and for how long (RFC 3261 section 10.3 steps 1, 3 to 5 and 7).
//!
//! An open lab accepts any password, and therefore only phones that are near: on this machine or in a private
//! network. Knows no bindings.

use std::net::IpAddr;
use std::time::Duration;

use sip::msg::Message;
use sip::name::{Aor, AorError, Flow, Host, UriRef};

use super::refusal::Refusal;
use super::response::ServiceRoute;
use crate::config::{AuthMode, Config};

/// The rules in force.
#[derive(Debug)]
pub(super) struct Policy {
    auth: AuthMode,
    domains: Vec<String>,
    advertised: Option<String>,
    service_route: bool,
    min: u32,
    default: u32,
    max: u32,
    /// The longest Flow-Timer; zero asks for none.
    pub(super) flow_timer: Duration,
    /// How many bindings one AOR may have.
    pub(super) bindings_per_aor: usize,
}

/// An interval that is too short is only refused when it is shorter than this as well (section 10.3 step 7).
const NEVER_TOO_BRIEF: u32 = 3_600;

impl Policy {
    pub(super) fn new(config: &Config) -> Self {
        let sip = &config.sip;
        Self {
            auth: config.auth.mode,
            domains: sip
                .domains
                .iter()
                .map(|domain| domain.to_ascii_lowercase())
                .collect(),
            advertised: sip.advertised.clone(),
            service_route: sip.service_route,
            min: seconds(sip.min_expires),
            default: seconds(sip.default_expires),
            max: seconds(sip.max_expires),
            flow_timer: sip.flow_timer,
            bindings_per_aor: usize::try_from(config.limits.bindings_per_aor).unwrap_or(usize::MAX),
        }
    }

    /// What a phone is told to send everything by, where it is told.
    pub(super) fn service_route<'a>(
        &'a self,
        request: &'a Message,
        flow: &'a Flow,
    ) -> Option<ServiceRoute<'a>> {
        self.service_route.then_some(ServiceRoute {
            request,
            flow,
            advertised: self.advertised.as_deref(),
        })
    }

    /// Whether anybody may register from there.
    pub(super) fn admit_source(&self, source: IpAddr) -> Result<(), Refusal> {
        match self.auth {
            AuthMode::OpenLab if is_near(source) => Ok(()),
            AuthMode::OpenLab => Err(Refusal::NotPrivate(source)),
            // Whoever comes here has proven who he is.
            AuthMode::Digest => Ok(()),
        }
    }

    /// Step 1: whether the Request-URI names a domain of ours. An IP address is always taken for ours: it cannot
    /// name a domain, and a server behind an address translation does not know all addresses it is reached at.
    pub(super) fn admit_target(&self, request: &Message) -> Result<(), Refusal> {
        let target = request
            .request_uri()
            .and_then(|uri| UriRef::parse(uri).ok());
        match target.map(|uri| uri.host()) {
            Some(Host::Name(name)) if !self.is_ours(name) && !self.is_advertised(name) => {
                Err(self.foreign())
            }
            Some(Host::Name(_) | Host::V4(_) | Host::V6(_)) => Ok(()),
            None => Err(Refusal::BadTarget),
        }
    }

    /// Step 5: the address of record, which the To header names.
    pub(super) fn aor(&self, request: &Message) -> Result<Aor, Refusal> {
        let to = request
            .to()
            .and_then(|to| to.uri())
            .map_err(Refusal::Malformed)?;
        let aor = Aor::from_uri(to).map_err(|error| match error {
            AorError::NotUri(_) | AorError::BadEscape => Refusal::BadAor,
            AorError::NotSip => Refusal::AorNotSip,
            AorError::NoUser => Refusal::NoUser,
            AorError::TooLong => Refusal::TooLong("To"),
        })?;
        if self.is_ours(aor.host()) {
            Ok(aor)
        } else {
            Err(self.foreign())
        }
    }

    /// Step 7: how long a binding is to stand that was wanted for so many seconds. Zero means removal.
    pub(super) fn interval(&self, wanted: Option<u32>) -> Result<u32, Refusal> {
        match wanted.unwrap_or(self.default) {
            0 => Ok(0),
            brief if brief < self.min && brief < NEVER_TOO_BRIEF => {
                Err(Refusal::TooBrief { min: self.min })
            }
            seconds => Ok(seconds.min(self.max)),
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        self.domains.is_empty()
            || self
                .domains
                .iter()
                .any(|domain| domain.eq_ignore_ascii_case(host))
    }

    fn is_advertised(&self, host: &str) -> bool {
        self.advertised
            .as_deref()
            .is_some_and(|name| name.eq_ignore_ascii_case(host))
    }

    fn foreign(&self) -> Refusal {
        Refusal::ForeignDomain {
            ours: self.domains.join(", "),
        }
    }
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

/// Loopback, link local, or private (RFC 1918, RFC 4193). Not the shared space of RFC 6598: behind a carrier's
/// translator the neighbours are strangers.
pub fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_loopback_link_local_and_private() {
        for near in [
            "127.0.0.1",
            "127.255.255.255",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.255.1",
            "169.254.0.1",
            "::1",
            "fe80::1",
            "febf::1",
            "fc00::1",
            "fdff::1",
            "::ffff:192.168.0.1",
        ] {
            assert!(is_near(near.parse().unwrap()), "{near}");
        }
        for far in [
            "0.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.0.1",
            "192.169.0.1",
            "169.253.0.1",
            "100.64.0.1",
            "203.0.113.7",
            "::",
            "fec0::1",
            "fbff::1",
            "2001:db8::1",
            "::ffff:203.0.113.7",
        ] {
            assert!(!is_near(far.parse().unwrap()), "{far}");
        }
    }
}
