//! The head of a row or a column: who it is and what the phone does.

use leptos::prelude::*;

use super::{Icon, IconName};
use crate::model::presence::{Presence, Standing};
use crate::state::board::PhoneSignals;
use crate::words;

/// Name and presence of one phone.
#[component]
pub fn PhoneHead(
    /// The phone.
    phone: PhoneSignals,
) -> impl IntoView {
    let PhoneSignals {
        phone,
        label,
        presence,
    } = phone;
    let standing = move || phone.with(|phone| Standing::of(phone.as_ref()));
    let doing = Memo::new(move |_| (presence.get(), standing()));
    let state = move || state_word(doing.get());
    let icon = Signal::derive(move || icon(doing.get()));
    let title = label.clone();
    view! {
        <span class="phone-head" data-presence=state>
            <span class="phone-head__name" title=move || title.get().to_string()>
                {move || label.get().to_string()}
            </span>
            <span class="phone-head__presence">
                <Icon name=icon/>
                {move || {
                    let (presence, standing) = doing.get();
                    words::phone::presence(presence, standing)
                }}
            </span>
        </span>
    }
}

fn state_word((presence, standing): (Presence, Standing)) -> &'static str {
    match presence {
        Presence::Free if standing == Standing::Reachable => "free",
        Presence::Free => "gone",
        Presence::Ringing => "ringing",
        Presence::Waiting => "waiting",
        Presence::Talking => "talking",
    }
}

fn icon((presence, standing): (Presence, Standing)) -> IconName {
    match presence {
        Presence::Free if standing == Standing::Reachable => IconName::Tick,
        Presence::Free => IconName::Broken,
        Presence::Ringing => IconName::Bell,
        Presence::Waiting => IconName::Answered,
        Presence::Talking => IconName::Wave,
    }
}
