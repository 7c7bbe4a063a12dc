//! A dialog (RFC 3261 section 12): what two user agents must remember to go on talking, in both roles.
//!
//! Knows no transactions and no usages: it builds requests within the dialog and judges the peer's. Resolves
//! nothing: a request leaves on the [`Flow`] that made the dialog, whatever the Contact says, because a Contact
//! behind a NAT leads nowhere. Who can resolve [`Dialog::next_hop`] may choose another one.

use crate::msg::build::Request;
use crate::msg::{Contact, Message, Method, Name, NameAddr};
use crate::name::{Branch, CallId, Flow, Scheme, SentBy, Tag, UriRef};

/// Names a dialog at our side (RFC 3261 section 12). A peer of RFC 2543 without a tag has an empty one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DialogId {
    /// The Call-ID.
    pub call_id: CallId,
    /// Our tag.
    pub local_tag: Tag,
    /// The peer's tag.
    pub remote_tag: Tag,
}

/// Why a request of the peer is not taken (RFC 3261 section 12.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reject {
    /// 481 for tags of another dialog, 500 for a CSeq out of order, 400 for none.
    pub status: u16,
}

/// Our half of the dialogs that a request of ours may make (RFC 3261 section 12.1.2).
#[derive(Clone, Debug)]
pub struct Origin {
    /// The Call-ID of the request.
    pub call_id: CallId,
    /// Our tag.
    pub tag: Tag,
    /// The value of From, tag included.
    pub from: Box<str>,
    /// The value of Contact.
    pub contact: Box<str>,
    /// The Request-URI: the target as long as the peer names none.
    pub target: Box<str>,
    /// The number in CSeq.
    pub cseq: u32,
    /// The way the request went.
    pub flow: Flow,
    /// The host of our Via, where it is not our address.
    pub host: Option<Box<str>>,
}

/// The state of one dialog.
#[derive(Clone, Debug)]
pub struct Dialog {
    id: DialogId,
    local: Box<str>,
    remote: Box<str>,
    contact: Box<str>,
    target: Box<str>,
    /// In the order in which requests carry it.
    route: Vec<Box<str>>,
    local_cseq: u32,
    remote_cseq: Option<u32>,
    is_secure: bool,
    allows_update: bool,
    flow: Flow,
    host: Option<Box<str>>,
}

impl Dialog {
    /// The dialog that a response to our request makes: a 1xx with To tag an early, a 2xx a confirmed one
    /// (RFC 3261 section 12.1.2). A response without the Contact it must have leaves the target as it was.
    pub fn uac(origin: &Origin, response: &Message) -> Self {
        let mut dialog = Self {
            id: DialogId {
                call_id: origin.call_id.clone(),
                local_tag: origin.tag.clone(),
                remote_tag: remote_tag(response),
            },
            local: origin.from.clone(),
            remote: response.text(Name::To).unwrap_or_default().into(),
            contact: origin.contact.clone(),
            target: origin.target.clone(),
            route: Vec::new(),
            local_cseq: origin.cseq,
            remote_cseq: None,
            allows_update: false,
            is_secure: origin.flow.transport.is_secure() && is_sips(&origin.target),
            flow: origin.flow,
            host: origin.host.clone(),
        };
        dialog.confirm(response);
        dialog
    }

    /// The dialog that our response to a request makes (RFC 3261 section 12.1.1). `contact` is our own.
    pub fn uas(request: &Message, local_tag: &Tag, contact: &str, flow: &Flow) -> Self {
        let to = request.text(Name::To).unwrap_or_default();
        let from = request.from().ok();
        let from_uri = from.map_or("", |from| from.uri_text());
        let tag = from.and_then(|from| from.tag()).unwrap_or_default();
        let mut dialog = Self {
            id: DialogId {
                call_id: CallId::new(request.call_id().unwrap_or_default()),
                local_tag: local_tag.clone(),
                remote_tag: Tag::new(tag),
            },
            local: format!("{to};tag={local_tag}").into(),
            remote: request.text(Name::From).unwrap_or_default().into(),
            contact: contact.into(),
            target: from_uri.into(),
            route: texts(request, Name::RecordRoute),
            // Every request that follows is larger; where to begin is ours to choose (section 12.1.1).
            local_cseq: 0,
            remote_cseq: request.cseq().ok().map(|(number, _)| number),
            allows_update: false,
            is_secure: flow.transport.is_secure() && request.request_uri().is_some_and(is_sips),
            flow: *flow,
            host: None,
        };
        dialog.refresh(request);
        dialog
    }

    /// A 2xx made this early dialog a confirmed one: route set and target are taken anew from it (RFC 3261
    /// section 13.2.2.4).
    pub fn confirm(&mut self, response: &Message) {
        self.route = texts(response, Name::RecordRoute);
        self.route.reverse();
        self.refresh(response);
    }

    /// Takes the remote target, and whether it allows UPDATE, from a target refresh request or its 2xx (RFC 3261 sections 12.2.1.2 and 12.2.2).
    pub fn refresh(&mut self, message: &Message) {
        let contact = message.contacts().next().and_then(Result::ok);
        let address = contact.as_ref().and_then(Contact::address);
        // What is no URI would break the request line.
        if let Some(uri) = address.and_then(|address| address.uri().ok()) {
            self.target = uri.without_headers().into();
        }
        if message.raw(Name::Allow).is_some() {
            self.allows_update = message.lists(Name::Allow, "UPDATE");
        }
    }

    /// Judges a request of the peer, and remembers its CSeq (RFC 3261 section 12.2.2). Equal numbers pass: the
    /// text forbids lower ones only, and a repetition does not get past its transaction.
    pub fn receive(&mut self, request: &Message) -> Result<(), Reject> {
        if !self.owns(request) {
            return Err(Reject { status: 481 });
        }
        let Ok((number, _)) = request.cseq() else {
            return Err(Reject { status: 400 });
        };
        if self.remote_cseq.is_some_and(|last| number < last) {
            return Err(Reject { status: 500 });
        }
        self.remote_cseq = Some(number);
        Ok(())
    }

    /// Whether a request of the peer carries this dialog's Call-ID and tags.
    pub fn owns(&self, request: &Message) -> bool {
        let tag = |party: Option<NameAddr<'_>>, own: &Tag| {
            party.and_then(|party| party.tag()).unwrap_or_default() == own.as_str()
        };
        request
            .call_id()
            .is_ok_and(|id| id == self.id.call_id.as_str())
            && tag(request.to().ok(), &self.id.local_tag)
            && tag(request.from().ok(), &self.id.remote_tag)
    }

    /// Begins the next request within the dialog (RFC 3261 section 12.2.1.1): all that the dialog dictates, and a
    /// Contact where the method is to refresh our target or makes a usage of its own.
    pub fn request<'a>(&mut self, method: &Method, branch: &Branch) -> Request<'a> {
        self.local_cseq = self.local_cseq.saturating_add(1);
        let draft = self.draft(method, self.local_cseq, branch);
        match method {
            Method::Invite
            | Method::Update
            | Method::Subscribe
            | Method::Notify
            | Method::Refer => draft.contact(&self.contact),
            Method::Ack
            | Method::Bye
            | Method::Cancel
            | Method::Info
            | Method::Message
            | Method::Options
            | Method::Prack
            | Method::Publish
            | Method::Register
            | Method::Extension(_) => draft,
        }
    }

    /// Begins the ACK to a 2xx: the CSeq number of its INVITE, a branch of its own (RFC 3261 section 13.2.2.4).
    pub fn ack<'a>(&self, cseq: u32, branch: &Branch) -> Request<'a> {
        self.draft(&Method::Ack, cseq, branch)
    }

    /// Its name.
    pub fn id(&self) -> &DialogId {
        &self.id
    }

    /// The remote target: a URI.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The URI that RFC 3261 section 8.1.2 sends the next request to: the first route, or the target.
    pub fn next_hop(&self) -> &str {
        self.route
            .first()
            .map_or(&*self.target, |first| route_uri(first))
    }

    /// Our Contact, as a header value.
    pub fn contact(&self) -> &str {
        &self.contact
    }

    /// The number in the CSeq of our last request.
    pub fn local_cseq(&self) -> u32 {
        self.local_cseq
    }

    /// The number in the CSeq of the peer's last request.
    pub fn remote_cseq(&self) -> Option<u32> {
        self.remote_cseq
    }

    /// Whether the dialog was made under a `sips:` URI (RFC 3261 section 12.1).
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Whether the peer has said that it takes UPDATE (RFC 3311 section 5.1).
    pub fn allows_update(&self) -> bool {
        self.allows_update
    }

    /// The way requests leave.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// Requests leave another way from now on.
    pub fn set_flow(&mut self, flow: Flow) {
        self.flow = flow;
    }

    /// A message of the peer came this way. Of streams the newest connection is the one that works; datagrams may
    /// come from a port on which nobody listens, so there the known way stays.
    pub fn heard(&mut self, flow: &Flow) {
        if flow.transport.is_reliable() {
            self.flow = *flow;
        }
    }

    /// RFC 3261 section 12.2.1.1: a first route without `lr` is a strict router, which wants itself in the
    /// Request-URI and the target at the end of the route.
    fn draft<'a>(&self, method: &Method, cseq: u32, branch: &Branch) -> Request<'a> {
        let strict = self.route.first().and_then(|first| strict_router(first));
        let uri = strict.unwrap_or(&self.target);
        let sent_by = SentBy {
            host: self.host.as_deref(),
            local: self.flow.local,
        };
        let mut draft = Request::new(method, uri)
            .via(self.flow.transport, sent_by, branch)
            .from(&self.local)
            .to(&self.remote)
            .call_id(&self.id.call_id)
            .cseq(cseq, method)
            .max_forwards(70);
        for route in self.route.iter().skip(usize::from(strict.is_some())) {
            draft = draft.route(route);
        }
        if strict.is_some() {
            draft = draft.route(format_args!("<{}>", self.target));
        }
        draft
    }
}

/// The To tag of a response: the peer's.
pub(super) fn remote_tag(response: &Message) -> Tag {
    let to = response.to().ok();
    Tag::new(to.and_then(|to| to.tag()).unwrap_or_default())
}

fn texts(message: &Message, name: Name) -> Vec<Box<str>> {
    message
        .values(name)
        .map(|value| String::from_utf8_lossy(value).into())
        .collect()
}

fn route_uri(value: &str) -> &str {
    NameAddr::parse(value.as_bytes()).map_or(value, |address| address.uri_text())
}

/// The URI of a route that does not say `lr`, as it may stand in a Request-URI.
pub(super) fn strict_router(route: &str) -> Option<&str> {
    let uri = UriRef::parse(route_uri(route)).ok()?;
    (!uri.is_loose()).then(|| uri.without_headers())
}

fn is_sips(uri: &str) -> bool {
    UriRef::parse(uri).is_ok_and(|uri| uri.scheme() == Scheme::Sips)
}
