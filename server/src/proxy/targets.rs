//! The target set of a request: the phones of an AOR, or the peer in a dialog (RFC 3261 section 16.5).

use std::sync::Arc;

use sip::msg::Message;
use sip::name::{Aor, Flow, UriRef};
use sip::time::Instant;

use super::Proxy;
use super::branch::Way;
use super::destination::{Destination, Target};
use super::elsewhere::Beyond;
use super::judge::Refusal;
use crate::binding::Binding;
use crate::forking::Phones;
use crate::limits;
use crate::locate::Sought;
use crate::location::Location;

/// Where a request goes.
#[derive(Debug)]
pub(super) enum Targets {
    /// To the other side of a dialog.
    Peer(Way),
    /// To some of these, best first; there is at least one.
    Phones(Phones),
    /// To the first server of another domain that takes it.
    Servers(Beyond),
}

impl Proxy {
    /// The target set, or why there is none. Nobody is reached from here who is not registered here: who relays to
    /// strangers relays for strangers.
    pub(super) fn targets(
        &self,
        now: Instant,
        request: &Message,
        flow: &Flow,
        destination: &Destination,
    ) -> Result<Targets, Refusal> {
        let is_new = request.to().is_ok_and(|to| to.tag().is_none());
        let is_secure = destination.is_secure(request);
        if is_secure && is_new && !flow.transport.is_secure() {
            return Err(Refusal::InClear);
        }
        let refusal = match &destination.target {
            Target::Flow(on) if is_secure && !on.transport.is_secure() => Refusal::NoSips,
            Target::Flow(on) if self.may_go(now, request, flow, destination) => {
                return Ok(Targets::Peer(Way {
                    binding: None,
                    flow: *on,
                }));
            }
            Target::Flow(_) => Refusal::NoRelay,
            Target::Phone(aor) => {
                let bindings = self.setup.location.lookup(aor, now);
                let phones = bindings
                    .iter()
                    .filter(|binding| !is_secure || binding.is_secure())
                    .take(limits::BRANCHES);
                let phones: Phones = phones.cloned().collect();
                match bindings.is_empty() {
                    true => match self.dialled(now, request, flow, aor, is_secure) {
                        Some(beyond) => return Ok(Targets::Servers(beyond)),
                        None => Refusal::NotHere,
                    },
                    false if phones.first.is_empty() => Refusal::NoSips,
                    false => return Ok(Targets::Phones(phones)),
                }
            }
            Target::Elsewhere => {
                // Named by the operator, so there is no question of who may send there.
                if let Some(detour) = &destination.detour {
                    let sought = self.server(detour.by.as_ref()).map(|sought| Sought {
                        is_secure: sought.is_secure || is_secure,
                        ..sought
                    });
                    let beyond = sought.map(Beyond::named);
                    return beyond.map(Targets::Servers).ok_or(Refusal::NoServer);
                }
                match self.elsewhere(now, request, flow, destination) {
                    Some(beyond) => return Ok(Targets::Servers(beyond)),
                    None => Refusal::NoRelay,
                }
            }
            Target::Server | Target::NoSip => Refusal::NotFound,
        };
        if is_new {
            return Err(refusal);
        }
        let rescued = self.rescue(now, request, destination);
        rescued.map(Targets::Peer).ok_or(Refusal::NoDialog)
    }

    /// See [`rescue`].
    pub(super) fn rescue(
        &self,
        now: Instant,
        request: &Message,
        destination: &Destination,
    ) -> Option<Way> {
        rescue(&self.setup.location, now, request, destination)
    }
}

/// The way of a request in a dialog that has lost its flow: the phone of the party in To, if it is registered with the
/// very Contact that is asked for. So a dialog outlives a restart of the server, a phone that comes back by another
/// connection, and one that leaves Record-Route out of account; and nobody is reached whom an ordinary request does not
/// reach.
pub(super) fn rescue(
    location: &Location,
    now: Instant,
    request: &Message,
    destination: &Destination,
) -> Option<Way> {
    let to = request.to().ok()?;
    to.tag()?;
    let aor = Aor::from_uri(to.uri().ok()?).ok()?;
    let asked = UriRef::parse(destination.uri(request)?).ok()?;
    let bindings = location.lookup(&aor, now);
    let is_it = |binding: &&Arc<Binding>| {
        destination.may_take(request, &binding.flow)
            && UriRef::parse(binding.contact()).is_ok_and(|contact| contact.equivalent(&asked))
    };
    bindings.iter().find(is_it).map(Way::to)
}
