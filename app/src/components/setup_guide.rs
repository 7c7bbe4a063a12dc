//! What to type into a phone, as long as there are less than two.

use leptos::prelude::*;

use super::LegMark;
use super::leg_mark::Mark;
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
            .with(|server| board.order.with(|taken| setup::entries(server, taken)))
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
        (!others.is_empty()).then(|| {
            view! {
                <p class="setup-guide__aside">
                    {setup::OTHERS}
                    {others.into_iter().map(|(place, transports)| view! {
                        " " <code>{place}</code> {transports.map(|text| format!(" {text}"))}
                    }).collect_view()}
                </p>
            }
        })
    };
    let nowhere = move || {
        board
            .server
            .with(|server| server.sip.is_empty())
            .then(|| view! { <p>{setup::NO_ADDRESS}</p> })
    };
    let page = move || {
        board.server.with(setup::page).map(|page| {
            view! {
                <p class="setup-guide__aside">{setup::PAGE} " " <code>{page}</code></p>
            }
        })
    };
    let first = Signal::derive(move || match board.registered.get() {
        0 => Mark::ABSENT,
        _ => Mark::PRESENT,
    });
    view! {
        <section class="setup-guide" aria-labelledby="setup-guide">
            <p class="setup-guide__progress" aria-hidden="true">
                <LegMark mark=first/>
                <LegMark mark=Signal::stored(Mark::ABSENT)/>
            </p>
            <h2 id="setup-guide">{title}</h2>
            <p>{setup::WHAT_TO_TYPE}</p>
            <dl>{entries}</dl>
            {nowhere}
            {others}
            {page}
            <p class="setup-guide__aside">{setup::WHAT_HAPPENS}</p>
        </section>
    }
    .into_any()
}
