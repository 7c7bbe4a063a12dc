//! Dialogs and the INVITE usages (RFC 3261 sections 12 to 15), each state against each input.

mod any_order;
mod asked;
mod desk;
mod modify;
mod races;
mod state;
mod uac_table;
mod uas;
