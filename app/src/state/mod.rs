//! What the page remembers: the board as of the last change, and what is derived from it.

pub mod announce;
pub mod board;
pub mod focus;
pub mod fold;
mod held;
pub mod roving;

pub use board::Board;
