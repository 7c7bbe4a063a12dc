//! What Crosspoint's tests are made of: a virtual clock, a virtual network whose weather a seed decides,
//! the ladder diagram of what was sent, scripted phones, and a second reader of every message.
//!
//! Knows nothing of the server: whatever is tested stands on the network as a [`net::Node`].

pub mod chance;
pub mod clock;
pub mod corpus;
pub mod exercise;
pub mod ladder;
pub mod net;
pub mod phone;
pub mod second;
