//! The UAC usage against scripted phones on the virtual network.

mod office;
mod phone;
mod stage;
mod weather;
