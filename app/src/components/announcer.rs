//! The live region: what has just happened, for those who hear the page.

use leptos::prelude::*;

use crate::state::Board;

/// Speaks the last announcements; nobody sees it.
#[component]
pub fn Announcer() -> impl IntoView {
    let board = expect_context::<Board>();
    let sentences = move || {
        board
            .announcements
            .with(|all| all.iter().collect::<Vec<_>>())
    };
    view! {
        <div class="announcer" role="log" aria-live="polite" aria-label="What happened">
            <For each=sentences key=|(number, _)| *number let((_, sentence))>
                <p>{sentence.to_string()}</p>
            </For>
        </div>
    }
}
