//! Digest authentication of SIP (RFC 3261 section 22, RFC 7616, RFC 8760), both sides of it, pure.
//!
//! Time, keys and client nonces come in as arguments. Knows no users and no policy: who may do what is the server's.

mod algorithm;

pub use algorithm::{Algorithm, Hash, Hashed, Hex};
