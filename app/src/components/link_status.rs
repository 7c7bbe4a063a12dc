//! How well this page is connected.

use leptos::prelude::*;

use crate::model::Link;
use crate::state::Board;
use crate::words;

/// A dot and a word.
#[component]
pub fn LinkStatus() -> impl IntoView {
    let board = expect_context::<Board>();
    let state = move || match board.link.get() {
        Link::Still => "still",
        Link::Live => "live",
        Link::Lost => "lost",
    };
    view! {
        <p class="link-status" role="status" data-state=state>
            {move || words::link(board.link.get())}
        </p>
    }
}
