//! What to type into a phone, as long as there are less than two.

use leptos::prelude::*;

use crate::state::Board;
use crate::words::{self, setup};

/// Gets a newcomer to two phones.
#[component]
pub fn SetupGuide() -> impl IntoView {
    let board = expect_context::<Board>();
    let title = move || match board.registered.get() {
        0 => words::NOBODY,
        _ => setup::ONE_MORE,
    };
    let entries = move || {
        board
            .server
            .with(setup::entries)
            .into_iter()
            .map(|entry| {
                view! {
                    <div class="setup-guide__entry">
                        <dt>{entry.field}</dt>
                        <dd>
                            {entry.value.map(|value| view! { <code>{value}</code> })}
                            <span>{entry.hint}</span>
                        </dd>
                    </div>
                }
            })
            .collect_view()
    };
    let others = move || {
        let others = board.server.with(setup::others);
        (!others.is_empty()).then(|| view! {
            <p class="setup-guide__others">
                {setup::OTHERS}
                {others.into_iter().map(|text| view! { " " <code>{text}</code> }).collect_view()}
            </p>
        })
    };
    view! {
        <section class="setup-guide" aria-labelledby="setup-guide">
            <h2 id="setup-guide">{title}</h2>
            <p>{setup::WHAT_TO_TYPE}</p>
            <dl>{entries}</dl>
            {others}
            <p class="setup-guide__after">{setup::WHAT_HAPPENS}</p>
        </section>
    }
}
