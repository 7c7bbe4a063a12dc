//! The head of every page: the product, what is on the board, the connection.

use leptos::prelude::*;

use super::LinkStatus;
use crate::state::Board;
use crate::words;

/// Stays on top while the page scrolls.
#[component]
pub fn TopBar() -> impl IntoView {
    let board = expect_context::<Board>();
    view! {
        <header class="top-bar">
            <a class="top-bar__mark" href="/">
                <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                    <path d="M3 8h18M3 16h18M8 3v18M16 3v18"></path>
                    <circle cx="16" cy="8" r="4"></circle>
                </svg>
                {words::PRODUCT}
            </a>
            <span class="top-bar__version">
                {move || board.server.with(|server| server.version.clone())}
            </span>
            <p class="top-bar__counts">
                {move || words::counts(board.registered.get(), board.calls.get())}
            </p>
            <LinkStatus/>
        </header>
    }
    .into_any()
}
