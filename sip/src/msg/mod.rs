//! Messages: bytes to a header index and typed views, and values back to bytes (RFC 3261 sections 7, 18, 20 and 25).
//!
//! ```text
//! bytes --lex / Framer--> Message --views--> Via, NameAddr, Contact, ...     nothing is copied
//! build, splice, stamp --> bytes                                             one allocation
//! ```
//!
//! Reading gives one of two verdicts on bad bytes: [`Unframeable`] (no message can be told apart: drop it, or close the
//! stream) and [`Fault`] (a message, but a bad one: [`Message::verify`] says how to answer it). Nothing that arrives is
//! ever re-printed from parsed values; what is forwarded is spliced. Knows nothing of transactions.

pub mod build;
mod fault;
mod framer;
mod header;
mod lex;
mod list;
mod message;
mod method;
mod name_addr;
mod params;
mod route_back;
pub(crate) mod scan;
pub mod splice;
mod stamp;
mod start_line;
mod verify;
pub mod via;
mod views;
mod vocabulary;

pub use fault::{Fault, Unframeable};
pub use framer::{Frame, Framer};
pub use header::Name;
pub use lex::lex;
pub use list::Values;
pub use message::{Header, Message};
pub use method::Method;
pub use name_addr::{Contact, NameAddr};
pub use params::Params;
pub use route_back::{last_resort, response_flow};
pub use via::Via;
pub use vocabulary::{allow, reason_phrase};
