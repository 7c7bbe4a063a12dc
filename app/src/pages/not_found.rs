//! An address that shows nothing.

use leptos::prelude::*;

use crate::words;

/// Says so, with the way back; the host answers with status 404.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <section class="not-found">
            <h1>{words::NOT_FOUND}</h1>
            <p><a href="/">{words::BACK_TO_BOARD}</a></p>
        </section>
    }
}
