//! Phones in words: what they do, why they come and go, how long they stay.

use super::time;
use crate::model::presence::{Presence, Standing};
use crate::model::{PhoneCause, Reach, UnixMillis};

/// What a phone does, in a word; a phone that is not registered any more can still be in a call.
pub fn presence(presence: Presence, standing: Standing) -> &'static str {
    match (presence, standing) {
        (Presence::Free, Standing::Reachable) => "free",
        (Presence::Free, Standing::Unreachable) => "not reachable",
        (Presence::Free, Standing::Gone) => "not registered",
        (Presence::Ringing, _) => "ringing",
        (Presence::Waiting, _) => "on the line",
        (Presence::Talking, _) => "talking",
    }
}

/// What is shown with a device to which there is no way.
pub const UNREACHABLE: &str = "not reachable until it registers again";

/// How long a binding still stands.
pub fn expiry(expires_at: UnixMillis, now: UnixMillis) -> String {
    match expires_at.saturating_sub(now) {
        0 => "expires now".into(),
        left => format!("expires in {}", time::about(left)),
    }
}

/// Whether a device answers when it is asked.
pub fn reach(reach: Reach) -> String {
    match reach {
        Reach::Answers(millis) => format!("answers in {millis} ms"),
        Reach::Silent => "does not answer".into(),
    }
}

/// What an operator wants to hear when a phone has come, or has one device more or less.
pub fn heard_change(why: PhoneCause, new: bool, name: &str) -> Option<String> {
    match why {
        PhoneCause::Bound if new => Some(format!("{name} registered")),
        PhoneCause::Bound => Some(format!("{name} registered another device")),
        PhoneCause::Removed | PhoneCause::Expired | PhoneCause::FlowLost => {
            Some(format!("{name} has one device less"))
        }
        PhoneCause::Refreshed => None,
    }
}

/// What an operator wants to hear when the last device of a phone is gone.
pub fn heard_gone(why: PhoneCause, name: &str) -> String {
    match why {
        PhoneCause::Expired => format!("The registration of {name} ran out"),
        PhoneCause::FlowLost => format!("The connection to {name}’s phone was lost"),
        PhoneCause::Removed | PhoneCause::Bound | PhoneCause::Refreshed => {
            format!("{name} unregistered")
        }
    }
}
