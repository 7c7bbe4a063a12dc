//! The faults of rsip 0.4 that are known, by what triggers them. Each has a test that fails when rsip loses it.

use sip::msg::{Message, Method, Name};
use sip::name::{Host, Scheme, UriRef};

use super::Field;

/// Something legal that rsip 0.4 refuses or misreads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KnownFault {
    /// One octet that is not UTF-8 in a header: refuses the message.
    NotUtf8,
    /// A line that ends with LF alone: refuses the message.
    BareLineFeed,
    /// A folded line: refuses the message.
    FoldedLine,
    /// `Name :`: refuses the message.
    BlankBeforeColon,
    /// `v:`, `f:`, `t:`: does not find the header.
    CompactName,
    /// A method it does not list: refuses the request, or its CSeq.
    UnknownMethod,
    /// A URI that is neither `sip:` nor `sips:`.
    ForeignScheme,
    /// A transport it does not list, in a URI or a Via.
    UnknownTransport,
    /// An IPv6 address in a URI or a Via.
    BracketedHost,
    /// A user part with a dot: takes all up to the port for the host.
    DottedUser,
    /// `?` in a URI: takes the headers for a part of the host.
    UriHeaders,
    /// `<` and `>` inside of a quoted display name: takes what they enclose for the URI.
    BracketInQuotes,
    /// A blank at `;` or `=`: loses the parameters from there on.
    BlankAtParam,
    /// A parameter value with other characters than those of a token, such as an IPv6 address in `received`: loses the
    /// parameters from there on.
    ParamValue,
    /// CSeq parted by anything but one blank.
    BlankInCseq,
}

use KnownFault::*;

impl KnownFault {
    /// All of them.
    pub const ALL: [Self; 15] = [
        NotUtf8,
        BareLineFeed,
        FoldedLine,
        BlankBeforeColon,
        CompactName,
        UnknownMethod,
        ForeignScheme,
        UnknownTransport,
        BracketedHost,
        DottedUser,
        UriHeaders,
        BracketInQuotes,
        BlankAtParam,
        ParamValue,
        BlankInCseq,
    ];

    /// The first fault that can spoil `field` and that `message` triggers.
    pub(super) fn excuse(field: Field, message: &Message) -> Option<Self> {
        let uri = message.request_uri();
        let in_uri = [
            ForeignScheme,
            UnknownTransport,
            BracketedHost,
            DottedUser,
            UriHeaders,
        ];
        let first = |faults: &[Self], is_met: &dyn Fn(Self) -> bool| {
            faults.iter().copied().find(|&fault| is_met(fault))
        };
        match field {
            Field::Whole => first(
                &[NotUtf8, BareLineFeed, FoldedLine, BlankBeforeColon],
                &|fault| fault.in_head(message),
            )
            .or_else(|| {
                UnknownMethod
                    .in_method(message.method()?)
                    .then_some(UnknownMethod)
            })
            .or_else(|| first(&in_uri, &|fault| uri.is_some_and(|uri| fault.in_uri(uri)))),
            Field::Uri => first(&in_uri, &|fault| uri.is_some_and(|uri| fault.in_uri(uri))),
            Field::Cseq => first(&[CompactName, BlankInCseq, UnknownMethod], &|fault| {
                fault.in_cseq(message)
            }),
            Field::FromTag => Self::in_address(message, Name::From),
            Field::ToTag => Self::in_address(message, Name::To),
            Field::Branch => Self::in_via(message),
            Field::CallId => CompactName
                .in_name(message, Name::CallId)
                .then_some(CompactName),
            Field::Start | Field::Body => None,
        }
    }

    fn in_head(self, message: &Message) -> bool {
        let head = message.bytes().len() - message.body().len();
        let head = &message.bytes()[..head];
        let mut lines = head.split(|&octet| octet == b'\n').skip(1);
        match self {
            NotUtf8 => std::str::from_utf8(head).is_err(),
            BareLineFeed => head
                .windows(2)
                .any(|pair| pair[0] != b'\r' && pair[1] == b'\n'),
            FoldedLine => lines.any(|line| matches!(line.first(), Some(b' ' | b'\t'))),
            BlankBeforeColon => lines.any(|line| {
                let name = line
                    .split(|&octet| octet == b':')
                    .next()
                    .unwrap_or_default();
                name.last().is_some_and(u8::is_ascii_whitespace) && name.len() < line.len()
            }),
            _ => false,
        }
    }

    fn in_name(self, message: &Message, name: Name) -> bool {
        self == CompactName
            && message
                .headers()
                .find(|header| header.name() == name)
                .is_some_and(|header| header.text().len() == 1)
    }

    fn in_method(self, method: &Method) -> bool {
        self == UnknownMethod && matches!(method, Method::Extension(_))
    }

    fn in_cseq(self, message: &Message) -> bool {
        let raw = message.raw(Name::Cseq).unwrap_or_default();
        let is_blank = |octet: &&u8| octet.is_ascii_whitespace();
        match self {
            BlankInCseq => raw.iter().filter(is_blank).count() > 1 || !raw.contains(&b' '),
            UnknownMethod => message
                .cseq()
                .is_ok_and(|(_, method)| self.in_method(&method)),
            _ => self.in_name(message, Name::Cseq),
        }
    }

    fn in_uri(self, text: &str) -> bool {
        let Ok(uri) = UriRef::parse(text) else {
            return false;
        };
        let transport = uri.param("transport").flatten();
        match self {
            ForeignScheme => !matches!(uri.scheme(), Scheme::Sip | Scheme::Sips),
            UnknownTransport => transport.is_some_and(|transport| !is_listed(transport)),
            BracketedHost => matches!(uri.host(), Host::V6(_)),
            DottedUser => uri.user().is_some_and(|user| user.contains('.')),
            UriHeaders => uri.headers().next().is_some(),
            _ => false,
        }
    }

    fn in_address(message: &Message, name: Name) -> Option<Self> {
        let raw = message.raw(name)?;
        let address = sip::msg::NameAddr::parse(raw).ok()?;
        let uri_faults = [
            ForeignScheme,
            UnknownTransport,
            BracketedHost,
            DottedUser,
            UriHeaders,
        ];
        let text = String::from_utf8_lossy(raw);
        let behind = text
            .rsplit_once(address.uri_text())
            .map_or("", |(_, behind)| behind);
        let checks = [
            (CompactName, CompactName.in_name(message, name)),
            (
                BracketInQuotes,
                address
                    .display()
                    .is_some_and(|display| display.contains(['<', '>'])),
            ),
            (BlankAtParam, has_blank_at_param(behind)),
            (
                ParamValue,
                address
                    .params()
                    .any(|(_, value)| value.is_some_and(is_no_token)),
            ),
        ];
        let in_uri = uri_faults
            .into_iter()
            .find(|fault| fault.in_uri(address.uri_text()));
        checks
            .into_iter()
            .find(|(_, is_met)| *is_met)
            .map(|(fault, _)| fault)
            .or(in_uri)
    }

    fn in_via(message: &Message) -> Option<Self> {
        let raw = String::from_utf8_lossy(message.raw(Name::Via)?);
        let via = message.via().ok()?;
        let checks = [
            (CompactName, CompactName.in_name(message, Name::Via)),
            (BracketedHost, matches!(via.host(), Host::V6(_))),
            (UnknownTransport, !is_listed(via.transport_text())),
            (BlankAtParam, has_blank_at_param(&raw)),
            (
                ParamValue,
                via.params()
                    .any(|(_, value)| value.is_some_and(is_no_token)),
            ),
        ];
        checks
            .into_iter()
            .find(|(_, is_met)| *is_met)
            .map(|(fault, _)| fault)
    }
}

fn is_listed(transport: &str) -> bool {
    ["UDP", "TCP", "TLS", "SCTP", "TLS-SCTP", "WS", "WSS"]
        .iter()
        .any(|listed| transport.eq_ignore_ascii_case(listed))
}

fn is_no_token(value: &str) -> bool {
    !value
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b))
}

fn has_blank_at_param(text: &str) -> bool {
    ["; ", " ;", "= ", " =", ";\t", "\t;"]
        .iter()
        .any(|blank| text.contains(blank))
}
