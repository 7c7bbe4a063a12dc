//! The other side: answering the 401 or 407 of a peer (RFC 3261 sections 22.2 and 22.3, RFC 7616 section 3.4).
//!
//! One answer for each challenge: who is challenged again without `stale` has the wrong password, and stops. Client
//! nonces are arguments. Knows no transactions: the request goes again with a new branch and a CSeq one higher.

use std::fmt::{self, Write};

use super::challenge::Challenged;
use super::credentials::{Fresh, response, session_ha1};
use super::params;
use crate::limits::MAX_CREDENTIALS;
use crate::msg::{Message, Method, Name};

/// What we log in with at a peer.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub name: Box<str>,
    /// The password.
    pub password: Box<str>,
    /// The realm it is for; any, where none is named.
    pub realm: Option<Box<str>>,
}

/// Without the password.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("name", &self.name)
            .field("realm", &self.realm)
            .finish_non_exhaustive()
    }
}

/// What to send the request again with.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// Authorization, or Proxy-Authorization.
    pub header: Name,
    /// Its value.
    pub value: String,
    /// The nonce that is answered; to be shown when the peer challenges again.
    pub nonce: Box<[u8]>,
}

/// Without the value, from which a password could be guessed.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Why a response cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// Neither a 401 nor a 407.
    #[error("the response is no challenge")]
    NoChallenge,
    /// No challenge for our realm that can be read, with an algorithm that we know.
    #[error("none of the challenges can be answered")]
    NoneKnown,
    /// The password is wrong.
    #[error("the peer does not accept the password")]
    Refused,
}

/// Answers the topmost challenge that can be (RFC 8760 section 2.4). `uri` is the Request-URI of the request, `cnonce` a
/// random text without quotes, `before` the nonce of the last answer to this request, if there was one.
pub fn answer(
    response: &Message,
    method: &Method,
    uri: &str,
    login: &Login,
    cnonce: &str,
    before: Option<&[u8]>,
) -> Result<Answer, Unanswerable> {
    let (asked, header) = match response.status() {
        Some(401) => (Name::WwwAuthenticate, Name::Authorization),
        Some(407) => (Name::ProxyAuthenticate, Name::ProxyAuthorization),
        Some(_) | None => return Err(Unanswerable::NoChallenge),
    };
    let challenge = response
        .all(asked)
        .take(MAX_CREDENTIALS)
        .filter_map(|value| Challenged::parse(value).ok())
        .find(|challenge| {
            let ours = login
                .realm
                .as_ref()
                .is_none_or(|realm| *params::unescaped(challenge.realm) == *realm.as_bytes());
            ours && challenge.algorithm.is_some()
                && (challenge.qop.is_none() || challenge.offers_auth())
        })
        .ok_or(Unanswerable::NoneKnown)?;
    if before.is_some_and(|nonce| nonce == challenge.nonce || !challenge.stale) {
        return Err(Unanswerable::Refused);
    }
    Ok(Answer {
        header,
        value: value(&challenge, method, uri, login, cnonce).ok_or(Unanswerable::NoneKnown)?,
        nonce: challenge.nonce.into(),
    })
}

fn value(
    challenge: &Challenged<'_>,
    method: &Method,
    uri: &str,
    login: &Login,
    cnonce: &str,
) -> Option<String> {
    const NC: &str = "00000001";
    let algorithm = challenge.algorithm?;
    let hash = algorithm.hash();
    // Between the quotes of a peer stands what we quote again, and hash, as it is.
    let text = |octets| std::str::from_utf8(octets).ok();
    let (realm, nonce) = (text(challenge.realm)?, text(challenge.nonce)?);
    let name = quotable(&login.name);
    let ha1 = hash.of(&[
        login.name.as_bytes(),
        b":",
        &params::unescaped(challenge.realm),
        b":",
        login.password.as_bytes(),
    ]);
    let ha1 = session_ha1(algorithm, ha1.octets(), challenge.nonce, cnonce.as_bytes());
    let fresh = Fresh {
        nonce: challenge.nonce,
        nc: NC.as_bytes(),
        cnonce: cnonce.as_bytes(),
    };
    let with_qop = challenge.offers_auth();
    let proof = if with_qop {
        response(hash, &ha1, method, uri.as_bytes(), &fresh)
    } else {
        // RFC 2069, which RFC 3261 section 22.4 still has.
        let ha2 = hash.of(&[method.as_str().as_bytes(), b":", uri.as_bytes()]);
        hash.of(&[
            ha1.digits(),
            b":",
            challenge.nonce,
            b":",
            ha2.hex().digits(),
        ])
    };
    let mut line = format!(
        "Digest username=\"{name}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
         response=\"{}\", algorithm={algorithm}",
        proof.hex().as_str()
    );
    if with_qop || algorithm.is_session() {
        let _ = write!(line, ", cnonce=\"{cnonce}\"");
    }
    if with_qop {
        let _ = write!(line, ", qop=auth, nc={NC}");
    }
    if let Some(opaque) = challenge.opaque.and_then(text) {
        let _ = write!(line, ", opaque=\"{opaque}\"");
    }
    Some(line)
}

fn quotable(name: &str) -> String {
    let mut quotable = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, '"' | '\\') {
            quotable.push('\\');
        }
        quotable.push(c);
    }
    quotable
}
