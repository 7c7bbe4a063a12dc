//! What an INVITE to a device looks like. Not why it is sent or what follows.

use sip::dialog::invite_uac::{InviteParams, InviteUac};
use sip::dialog::{ALLOW, Body, Outbox};
use sip::msg::{NameAddr, Values};
use sip::name::{Aor, Ids, Scheme, SentBy, Transport, UriRef};
use sip::transaction::Timers;

use super::auto_answer;
use crate::binding::Binding;
use crate::identity::Identity;

/// Who is shown as caller.
#[derive(Clone, Copy, Debug)]
pub(in crate::call) struct Caller<'a> {
    pub(in crate::call) aor: &'a Aor,
    pub(in crate::call) display_name: Option<&'a str>,
}

/// What every INVITE of this server has in common.
#[derive(Clone, Copy, Debug)]
pub(in crate::call) struct Terms<'a> {
    pub(in crate::call) identity: &'a Identity,
    pub(in crate::call) timers: Timers,
    /// Whether the phone is asked to answer by itself.
    pub(in crate::call) answers_itself: bool,
}

/// Invites a device of `party`.
pub(super) fn start(
    party: &Aor,
    target: &Binding,
    caller: Caller<'_>,
    offer: Option<Body>,
    terms: Terms<'_>,
    ids: &mut Ids,
    out: &mut Outbox,
) -> InviteUac {
    let route: Vec<&str> = path(target).collect();
    let sent_by = terms.identity.sent_by(&target.flow);
    let extra: Vec<(&str, String)> = match terms.answers_itself {
        true => auto_answer::headers(target.user_agent(), &sent_by.to_string()).collect(),
        false => Vec::new(),
    };
    let extra = extra.iter().map(|(name, value)| (*name, value.as_str()));
    let headers: Vec<(&str, &str)> = HEADERS.into_iter().chain(extra).collect();
    let params = InviteParams {
        call_id: ids.call_id(),
        from: &name_addr(caller.display_name, caller.aor.as_str()),
        to: &name_addr(None, party.as_str()),
        request_uri: target.request_uri(),
        contact: &contact(target.flow.transport, sent_by, wants_sips(target)),
        flow: target.flow,
        host: sent_by.host,
        route: &route,
        headers: &headers,
        body: offer,
        allow: ALLOW,
        timers: terms.timers,
    };
    InviteUac::start(&params, ids, out)
}

/// RFC 3261 section 13.2.1 wants a Supported, also where there is nothing to name.
const HEADERS: [(&str, &str); 2] = [
    ("Supported", ""),
    (
        "User-Agent",
        concat!("Crosspoint/", env!("CARGO_PKG_VERSION")),
    ),
];

/// A name-addr (RFC 3261 section 25.1). The display name comes from the wire: it is quoted whatever it holds.
fn name_addr(display_name: Option<&str>, uri: &str) -> String {
    let Some(name) = display_name else {
        return format!("<{uri}>");
    };
    let mut text = String::with_capacity(name.len() + uri.len() + 8);
    text.push('"');
    for c in name.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push_str("\" <");
    text.push_str(uri);
    text.push('>');
    text
}

/// Whether the Request-URI or the top Route of an INVITE is a `sips:` URI (RFC 3261 section 8.1.1.8).
fn wants_sips(target: &Binding) -> bool {
    let first_hop = path(target)
        .next()
        .and_then(|hop| NameAddr::parse(hop.as_bytes()).ok());
    is_sips(target.contact()) || first_hop.is_some_and(|hop| is_sips(hop.uri_text()))
}

/// The values of the Path, one by one.
fn path(target: &Binding) -> impl Iterator<Item = &str> {
    Values::new(target.path().unwrap_or_default().as_bytes())
        .filter_map(|hop| std::str::from_utf8(hop).ok())
}

fn is_sips(uri: &str) -> bool {
    UriRef::parse(uri).is_ok_and(|uri| uri.scheme() == Scheme::Sips)
}

/// Where the phone reaches us. A `sips:` URI is answered by one (RFC 3261 section
/// 8.1.1.8); else TLS is named as phones name it, though RFC 3261 section 26.2.2 gave that up: there are phones that can
/// send nothing to a `sips:` URI.
fn contact(transport: Transport, sent_by: SentBy<'_>, sips: bool) -> String {
    let (scheme, transport) = match (sips, transport) {
        (true, transport) => ("sips", transport.uri_param()),
        (false, Transport::Tls) => ("sip", "tls"),
        (false, transport) => ("sip", transport.uri_param()),
    };
    format!("<{scheme}:{sent_by};transport={transport}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_cannot_leave_its_quotes() {
        assert_eq!(name_addr(None, "sip:a@x"), "<sip:a@x>");
        assert_eq!(
            name_addr(Some("Bob B."), "sip:b@x"),
            r#""Bob B." <sip:b@x>"#
        );
        assert_eq!(
            name_addr(Some("\" <sip:evil@x>\r\nVia: \\"), "sip:b@x"),
            r#""\" <sip:evil@x>Via: \\" <sip:b@x>"#
        );
    }

    #[test]
    fn the_contact_is_the_address_the_phone_knows() {
        let six = "[2001:db8::1]:5081".parse().unwrap();
        let four = "192.0.2.1:5080".parse().unwrap();
        for (transport, host, local, sips, contact) in [
            (
                Transport::Udp,
                None,
                four,
                false,
                "<sip:192.0.2.1:5080;transport=udp>",
            ),
            (
                Transport::Udp,
                Some("pbx.example.com"),
                four,
                false,
                "<sip:pbx.example.com:5080;transport=udp>",
            ),
            (
                Transport::Tls,
                None,
                six,
                false,
                "<sip:[2001:db8::1]:5081;transport=tls>",
            ),
            (
                Transport::Tls,
                None,
                six,
                is_sips("sips:alice@192.0.2.7"),
                "<sips:[2001:db8::1]:5081;transport=tcp>",
            ),
        ] {
            let sent_by = SentBy { host, local };
            assert_eq!(super::contact(transport, sent_by, sips), contact);
        }
    }
}
