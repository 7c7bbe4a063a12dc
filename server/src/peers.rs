//! Other servers that the operator knows: whose call it is, and whose server a domain or a number leads to.
//!
//! Knows no messages, and not where a peer is.

use std::net::IpAddr;
use std::sync::Arc;

use sip::name::{Aor, Uri};

use crate::config::Peer;

/// All of them. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Peers(Arc<[Peer]>);

/// One of them, by its place in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerId(usize);

impl Peers {
    /// Those of the settings.
    pub fn new(peers: &[Peer]) -> Self {
        Self(peers.into())
    }

    /// The one with that number.
    pub fn peer(&self, id: PeerId) -> Option<&Peer> {
        self.0.get(id.0)
    }

    /// Who serves that domain.
    pub fn of_domain(&self, host: &str) -> Option<PeerId> {
        let bare = |text: &str| text.trim_matches(['[', ']']).to_ascii_lowercase();
        let host = bare(host);
        let mut all = self.0.iter();
        let serves = |peer: &Peer| peer.domains.iter().any(|domain| bare(domain) == host);
        all.position(serves).map(PeerId)
    }

    /// Whose calls are let in from that address.
    pub fn at(&self, source: IpAddr) -> Option<&Peer> {
        let comes = |peer: &&Peer| peer.sources.iter().any(|network| network.holds(source));
        self.0.iter().find(comes)
    }

    /// Who is called by that number, and as whom: the longest prefix counts.
    pub fn dialled(&self, number: &Aor, is_secure: bool) -> Option<(PeerId, Uri)> {
        let user = number.user();
        let fits = |(_, peer): &(usize, &Peer)| {
            !peer.prefix.is_empty() && user.starts_with(peer.prefix.as_str())
        };
        let all = self.0.iter().enumerate().filter(fits);
        let (nth, peer) = all.max_by_key(|(_, peer)| peer.prefix.len())?;
        let scheme = if is_secure { "sips" } else { "sip" };
        let uri = format!("{scheme}:{user}@{}", peer.domains.first()?);
        Some((PeerId(nth), Uri::parse(&uri).ok()?))
    }
}
