//! Calls that are placed from the page: they meet the applications as the INVITE of a phone that dialled would.
//!
//! The INVITE that a leg sends in the end goes to a phone and not to an address, so what is judged is drawn up here.

use sip::msg::{Message, lex};
use sip::name::Aor;

use super::Router;
use super::application::{Asked, Onward, Origin, Verdict};
use crate::command::{PlaceCall, PlaceError};

impl Router {
    /// The call that becomes of one that somebody asks for: as it is, to somebody else, or refused before anything rings.
    /// Decides between whom it is, so it is asked before anybody looks whose that pair is.
    pub fn placed(&self, place: PlaceCall) -> Result<PlaceCall, PlaceError> {
        if !self.has_rules {
            return Ok(place);
        }
        let Some(request) = request("INVITE", place.to.as_str(), place.from.as_str()) else {
            return Ok(place);
        };
        let Ok(target) = request.uri() else {
            return Ok(place);
        };
        let asked = Asked {
            request: &request,
            target,
        };
        let chain = self.dar.select(&request, Origin::Page, 0);
        let verdict = self.apps.run(chain, asked, Verdict::Nobody, |_, _| {});
        Ok(match called(&verdict)? {
            Some(to) => PlaceCall { to, ..place },
            None => place,
        })
    }
}

/// Who is called by that verdict, where it is not who was asked for. What no application cares for is placed as it is.
pub(super) fn called(verdict: &Verdict) -> Result<Option<Aor>, PlaceError> {
    let refused = |status, reason: &str| {
        Err(PlaceError::Refused {
            status,
            reason: reason.into(),
        })
    };
    match verdict {
        Verdict::Forward(Onward { to: None, .. })
        | Verdict::Nobody
        | Verdict::Register
        | Verdict::Capabilities => Ok(None),
        // Both phones are rung from here: who else could ring in place of one is the operator's choice.
        Verdict::Forward(Onward { to: Some(uri), .. }) => match Aor::from_uri(uri.as_ref()) {
            Ok(aor) => Ok(Some(aor)),
            Err(_) => refused(404, "No Phone Has That Address"),
        },
        // Both parties of a click are phones of this server, and nothing of it passes another one.
        Verdict::Leave(_) => refused(501, "Calls From The Page Take No Route"),
        Verdict::Refuse { status, reason } => refused(*status, reason),
    }
}

/// The least request that says so much; `None` if that is none.
pub fn request(method: &str, uri: &str, from: &str) -> Option<Message> {
    let text = format!(
        "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKtrace\r\nMax-Forwards: 70\r\n\
         From: <{from}>;tag=trace\r\nTo: <{uri}>\r\nCall-ID: trace\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
    );
    let message = lex(text.into_bytes().into()).ok()?;
    message.verify().is_ok().then_some(message)
}
