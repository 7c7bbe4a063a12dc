//! The proxy as a client of peers: their 401 and 407 are answered with the password that the operator has set (RFC 3261
//! section 22.2, RFC 7616), so that no caller hears of them.
//!
//! The request goes again with the same CSeq by a new branch. Section 22.3 has a *UA* count on; if a proxy did, the caller
//! would not know the answer for his own (same section). A peer sees a new transaction, whose credentials hold for it alone.

use std::collections::HashMap;
use std::net::SocketAddr;

use sip::auth::{Answer, answer};
use sip::msg::{Message, Name};

use super::context::{Context, Phase, Surroundings};
use crate::limits;
use crate::peers::PeerId;

/// At which addresses peers were found. A request in a dialog says no more than that.
#[derive(Debug, Default)]
pub(super) struct Trunks(HashMap<SocketAddr, PeerId>);

impl Trunks {
    /// Something is sent to a peer at `address`.
    pub(super) fn learn(&mut self, address: SocketAddr, peer: PeerId) {
        if self.0.len() >= limits::PEER_ADDRESSES && !self.0.contains_key(&address) {
            self.0.clear();
        }
        self.0.insert(address, peer);
    }

    fn at(&self, address: SocketAddr) -> Option<PeerId> {
        self.0.get(&address).copied()
    }
}

/// How a request proves to a peer whose it is.
#[derive(Debug, Default)]
pub(super) struct Proof {
    answer: Option<Answer>,
    tries: u8,
}

impl Proof {
    /// The header that goes with each copy.
    pub(super) fn header(&self) -> Option<(Name, &str)> {
        let answer = self.answer.as_ref()?;
        Some((answer.header, &answer.value))
    }

    /// Another server asks anew.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

impl Context {
    /// Whether a 401 or 407 on branch `index` is of a peer that we have a password for: then it is answered, and
    /// nobody else is to see it.
    pub(super) fn proves(
        &mut self,
        index: usize,
        challenge: &Message,
        cx: &mut Surroundings<'_>,
    ) -> bool {
        let Some(way) = self.branches.get(index).map(|branch| branch.way.clone()) else {
            return false;
        };
        let peer = cx.trunks.at(way.flow.peer);
        let Some(peer) = peer.and_then(|id| cx.identity.peers().peer(id)) else {
            return false;
        };
        let Some(login) = &peer.login else {
            return false;
        };
        if self.phase != Phase::Open {
            self.best.add_own(408);
            return true;
        }
        let Some((request, method)) = self
            .request
            .as_ref()
            .and_then(|it| Some((it, it.method()?)))
        else {
            return true;
        };
        let uri = way.uri().or_else(|| self.destination.uri(request));
        let before = self.proof.answer.as_ref().map(|before| &*before.nonce);
        let cnonce = cx.ids.tag();
        let answered = answer(
            challenge,
            method,
            uri.unwrap_or_default(),
            login,
            cnonce.as_str(),
            before,
        );
        match answered {
            Ok(answer) if self.proof.tries < limits::PROOFS => {
                self.proof.answer = Some(answer);
                self.proof.tries += 1;
                self.send(way, self.breadth, cx);
            }
            Ok(_) => {
                tracing::warn!(peer = %peer.name, "asks for the password again and again");
                self.best.add_own(500);
            }
            Err(why) => {
                tracing::warn!(peer = %peer.name, user = %login.name, %why, "cannot log in; see its table in [[peers]]");
                self.best.add_own(500);
            }
        }
        true
    }
}
