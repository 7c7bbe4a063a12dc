//! Words and views that the server and the browser share.
//!
//! Direction: `model` <- `words` <- `ports`, `state` <- `server_fns` <- `components` <- `pages` <- here. The page is
//! rendered by the server from one snapshot, which travels with it; the browser takes over from that very state.

// The types of views nest as deep as the views do, and an optimising compiler looks at all of it.
#![recursion_limit = "256"]

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "`ssr` and `hydrate` are two different programs: build `frontend` alone, for wasm32"
);

pub mod components;
pub mod model;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod ports;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod state;
pub mod words;

pub mod app;

pub use app::{App, StartFeed};
#[cfg(feature = "ssr")]
pub use shell::shell;
