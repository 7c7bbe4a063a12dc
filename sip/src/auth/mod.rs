//! Digest authentication of SIP (RFC 3261 section 22, RFC 7616, RFC 8760), both sides of it, pure.
//!
//! ```text
//! server   Nonces --give--> Challenge        Credentials --claim--> who?  --prove--> is it true?
//!          Nonces --read--> which, how old?  Counts --take--> is it used for the first time?
//! client   answer: a 401 or 407 and a Login -> what to send the request again with
//! ```
//!
//! Time, keys and client nonces come in as arguments. Knows no users and no policy: who may do what is the server's.

mod algorithm;
mod challenge;
mod client;
mod counts;
mod credentials;
mod nonce;
mod params;

pub use algorithm::{Algorithm, Hash, Hashed, Hex};
pub use challenge::Challenge;
pub use client::{Answer, Login, Unanswerable, answer};
pub use counts::{Counts, Use};
pub use credentials::{Claim, Credentials};
pub use nonce::{Nonce, Nonces};
pub use params::AuthFault;
