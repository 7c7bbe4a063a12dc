//! Every English word of the page, from values to sentences; the one place to translate.
//!
//! Pure text, never markup: whoever shows it escapes it. Names of phones come in as labels.

pub mod call;
pub mod names;
pub mod phone;
pub mod refusal;
pub mod setup;
pub mod time;

use crate::model::Link;

/// The product.
pub const PRODUCT: &str = "Crosspoint";
/// What it is, for those who find the page.
pub const DESCRIPTION: &str = "Click-to-call switchboard for SIP phones";
/// The name of the matrix, for those who hear the page.
pub const MATRIX: &str = "Call matrix";
/// The corner of the matrix: rows call columns.
pub const CORNER: &str = "From \\ To";
/// Nobody is registered.
pub const NOBODY: &str = "No registered users. Please register at least two SIP User Agents.";
/// The title of the list of phones.
pub const PHONES: &str = "Phones";

/// What a click on a free cell does.
pub const CALL: &str = "Call";

/// The name of the button that puts two phones through.
pub fn call_button(from: &str, to: &str) -> String {
    format!("Call {from} to {to}")
}

/// The name of the same button while they are in a call.
pub fn end_button(from: &str, to: &str) -> String {
    format!("End call {from} to {to}")
}

/// What the page shows, for those who hear it.
pub const BOARD: &str = "Switchboard";
/// The server believes anybody.
pub const OPEN_LAB: &str = "Open lab.";
/// What that means.
pub const OPEN_LAB_MEANS: &str = "Phones on this machine and in private networks may register with any user name and any password.";
/// The page may be out of date.
pub const STALE: &str = "The server is silent. What you see may be out of date.";
/// A cell whose two phones are in a call that began the other way round.
pub const MIRRORED: &str = "These two are in a call, made the other way round.";
/// A device that does not say what it is.
pub const UNNAMED: &str = "Unnamed device";
/// Puts a notice away.
pub const CLOSE: &str = "Close";
/// An address that shows nothing.
pub const NOT_FOUND: &str = "There is no such page.";
/// A form that is longer than any of ours.
pub const FORM_TOO_LARGE: &str =
    "What was sent is too large to be one of the forms of this page, so nothing was done.";
/// A form whose bytes are no text.
pub const FORM_UNREADABLE: &str =
    "What was sent cannot be read as one of the forms of this page, so nothing was done.";
/// The way back.
pub const BACK_TO_BOARD: &str = "Go to the switchboard";
/// For browsers that run no scripts; markup, because such a browser shows it as it is.
pub const WITHOUT_SCRIPTS: &str = "<p class=\"script-hint\">Without JavaScript this page shows the moment at which \
    it was loaded. <a href=\"/\">Refresh</a> <a href=\"/?refresh=5\">Refresh every 5 seconds</a></p>";

/// How well the page is connected.
pub fn link(link: Link) -> &'static str {
    match link {
        Link::Still => "Not live yet",
        Link::Live => "Live",
        Link::Lost => "Reconnecting",
    }
}

/// How long nothing was heard.
pub fn stale_for(millis: u64) -> String {
    format!("Last heard {} ago.", time::about(millis))
}

/// How much is on the board.
pub fn counts(phones: usize, calls: usize) -> String {
    let some = |count: usize, one: &str, many: &str| match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    };
    format!(
        "{}, {}",
        some(phones, "phone", "phones"),
        some(calls, "call", "calls")
    )
}
