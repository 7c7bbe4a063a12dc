//! Dialogs and the INVITE usages (RFC 3261 sections 12 to 15), each state against each input.

mod asked;
mod desk;
mod modify;
mod races;
mod state;
mod uac_table;
mod uas;
