//! Where a request is to go: Routes of ours taken away, Request-URI put right (RFC 3261 section 16.4), and whose it is
//! (16.5). Looks nobody up.

use std::net::IpAddr;

use sip::msg::{Message, Method};
use sip::name::{Aor, Flow, Scheme, Uri, UriRef};

use super::token::{Said, Tokens};
use crate::config::Otherwise;
use crate::identity::Identity;

/// Where a request is to go, and what has to be put right on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Who it is for.
    pub target: Target,
    /// Route values on top that name us.
    pub(super) own_routes: usize,
    /// Route values that stay.
    pub(super) routes_left: usize,
    /// Whether a strict router has put our Record-Route into the Request-URI: the last Route is what stood there.
    pub(super) strict: bool,
    /// Whether it leads to another domain.
    pub(super) is_abroad: bool,
    /// From which address its token is good, where it is not from all.
    pub(super) only_from: Option<IpAddr>,
    /// Another Request-URI: one that an application or a dial plan wishes, or without a `maddr` of ours.
    pub(super) asked: Option<Uri>,
    /// A server that gets it first.
    pub(super) detour: Option<Box<Detour>>,
    /// Who rings where nobody is to be had.
    pub(super) otherwise: Option<Box<Otherwise>>,
}

/// A way by another server, which the operator has named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detour {
    /// The server; a loose router.
    pub by: Uri,
    /// The user part of a Route back to us, where it is to come back.
    pub ticket: Option<String>,
}

/// Who a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// This server.
    Server,
    /// Somebody who may be registered here.
    Phone(Aor),
    /// A peer in a dialog that stands by us, on its flow.
    Flow(Flow),
    /// Somebody we only stand on the way to.
    Elsewhere,
    /// A URI that is no SIP URI.
    NoSip,
}

impl Destination {
    /// Reads a request that came by `flow`.
    pub(super) fn of(request: &Message, flow: &Flow, identity: &Identity, tokens: &Tokens) -> Self {
        let is_us = |uri: UriRef<'_>| identity.is_us(uri, flow.local);
        let token = |uri: UriRef<'_>| uri.user().and_then(|user| tokens.read(user));
        let mut way: Option<Said> = None;
        let (mut own_routes, mut routes) = (0, 0);
        let mut last = None;
        for route in request.routes() {
            let uri = route.and_then(|route| route.uri());
            routes += 1;
            if let Ok(uri) = uri
                && own_routes + 1 == routes
                && is_us(uri)
            {
                own_routes += 1;
                // The last of them stands for the side that the request leaves on.
                way = token(uri).or(way);
            }
            last = uri.ok();
        }
        let asked = request.uri().ok();
        // 16.4: what we once put into a Record-Route.
        let strict_way = asked.filter(|uri| is_us(*uri)).and_then(token);
        let strict = strict_way.is_some() && last.is_some();
        if strict {
            routes -= 1;
            own_routes = own_routes.min(routes);
            way = way.or(strict_way);
        }
        let uri = if strict { last } else { asked };
        let routes_left = routes - own_routes;
        // 16.4, 16.5: before the host says where a request is to go, `maddr` does; one that names us has done so.
        let maddr = uri.and_then(|uri| uri.param("maddr").flatten());
        let is_here = maddr.is_none_or(|maddr| identity.is_host(maddr, flow.local.ip()));
        let cleared = uri
            .filter(|_| maddr.is_some() && is_here)
            .and_then(without_maddr);
        let uri = cleared.as_ref().map(Uri::as_ref).or(uri);
        let target = match (way, uri) {
            (Some(said), _) => Target::Flow(said.flow),
            (None, _) if routes_left > 0 || !is_here => Target::Elsewhere,
            (None, Some(uri)) => aim(uri, identity, is_us(uri)),
            (None, None) => Target::Elsewhere,
        };
        Self {
            target,
            own_routes,
            routes_left,
            strict,
            is_abroad: way.is_some_and(|said| said.only_from.is_some()),
            only_from: way.and_then(|said| said.only_from),
            asked: cleared,
            detour: None,
            otherwise: None,
        }
    }

    /// The last of the Routes that name us.
    pub fn own_route<'a>(&self, request: &'a Message) -> Option<UriRef<'a>> {
        let last = self.own_routes.checked_sub(1)?;
        request.routes().nth(last)?.ok()?.uri().ok()
    }

    /// Whether a request belongs to a dialog that stands by us, as our token in its Route proves.
    pub fn is_in_dialog(&self, request: &Message) -> bool {
        let is_proven = match self.target {
            Target::Flow(_) => true,
            Target::Server | Target::Phone(_) | Target::Elsewhere | Target::NoSip => false,
        };
        is_proven && request.to().is_ok_and(|to| to.tag().is_some())
    }

    /// Whether nothing but TLS will do on the whole way (section 26.2.2, RFC 5630 section 5.3): somebody has asked for
    /// `sips:`. Within a dialog the Request-URI says so; what To says was true when it began.
    pub fn is_secure(&self, request: &Message) -> bool {
        let is_sips = |uri: UriRef<'_>| uri.scheme() == Scheme::Sips;
        let asks = |uri: &str| UriRef::parse(uri).is_ok_and(is_sips);
        self.uri(request).is_some_and(asks)
            || request
                .to()
                .is_ok_and(|to| to.tag().is_none() && to.uri().is_ok_and(is_sips))
    }

    /// Whether a request may take this flow.
    pub(super) fn may_take(&self, request: &Message, flow: &Flow) -> bool {
        flow.transport.is_secure() || !self.is_secure(request)
    }

    /// Whether a request may be passed on without being remembered (section 16.11): its Route says all that is to be known,
    /// and it cannot be cancelled.
    pub fn needs_no_memory(&self, request: &Message) -> bool {
        self.is_in_dialog(request) && request.method() != Some(&Method::Invite)
    }

    /// The Request-URI as it was before a strict router changed it, or as it is wished.
    pub(super) fn uri<'a>(&'a self, request: &'a Message) -> Option<&'a str> {
        if let Some(asked) = &self.asked {
            Some(asked.as_str())
        } else if self.strict {
            request.routes().last()?.ok().map(|route| route.uri_text())
        } else {
            request.request_uri()
        }
    }
}

/// The URI as if it had never named another place than its host: with `maddr` go port and transport (16.4).
fn without_maddr(uri: UriRef<'_>) -> Option<Uri> {
    let (scheme, _) = uri.as_str().split_once(':')?;
    let user = match (uri.user(), uri.password()) {
        (Some(user), Some(password)) => format!("{user}:{password}@"),
        (Some(user), None) => format!("{user}@"),
        (None, _) => String::new(),
    };
    let mut text = format!("{scheme}:{user}{}", uri.host());
    for (name, value) in uri.params() {
        if !["maddr", "transport"]
            .iter()
            .any(|gone| gone.eq_ignore_ascii_case(name))
        {
            text.push(';');
            text.push_str(name);
            if let Some(value) = value {
                text.push('=');
                text.push_str(value);
            }
        }
    }
    Uri::parse(&text).ok()
}

/// Whose a Request-URI is when no Route says otherwise.
pub(super) fn aim(uri: UriRef<'_>, identity: &Identity, is_us: bool) -> Target {
    match uri.scheme() {
        Scheme::Sip | Scheme::Sips => {}
        Scheme::Tel | Scheme::Other(_) => return Target::NoSip,
    }
    match uri.user() {
        Some(_) => match Aor::from_uri(uri) {
            Ok(aor) if is_us || identity.is_domain(aor.host()) => Target::Phone(aor),
            Ok(_) | Err(_) => Target::Elsewhere,
        },
        None if is_us || identity.is_domain(&uri.host().to_string()) => Target::Server,
        None => Target::Elsewhere,
    }
}
