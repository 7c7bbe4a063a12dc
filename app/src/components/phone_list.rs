//! The registered phones, one below the other.

use leptos::prelude::*;

use super::PhoneCard;
use crate::state::Board;
use crate::words;

/// Every phone of the board with its devices.
#[component]
pub fn PhoneList() -> impl IntoView {
    let board = expect_context::<Board>();
    view! {
        // A long list scrolls by itself, so the keyboard must reach it.
        <section class="phone-list" aria-labelledby="phone-list" tabindex="0">
            <h2 id="phone-list">
                {words::PHONES}
                " "
                <span class="phone-list__count">{move || board.registered.get()}</span>
            </h2>
            <ul>
                <For each=move || board.order.get().to_vec() key=Clone::clone let(aor)>
                    <PhoneCard aor/>
                </For>
            </ul>
        </section>
    }
    .into_any()
}
