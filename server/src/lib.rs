//! Crosspoint's server: policy, runtime and web host.
//!
//! ```text
//! limits, config, event  <-  location | auth | locate  <-  registrar | proxy | call  <-  switch  <-  runtime, transport  <-  web  <-  here
//! event, app::model  <-  live  <-  runtime, web                  (a name may use only names to its left)
//! ```

// The type of the page is as deep as the page.
#![recursion_limit = "256"]

pub mod admin;
mod announce;
pub mod auth;
pub mod binding;
pub mod call;
pub mod cli;
pub mod command;
pub mod config;
pub mod dar;
pub mod event;
mod forking;
pub mod identity;
pub mod limits;
pub mod live;
pub mod locate;
pub mod location;
pub mod log;
mod narrate;
pub mod peers;
pub mod proxy;
pub mod qualify;
mod recall;
pub mod registrar;
pub mod router;
pub mod runtime;
pub mod sdp;
mod serve;
pub mod store;
pub mod switch;
pub mod tone;
pub mod transport;
pub mod web;

pub use serve::{ServeError, run};
