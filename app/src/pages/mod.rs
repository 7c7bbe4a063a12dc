//! What each address shows.

pub mod board_page;
pub mod not_found;

pub use board_page::BoardPage;
pub use not_found::NotFound;
