//! The `Reason` header (RFC 3326): why a CANCEL or BYE was sent.

use std::fmt;

use crate::msg::{Message, Name};

/// One reason value. From the wire when the peer sent it: escape the text before showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `SIP` or `Q.850`, or what the peer wrote.
    pub protocol: Box<str>,
    /// A SIP status or a Q.850 cause.
    pub cause: Option<u16>,
    /// In words.
    pub text: Option<Box<str>>,
}

impl Reason {
    /// A reason told as a SIP status: `SIP;cause=200;text="Call completed elsewhere"`.
    pub fn sip(cause: u16, text: &str) -> Self {
        Self::new("SIP", cause, text)
    }

    /// A reason told as an ITU-T Q.850 cause: `Q.850;cause=16;text="Normal call clearing"`.
    pub fn q850(cause: u16, text: &str) -> Self {
        Self::new("Q.850", cause, text)
    }

    /// The first reason a message gives; `None` if it gives none that can be read.
    pub fn of(message: &Message) -> Option<Self> {
        let value = message.values(Name::Reason).next()?;
        Self::parse(std::str::from_utf8(value).ok()?)
    }

    fn new(protocol: &str, cause: u16, text: &str) -> Self {
        Self {
            protocol: Box::from(protocol),
            cause: Some(cause),
            text: Some(Box::from(text)),
        }
    }

    fn parse(value: &str) -> Option<Self> {
        let (protocol, mut rest) = value.split_once(';').unwrap_or((value, ""));
        let protocol = protocol.trim();
        if protocol.is_empty() || !protocol.bytes().all(is_token) {
            return None;
        }
        let mut reason = Self {
            protocol: Box::from(protocol),
            cause: None,
            text: None,
        };
        while !rest.is_empty() {
            let (param, after) = split_param(rest);
            rest = after;
            let Some((name, value)) = param.split_once('=') else {
                continue;
            };
            let value = value.trim();
            if name.trim().eq_ignore_ascii_case("cause") {
                reason.cause = value.parse().ok();
            } else if name.trim().eq_ignore_ascii_case("text") {
                reason.text = Some(unquoted(value).into());
            }
        }
        Some(reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.protocol)?;
        if let Some(cause) = self.cause {
            write!(f, ";cause={cause}")?;
        }
        if let Some(text) = &self.text {
            f.write_str(";text=\"")?;
            for letter in text.chars() {
                match letter {
                    '"' | '\\' => write!(f, "\\{letter}")?,
                    _ if letter.is_control() => f.write_str(" ")?,
                    _ => write!(f, "{letter}")?,
                }
            }
            f.write_str("\"")?;
        }
        Ok(())
    }
}

fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&octet)
}

/// Splits at the first semicolon outside of quotes.
fn split_param(text: &str) -> (&str, &str) {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, octet) in text.bytes().enumerate() {
        match octet {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b';' if !is_quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

/// A quoted string without its quotes and escapes; anything else as it is.
fn unquoted(text: &str) -> String {
    let Some(inside) = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inside.len());
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next()),
            _ => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn is_read_as_it_is_written() {
        let reasons = [
            Reason::sip(200, "Call completed elsewhere"),
            Reason::q850(16, "Terminated; by \"someone\" \\o/"),
        ];
        for reason in reasons {
            assert_eq!(Reason::parse(&reason.to_string()), Some(reason));
        }
    }

    #[test]
    fn what_phones_write() {
        let none = Reason::parse("SIP").expect("a protocol is enough");
        assert_eq!((none.cause, none.text), (None, None));
        let linphone = Reason::parse("SIP ; cause = 603 ;text=\"Decline\"").expect("readable");
        assert_eq!(
            (linphone.cause, linphone.text.as_deref()),
            (Some(603), Some("Decline"))
        );
        let bare = Reason::parse("Q.850;cause=16;text=Terminated").expect("readable");
        assert_eq!(bare.text.as_deref(), Some("Terminated"));
        assert_eq!(Reason::parse(";cause=16"), None);
        assert_eq!(Reason::parse("S P;cause=16"), None);
        let open = Reason::parse("SIP;text=\"no end;cause=3").expect("readable");
        assert_eq!(open.cause, None);
    }

    #[test]
    fn a_text_cannot_break_the_line() {
        let reason = Reason::sip(200, "a\r\nEvil: yes");
        assert!(!reason.to_string().contains(['\r', '\n']));
    }
}
