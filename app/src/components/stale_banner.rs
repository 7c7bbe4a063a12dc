//! Says that the page may be out of date, and since when.

use leptos::prelude::*;

use super::{Icon, IconName};
use crate::model::link;
use crate::state::Board;
use crate::words;

/// Shown when the server has not been heard for too long.
#[component]
pub fn StaleBanner() -> impl IntoView {
    let board = expect_context::<Board>();
    let age = move || link::stale_for(board.link.get(), board.heard_at.get(), board.now.get());
    let stale = Memo::new(move |_| age().is_some());
    view! {
        <div class="stale-banner" role="status">
            <Show when=move || stale.get()>
                <p>
                    <Icon name=IconName::Broken/>
                    <span>{words::STALE}</span>
                    " "
                    // The age changes every second: shown, not spoken.
                    <span aria-hidden="true" class="stale-banner__age">
                        {move || age().map(words::stale_for)}
                    </span>
                </p>
            </Show>
        </div>
    }
}
