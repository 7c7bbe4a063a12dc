//! The `Reason` header (RFC 3326): why a CANCEL or BYE was sent.

use std::fmt;

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
        Self {
            protocol: Box::from("SIP"),
            cause: Some(cause),
            text: Some(Box::from(text)),
        }
    }

    /// A reason told as an ITU-T Q.850 cause: `Q.850;cause=16;text="Normal call clearing"`.
    pub fn q850(cause: u16, text: &str) -> Self {
        Self {
            protocol: Box::from("Q.850"),
            cause: Some(cause),
            text: Some(Box::from(text)),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.protocol)
    }
}
