//! Why the last wish was refused.

use leptos::prelude::*;

use super::{Icon, IconName};
use crate::state::Board;
use crate::words;

/// Spoken at once, and there until it is closed or the next wish is granted.
#[component]
pub fn RefusalNotice() -> impl IntoView {
    let board = expect_context::<Board>();
    let text = move || {
        board
            .refused
            .with(|error| error.as_ref().map(words::refusal::refusal))
            .unwrap_or_default()
    };
    view! {
        <div class="refusal-notice" role="alert">
            <Show when=move || board.refused.with(Option::is_some)>
                <p>
                    <Icon name=IconName::Warning/>
                    <span>{text}</span>
                    // Without scripts the link closes it: the page comes back without the error in its address.
                    <a href="/" on:click=move |event| {
                        event.prevent_default();
                        board.refused.set(None);
                    }>
                        {words::CLOSE}
                    </a>
                </p>
            </Show>
        </div>
    }
}
