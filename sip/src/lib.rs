//! The SIP core: names, messages, transactions and dialogs as pure state machines.
//!
//! ```text
//! name  <-  msg, auth  <-  transaction  <-  dialog        (a layer may use only layers to its left)
//! ```
//!
//! Nothing here opens a socket, reads a clock or draws a random number: bytes, [`time::Instant`] and
//! randomness come in as arguments, and effects go out as values.

pub mod auth;
pub mod dialog;
pub mod limits;
pub mod msg;
pub mod name;
pub mod time;
pub mod transaction;
