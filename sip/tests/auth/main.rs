//! Digest authentication: the vectors of the RFCs, what is read and refused, nonces, their counts, and the client.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod client;
mod credentials;
mod replay;
mod vectors;

/// The credentials of RFC 2617 section 3.5.
pub(crate) const RFC_2617: &str = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
     nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, nc=00000001, \
     cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", \
     opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
