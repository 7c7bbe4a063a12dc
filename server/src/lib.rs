//! Crosspoint's server: policy, runtime and web host.

pub mod binding;
pub mod call;
pub mod command;
pub mod config;
pub mod event;
pub mod limits;
pub mod live;
pub mod location;
pub mod registrar;
pub mod switch;
