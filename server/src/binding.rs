//! One binding: an address of record is reached at this contact, by this flow, until this moment
//! (RFC 3261 section 10).
//!
//! A plain value, never changed once made and shared by whoever reads it: location service, events, calls.
//! Knows neither the rules of registration nor whose binding it is. All texts come from the wire: escape them.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use sip::name::{ConnectionId, Flow, Scheme, UriRef};
use sip::time::Instant;

/// The bindings of one address of record, best `q` first, of equals the newest first.
pub type Bindings = Arc<[Arc<Binding>]>;

/// One way to reach an address of record.
#[derive(Clone, PartialEq, Eq)]
pub struct Binding {
    /// The way the registration came; requests go back by it (RFC 3581, RFC 5626 section 5.3).
    pub flow: Flow,
    /// When it runs out.
    pub expires: Instant,
    /// The CSeq number of the REGISTER that wrote it last (RFC 3261 section 10.3 step 7).
    pub cseq: u32,
    /// `reg-id` (RFC 5626 section 4.2).
    pub reg_id: Option<NonZeroU32>,
    /// Preference among the bindings of one address of record.
    pub q: Q,
    /// What is known of whether the phone can be reached.
    pub reach: Reach,
    texts: Texts,
}

/// What asking a phone has shown ([`crate::qualify`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// It was not asked (yet).
    #[default]
    Unknown,
    /// It answered after so many milliseconds.
    Answers(u32),
    /// It did not answer.
    Silent,
}

impl Reach {
    /// Whether nobody would see a difference: round trips vary by nature.
    pub fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Answers(one), Self::Answers(two)) => {
                one.abs_diff(two) <= 10.max(one.max(two) / 4)
            }
            (one, two) => one == two,
        }
    }
}

/// The texts of a [`Binding`]; an empty one is an absent one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BindingTexts<'a> {
    /// The Contact URI as the phone wrote it.
    pub contact: &'a str,
    /// The display name of the To header.
    pub display_name: &'a str,
    /// The User-Agent header.
    pub user_agent: &'a str,
    /// The Call-ID of the REGISTER that wrote it last.
    pub call_id: &'a str,
    /// `+sip.instance` without its quotes (RFC 5626 section 4.1).
    pub instance: &'a str,
    /// The Path values, comma-separated, in the order of a Route (RFC 3327).
    pub path: &'a str,
}

impl<'a> BindingTexts<'a> {
    const fn parts(self) -> [&'a str; 6] {
        let Self {
            contact,
            display_name,
            user_agent,
            call_id,
            instance,
            path,
        } = self;
        [contact, display_name, user_agent, call_id, instance, path]
    }
}

impl Binding {
    /// A binding. Texts longer than 64 KiB together are cut; the registrar refuses far shorter ones.
    pub fn new(
        flow: Flow,
        expires: Instant,
        cseq: u32,
        reg_id: Option<NonZeroU32>,
        q: Q,
        texts: BindingTexts<'_>,
    ) -> Self {
        let texts = Texts::new(texts.parts());
        Self::of_texts(flow, expires, cseq, reg_id, q, texts)
    }

    /// A binding that takes the place of this one. Where its texts are the same, as they are in a refresh, both share them.
    pub fn renewed(
        &self,
        flow: Flow,
        expires: Instant,
        cseq: u32,
        reg_id: Option<NonZeroU32>,
        q: Q,
        texts: BindingTexts<'_>,
    ) -> Self {
        let parts = texts.parts();
        let texts = if self.texts.are(&parts) {
            self.texts.clone()
        } else {
            Texts::new(parts)
        };
        Self::of_texts(flow, expires, cseq, reg_id, q, texts)
    }

    const fn of_texts(
        flow: Flow,
        expires: Instant,
        cseq: u32,
        reg_id: Option<NonZeroU32>,
        q: Q,
        texts: Texts,
    ) -> Self {
        Self {
            flow,
            expires,
            cseq,
            reg_id,
            q,
            reach: Reach::Unknown,
            texts,
        }
    }

    /// Whether both have the very same texts, as refreshes have; where not, they may still be equal.
    pub fn shares_texts_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.texts.all, &other.texts.all)
    }

    /// The same binding with what is known of its phone.
    pub fn with_reach(&self, reach: Reach) -> Self {
        Self {
            reach,
            ..self.clone()
        }
    }

    /// The same binding reached by another flow.
    pub fn with_flow(&self, flow: Flow) -> Self {
        Self {
            flow,
            ..self.clone()
        }
    }

    /// Whether the other one differs in nothing but what a refresh moves (expiry, CSeq) and what is not kept
    /// ([`Binding::reach`]).
    pub fn is_same_but_for_time(&self, other: &Self) -> bool {
        let Self {
            flow,
            expires: _,
            cseq: _,
            reg_id,
            q,
            reach: _,
            texts,
        } = self;
        (flow, reg_id, q, texts) == (&other.flow, &other.reg_id, &other.q, &other.texts)
    }

    /// Whether there is a way to the phone. There is none to one that only its own connection reaches, after a restart
    /// of the server, until it registers again.
    pub fn is_reachable(&self) -> bool {
        self.flow.connection != ConnectionId::GONE
    }

    /// Whether what goes to the phone goes by TLS to the phone itself. Behind a proxy its Contact says so: `sips:` is bound
    /// by TLS only. Else the flow does, since most phones on TLS have a `sip:` Contact.
    pub fn is_secure(&self) -> bool {
        let is_sips =
            || UriRef::parse(self.contact()).is_ok_and(|uri| uri.scheme() == Scheme::Sips);
        self.flow.transport.is_secure() && (self.path().is_none() || is_sips())
    }

    /// The Contact URI as the phone wrote it; a valid SIP or SIPS URI.
    pub fn contact(&self) -> &str {
        self.texts.nth(0)
    }

    /// The Contact URI as it may stand in a Request-URI: without headers (RFC 3261 section 19.1.5).
    pub fn request_uri(&self) -> &str {
        let contact = self.contact();
        if !contact.contains('?') {
            return contact;
        }
        UriRef::parse(contact).map_or(contact, |uri| uri.without_headers())
    }

    /// The display name of the To header, if the phone sent one.
    pub fn display_name(&self) -> Option<&str> {
        present(self.texts.nth(1))
    }

    /// The User-Agent header, if the phone sent one.
    pub fn user_agent(&self) -> Option<&str> {
        present(self.texts.nth(2))
    }

    /// The Call-ID of the REGISTER that wrote it last.
    pub fn call_id(&self) -> &str {
        self.texts.nth(3)
    }

    /// `+sip.instance` without its quotes, if the phone sent one (RFC 5626 section 4.1).
    pub fn instance(&self) -> Option<&str> {
        present(self.texts.nth(4))
    }

    /// The Path, comma-separated: the Route of a request to this binding (RFC 3327 section 5.1).
    pub fn path(&self) -> Option<&str> {
        present(self.texts.nth(5))
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding")
            .field("contact", &self.contact())
            .field("flow", &self.flow)
            .field("expires", &self.expires)
            .field("q", &self.q)
            .field("user_agent", &self.user_agent())
            .finish_non_exhaustive()
    }
}

/// A preference from 0 to 1 in thousandths (RFC 3261 section 25, `qvalue`); 1 where none is given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Q(u16);

impl Q {
    /// 1.0
    pub const MAX: Self = Self(1000);

    /// So many thousandths, at most 1000.
    pub fn thousandths(n: u16) -> Self {
        Self(n.min(1000))
    }

    /// How many thousandths it is.
    pub const fn in_thousandths(self) -> u16 {
        self.0
    }
}

impl Default for Q {
    fn default() -> Self {
        Self::MAX
    }
}

impl fmt::Display for Q {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 1000, self.0 % 1000) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, rest) => write!(f, "{}", format!("{whole}.{rest:03}").trim_end_matches('0')),
        }
    }
}

impl fmt::Debug for Q {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "q={self}")
    }
}

/// Six texts in one allocation: a quarter of a million of these are held at once.
#[derive(Clone, PartialEq, Eq)]
struct Texts {
    all: Arc<str>,
    ends: [u16; 6],
}

impl Texts {
    fn new(parts: [&str; 6]) -> Self {
        let mut all = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        let ends = parts.map(|part| {
            let room = usize::from(u16::MAX) - all.len();
            all.push_str(&part[..part.floor_char_boundary(room)]);
            u16::try_from(all.len()).unwrap_or(u16::MAX)
        });
        Self {
            all: all.into(),
            ends,
        }
    }

    fn are(&self, parts: &[&str; 6]) -> bool {
        parts
            .iter()
            .enumerate()
            .all(|(n, part)| self.nth(n) == *part)
    }

    fn nth(&self, n: usize) -> &str {
        let start = if n == 0 { 0 } else { self.ends[n - 1] };
        &self.all[usize::from(start)..usize::from(self.ends[n])]
    }
}

fn present(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
