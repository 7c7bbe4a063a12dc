//! Says that the server believes anybody.

use leptos::prelude::*;

use super::{Icon, IconName};
use crate::state::Board;
use crate::words;

/// Shown as long as the server accepts any password.
#[component]
pub fn LabBanner() -> impl IntoView {
    let board = expect_context::<Board>();
    let open = Memo::new(move |_| board.server.with(|server| server.open_lab));
    view! {
        <Show when=move || open.get()>
            <p class="lab-banner">
                <Icon name=IconName::OpenLock/>
                <span>
                    <strong>{words::OPEN_LAB}</strong>
                    " "
                    {words::OPEN_LAB_MEANS}
                </span>
            </p>
        </Show>
    }
}
