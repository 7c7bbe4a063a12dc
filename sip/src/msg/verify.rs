//! The second verdict: a message that was framed, but is bad (RFC 3261 sections 8.1.1, 8.2 and 16.3).
//!
//! Judges what every element must judge, whatever its role. Methods, extensions and bodies are for others.

use super::fault::Fault;
use super::message::{Message, Start};
use crate::limits::MAX_TOKEN;
use crate::name::Scheme;

impl Message {
    /// Whether the message can be worked on. If not, the fault says how a request is to be answered (an ACK never is);
    /// a response is dropped. A response can be built whenever [`Message::via`] can be read.
    pub fn verify(&self) -> Result<(), Fault> {
        if let Some(flaw) = self.flaw {
            return Err(flaw);
        }
        self.verify_counts()?;
        self.verify_values()?;
        match &self.start {
            Start::Response { .. } => self.cseq().map(|_| ()),
            Start::Request { method, .. } => {
                if self.cseq()?.1 != *method {
                    return Err(Fault::bad_request("CSeq names another method"));
                }
                self.max_forwards()?;
                let uri = self.uri()?;
                match uri.scheme() {
                    // Section 19.1.1: they would become headers of a request that somebody else makes of it.
                    _ if uri.headers().next().is_some() => {
                        Err(Fault::bad_request("Headers in the Request-URI"))
                    }
                    Scheme::Sip | Scheme::Sips | Scheme::Tel => Ok(()),
                    Scheme::Other(_) => Err(Fault {
                        status: 416,
                        reason: "Unsupported URI Scheme",
                    }),
                }
            }
        }
    }

    /// Headers that may stand only once (section 7.3.1).
    fn verify_counts(&self) -> Result<(), Fault> {
        let mut seen = 0_u128;
        for entry in self.entries.iter().filter(|entry| entry.name.is_single()) {
            let bit = 1_u128 << (entry.name as u8);
            if seen & bit != 0 {
                return Err(Fault::bad_request("A single header given twice"));
            }
            seen |= bit;
        }
        Ok(())
    }

    /// What every layer reads must be readable, and what becomes a key of our tables not of any length.
    fn verify_values(&self) -> Result<(), Fault> {
        let via = self.via()?;
        let (from, to) = (self.from()?, self.to()?);
        from.uri()?;
        to.uri()?;
        let malformed = [
            (!via.is_well_formed(), "Malformed Via"),
            (!from.params().are_well_formed(), "Malformed From"),
            (!to.params().are_well_formed(), "Malformed To"),
        ];
        if let Some((_, reason)) = malformed.iter().find(|(is_so, _)| *is_so) {
            return Err(Fault::bad_request(reason));
        }
        let keys = [Some(self.call_id()?), via.branch(), from.tag(), to.tag()];
        if keys.into_iter().flatten().any(|key| key.len() > MAX_TOKEN) {
            return Err(Fault::bad_request("Call-ID, tag or branch too long"));
        }
        Ok(())
    }
}
