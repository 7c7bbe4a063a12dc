//! Crosspoint's server: policy, runtime and web host.

pub mod event;
pub mod limits;
