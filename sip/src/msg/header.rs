//! Header names (RFC 3261 section 20, the IANA registry "SIP Parameters: Header Fields"): any case, compact forms.
//!
//! A name that is not in the table is [`Name::Other`]; its text stays with the header. Knows no values.

macro_rules! names {
    ($($variant:ident $canonical:literal $($compact:literal)?;)*) => {
        /// The name of a header field.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Name {
            $(#[doc = concat!("`", $canonical, "`", $(" (compact form `", $compact, "`)")?)] $variant,)*
            /// Any other; see [`super::Header::text`].
            Other,
        }

        /// Every known name, in the order of the enum.
        const ALL: &[Name] = &[$(Name::$variant),*];
        const CANONICAL: &[&str] = &[$($canonical),*];
        const COMPACT: &[&str] = &[$(concat!($($compact)?)),*];
    };
}

names! {
    Accept "Accept";
    AcceptContact "Accept-Contact" "a";
    AcceptEncoding "Accept-Encoding";
    AcceptLanguage "Accept-Language";
    AlertInfo "Alert-Info";
    Allow "Allow";
    AllowEvents "Allow-Events" "u";
    AuthenticationInfo "Authentication-Info";
    Authorization "Authorization";
    CallId "Call-ID" "i";
    CallInfo "Call-Info";
    Contact "Contact" "m";
    ContentDisposition "Content-Disposition";
    ContentEncoding "Content-Encoding" "e";
    ContentLanguage "Content-Language";
    ContentLength "Content-Length" "l";
    ContentType "Content-Type" "c";
    Cseq "CSeq";
    Date "Date";
    ErrorInfo "Error-Info";
    Event "Event" "o";
    Expires "Expires";
    FeatureCaps "Feature-Caps";
    FlowTimer "Flow-Timer";
    From "From" "f";
    Geolocation "Geolocation";
    HistoryInfo "History-Info";
    Identity "Identity" "y";
    InReplyTo "In-Reply-To";
    InfoPackage "Info-Package";
    Join "Join";
    MaxBreadth "Max-Breadth";
    MaxForwards "Max-Forwards";
    MimeVersion "MIME-Version";
    MinExpires "Min-Expires";
    MinSe "Min-SE";
    Organization "Organization";
    PAccessNetworkInfo "P-Access-Network-Info";
    PAssertedIdentity "P-Asserted-Identity";
    PPreferredIdentity "P-Preferred-Identity";
    Path "Path";
    Priority "Priority";
    Privacy "Privacy";
    ProxyAuthenticate "Proxy-Authenticate";
    ProxyAuthorization "Proxy-Authorization";
    ProxyRequire "Proxy-Require";
    Rack "RAck";
    Reason "Reason";
    RecordRoute "Record-Route";
    RecvInfo "Recv-Info";
    ReferSub "Refer-Sub";
    ReferTo "Refer-To" "r";
    ReferredBy "Referred-By" "b";
    RejectContact "Reject-Contact" "j";
    Replaces "Replaces";
    ReplyTo "Reply-To";
    RequestDisposition "Request-Disposition" "d";
    Require "Require";
    RetryAfter "Retry-After";
    Route "Route";
    Rseq "RSeq";
    Server "Server";
    ServiceRoute "Service-Route";
    SessionExpires "Session-Expires" "x";
    SessionId "Session-ID";
    SipEtag "SIP-ETag";
    SipIfMatch "SIP-If-Match";
    Subject "Subject" "s";
    SubscriptionState "Subscription-State";
    Supported "Supported" "k";
    TargetDialog "Target-Dialog";
    Timestamp "Timestamp";
    To "To" "t";
    Unsupported "Unsupported";
    UserAgent "User-Agent";
    Via "Via" "v";
    Warning "Warning";
    WwwAuthenticate "WWW-Authenticate";
}

impl Name {
    /// Every known name.
    pub const ALL: &'static [Self] = ALL;

    /// The canonical long form, as the RFCs write it; empty for [`Name::Other`].
    pub const fn as_str(self) -> &'static str {
        let at = self as usize;
        if at < CANONICAL.len() {
            CANONICAL[at]
        } else {
            ""
        }
    }

    /// The compact form, if there is one.
    pub const fn compact(self) -> Option<&'static str> {
        let at = self as usize;
        if at < COMPACT.len() && !COMPACT[at].is_empty() {
            Some(COMPACT[at])
        } else {
            None
        }
    }

    /// Reads a name, long or compact, in any case.
    #[inline]
    pub fn parse(text: &[u8]) -> Self {
        let Some(slot) = slot(text) else {
            return Self::Other;
        };
        let Some(&(name, expected)) = FORMS.get(usize::from(TABLE[slot])) else {
            return Self::Other;
        };
        // Nearly all write the canonical form, and comparing that is cheaper.
        if text == expected || text.eq_ignore_ascii_case(expected) {
            name
        } else {
            Self::Other
        }
    }

    /// Whether a message may hold only one such line (RFC 3261 section 7.3.1), so that two of them contradict.
    pub(super) const fn is_single(self) -> bool {
        matches!(
            self,
            Self::CallId
                | Self::ContentLength
                | Self::ContentType
                | Self::Cseq
                | Self::Expires
                | Self::From
                | Self::MaxForwards
                | Self::To
        )
    }
}

const SLOTS: usize = 512;

/// Where a name stands in [`TABLE`]: length, first, middle and last letter tell all known names apart, and these
/// factors put each in a slot of its own. A name added to the table may need new factors: the build says so.
const fn slot(text: &[u8]) -> Option<usize> {
    if text.is_empty() {
        return None;
    }
    let first = text[0] | 0x20;
    let middle = text[text.len() / 2] | 0x20;
    let last = text[text.len() - 1] | 0x20;
    Some((text.len() + 2 * first as usize + 63 * middle as usize + 25 * last as usize) % SLOTS)
}

/// Every form of every name: the long ones, then the compact ones (empty where there is none).
static FORMS: [(Name, &[u8]); 2 * ALL.len()] = {
    let mut forms: [(Name, &[u8]); 2 * ALL.len()] = [(Name::Other, b""); 2 * ALL.len()];
    let mut at = 0;
    while at < ALL.len() {
        forms[at] = (ALL[at], CANONICAL[at].as_bytes());
        forms[ALL.len() + at] = (ALL[at], COMPACT[at].as_bytes());
        at += 1;
    }
    forms
};

/// From slot to the number of the form; 255 where there is none.
static TABLE: [u8; SLOTS] = {
    assert!(FORMS.len() < u8::MAX as usize);
    let mut table = [u8::MAX; SLOTS];
    let mut form = 0;
    while form < FORMS.len() {
        if let Some(slot) = slot(FORMS[form].1) {
            assert!(
                table[slot] == u8::MAX,
                "two header names share a slot: choose other factors"
            );
            table[slot] = form as u8;
        }
        form += 1;
    }
    table
};
