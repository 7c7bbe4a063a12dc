//! What the page remembers: the board as of the last change, and what is derived from it.

pub mod fold;
