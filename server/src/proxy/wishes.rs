//! What applications wish of the way of a request: another address, a server that gets it first, somebody else who
//! rings. Decides nothing.

use sip::name::{Flow, UriRef};

use super::Proxy;
use super::destination::{Destination, Detour, Target, aim};
use crate::config::Otherwise;

impl Proxy {
    /// The same way with another Request-URI, as an application wishes it.
    pub fn retargeted(&self, way: Destination, uri: UriRef<'_>, flow: &Flow) -> Destination {
        let identity = &self.setup.identity;
        Destination {
            target: aim(uri, identity, identity.is_us(uri, flow.local)),
            asked: Some(uri.to_uri()),
            ..way
        }
    }

    /// The same way by another server, which the operator has named; that server again if it is this one.
    pub fn sent_by(
        &self,
        way: Destination,
        detour: Detour,
        flow: &Flow,
    ) -> Result<Destination, String> {
        let by = detour.by.as_ref();
        if self.setup.identity.is_us(by, flow.local) {
            return Err(detour.by.as_str().to_owned());
        }
        Ok(Destination {
            target: Target::Elsewhere,
            detour: Some(Box::new(detour)),
            ..way
        })
    }
}

impl Destination {
    /// The same with others who ring where nobody is to be had.
    pub fn or_else(self, otherwise: Otherwise) -> Self {
        let is_any = otherwise != Otherwise::default();
        Self {
            otherwise: is_any.then(|| Box::new(otherwise)),
            ..self
        }
    }
}
