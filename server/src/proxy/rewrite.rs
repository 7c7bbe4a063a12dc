//! What a request or response looks like when it leaves (RFC 3261 section 16.6 steps 1 to 8, 16.7 steps 3 and 8).
//! Spliced: what need not change stays as it came, octet for octet. Decides nothing.

use std::fmt;

use bytes::Bytes;
use sip::auth::Credentials;
use sip::msg::splice::Splice;
use sip::msg::{Message, Method, Name, NameAddr, Values};
use sip::name::{Branch, Flow, Scheme, SentBy, Transport, UriRef};

use super::destination::{Destination, Detour};
use super::token::Tokens;
use crate::identity::Identity;

/// One copy of a request.
#[derive(Debug)]
pub(super) struct Hop<'a> {
    /// What was put right before.
    pub(super) destination: &'a Destination,
    /// The Request-URI, where it is to be another one.
    pub(super) uri: Option<&'a str>,
    /// Route values above all others: the Path of a binding (RFC 3327 section 5.1).
    pub(super) path: Option<&'a str>,
    /// Credentials of ours for the peer it goes to.
    pub(super) proof: Option<(Name, &'a str)>,
    /// The way on.
    pub(super) flow: Flow,
    /// The way back, where we stay on the way of the dialog that this request may begin.
    pub(super) record: Option<Flow>,
    /// Whether they lead to another domain: the way on, and the way back.
    pub(super) is_abroad: [bool; 2],
    /// Of our Via.
    pub(super) branch: &'a Branch,
    /// RFC 5393 section 5.3.3.
    pub(super) breadth: u32,
}

/// What we call ourselves, and the secret of our tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signature<'a> {
    pub(super) identity: &'a Identity,
    pub(super) tokens: &'a Tokens,
    /// The realm whose credentials are for us.
    pub(super) realm: Option<&'a str>,
}

/// The request as it goes on.
pub(super) fn request(request: &Message, hop: &Hop<'_>, signature: Signature<'_>) -> Bytes {
    let destination = hop.destination;
    let restored = if destination.strict || destination.asked.is_some() {
        destination.uri(request)
    } else {
        None
    };
    let uri = hop.uri.or(restored);
    let mut splice = Splice::new(request);
    if let Some(realm) = signature.realm {
        // RFC 3261 section 22.3: those for others go on. Ours would let the callee guess the password.
        let is_ours = |value: &[u8]| Credentials::parse(value).is_ok_and(|it| it.is_for(realm));
        splice = splice.remove_where(Name::ProxyAuthorization, is_ours);
    }
    if let Some((name, credentials)) = hop.proof {
        splice = splice.append(name, credentials);
    }
    if let Some(uri) = uri {
        splice = splice.request_uri(uri);
    }
    match strict_router(request, hop) {
        None if destination.routes_left == 0 => splice = splice.remove(Name::Route),
        // Step 6: the next hop knows no loose routing.
        Some(next) => {
            let behind = uri.or_else(|| request.request_uri()).unwrap_or_default();
            splice = splice
                .request_uri(next.uri_text())
                .remove_front(Name::Route, destination.own_routes + 1)
                .append(Name::Route, format_args!("<{behind}>"));
        }
        None if destination.own_routes > 0 => {
            splice = splice.remove_front(Name::Route, destination.own_routes);
        }
        None => {}
    }
    if destination.strict && destination.routes_left > 0 {
        splice = splice.remove_last(Name::Route);
    }
    if let Some(path) = hop.path {
        splice = splice.prepend(Name::Route, path);
    }
    if let Some(Detour { by, ticket }) = destination.detour.as_deref() {
        splice = splice.prepend(Name::Route, format_args!("<{}>", by.as_str()));
        if let Some(ticket) = ticket {
            splice = splice.prepend(
                Name::Route,
                Own {
                    user: ticket,
                    host: signature.identity.sent_by(&hop.flow),
                    transport: hop.flow.transport,
                    is_secure: false,
                },
            );
        }
    }
    splice = splice.prepend(
        Name::Via,
        format_args!(
            "SIP/2.0/{} {};rport;branch={}",
            hop.flow.transport.via_token(),
            signature.identity.sent_by(&hop.flow),
            hop.branch
        ),
    );
    if let Some(back) = &hop.record {
        let is_sips = |uri: &str| UriRef::parse(uri).is_ok_and(|uri| uri.scheme() == Scheme::Sips);
        let is_secure = destination.is_secure(request)
            || uri.or_else(|| request.request_uri()).is_some_and(is_sips)
            || top_route(request, hop).is_some_and(|route| is_sips(route.uri_text()));
        // The side of the callee stands above that of the caller.
        let [on_abroad, back_abroad] = hop.is_abroad;
        for (flow, is_abroad, other) in
            [(&hop.flow, on_abroad, back), (back, back_abroad, &hop.flow)]
        {
            splice = splice.prepend(
                Name::RecordRoute,
                Own {
                    user: signature
                        .tokens
                        .write(flow, is_abroad.then_some(other.peer.ip()))
                        .as_str(),
                    host: signature.identity.sent_by(flow),
                    transport: flow.transport,
                    is_secure,
                },
            );
        }
    }
    // Step 9.
    if hop.flow.transport.is_reliable() {
        splice = with_length(splice, request);
    }
    // Step 3. A request without it is one of RFC 2543.
    let hops = request.max_forwards().ok().flatten();
    splice
        .replace(Name::MaxForwards, hops.map_or(70, |n| n.saturating_sub(1)))
        .replace(Name::MaxBreadth, hop.breadth)
        .finish()
}

/// The response as it goes back: without our Via.
pub(super) fn response(response: &Message) -> Bytes {
    with_length(Splice::new(response), response)
        .remove_first(Name::Via)
        .finish()
}

/// The best of several challenges with those of the others (section 16.7 step 7).
pub(super) fn challenge<'a>(best: &Message, others: impl Iterator<Item = &'a Message>) -> Bytes {
    let mut splice = with_length(Splice::new(best), best).remove_first(Name::Via);
    for other in others {
        for name in [Name::WwwAuthenticate, Name::ProxyAuthenticate] {
            for value in other.all(name) {
                splice = splice.append(name, String::from_utf8_lossy(value));
            }
        }
    }
    splice.finish()
}

/// Whether we stay on the way of what a request with this method begins, or goes on with (step 4).
pub(super) const fn is_recorded(method: &Method) -> bool {
    match method {
        Method::Invite
        | Method::Subscribe
        | Method::Refer
        | Method::Notify
        | Method::Extension(_) => true,
        Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Info
        | Method::Message
        | Method::Options
        | Method::Prack
        | Method::Publish
        | Method::Register
        | Method::Update => false,
    }
}

/// What came by datagram may go on by a stream, where only its length tells where it ends (section 18.3).
fn with_length<'a>(splice: Splice<'a>, message: &Message) -> Splice<'a> {
    match message.raw(Name::ContentLength) {
        Some(_) => splice,
        None => splice.replace(Name::ContentLength, message.body().len()),
    }
}

/// The Route that stands on top when the request leaves, unless the next hop is a strict router.
fn top_route<'a>(request: &'a Message, hop: &Hop<'a>) -> Option<NameAddr<'a>> {
    let destination = hop.destination;
    match hop.path {
        Some(path) => NameAddr::parse(Values::new(path.as_bytes()).next()?).ok(),
        None if destination.routes_left == 0 => None,
        None => request.routes().nth(destination.own_routes)?.ok(),
    }
}

/// The next Route, if it has no `lr`. A Path always has it (RFC 3327 section 5.2).
fn strict_router<'a>(request: &'a Message, hop: &Hop<'_>) -> Option<NameAddr<'a>> {
    let destination = hop.destination;
    if hop.path.is_some() || destination.detour.is_some() || destination.routes_left == 0 {
        return None;
    }
    let next = request.routes().nth(destination.own_routes)?.ok()?;
    next.uri().is_ok_and(|uri| !uri.is_loose()).then_some(next)
}

/// A Route or Record-Route value of ours.
struct Own<'a> {
    user: &'a str,
    host: SentBy<'a>,
    transport: Transport,
    is_secure: bool,
}

impl fmt::Display for Own<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "sips" } else { "sip" };
        let transport = match self.transport {
            Transport::Tls if !self.is_secure => "tls",
            Transport::Udp | Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => {
                self.transport.uri_param()
            }
        };
        write!(
            f,
            "<{scheme}:{}@{};transport={transport};lr>",
            self.user, self.host
        )
    }
}
