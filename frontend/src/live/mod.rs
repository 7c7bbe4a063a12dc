//! The live feed: a pure machine ([`feed`]) between a socket, a clock and the board.

pub mod backoff;
mod driver;
pub mod feed;
mod socket;

pub use driver::start;
