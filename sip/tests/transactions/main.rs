//! The transaction layer as its user and the network see it.

mod capacity;
mod flows;
mod invite_client;
mod invite_server;
mod lateness;
mod matching;
mod non_invite;
mod peer;
mod rig;
mod soup;
mod weather;
