//! The parts of the page, one component each; each has a style partial of the same name.

pub mod announcer;
pub mod icon;
pub mod lab_banner;
pub mod leg_mark;
pub mod link_status;
pub mod matrix;
pub mod matrix_cell;
pub mod matrix_row;
pub mod phone_card;
pub mod phone_head;
pub mod phone_list;
pub mod refusal_notice;
pub mod script_hint;
pub mod setup_guide;
pub mod stale_banner;
pub mod top_bar;

pub use announcer::Announcer;
pub use icon::{Icon, IconName};
pub use lab_banner::LabBanner;
pub use leg_mark::LegMark;
pub use link_status::LinkStatus;
pub use matrix::Matrix;
pub use matrix_cell::MatrixCell;
pub use matrix_row::MatrixRow;
pub use phone_card::PhoneCard;
pub use phone_head::PhoneHead;
pub use phone_list::PhoneList;
pub use refusal_notice::RefusalNotice;
pub use script_hint::ScriptHint;
pub use setup_guide::SetupGuide;
pub use stale_banner::StaleBanner;
pub use top_bar::TopBar;
