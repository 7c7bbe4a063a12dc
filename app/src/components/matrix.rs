//! The matrix: rows call columns. A grid in the sense of the ARIA authoring practices.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::{MatrixRow, PhoneHead};
use crate::state::Board;
use crate::state::focus::GridFocus;
use crate::state::roving::Step;
use crate::words;

/// A cell for every ordered pair of phones.
#[component]
pub fn Matrix() -> impl IntoView {
    let board = expect_context::<Board>();
    let focus = GridFocus::new(board);
    provide_context(focus);
    let on_key = move |event: KeyboardEvent| {
        let step = Step::of_key(&event.key(), event.ctrl_key() || event.meta_key());
        if let Some(step) = step.filter(|_| !event.shift_key() && !event.alt_key()) {
            // The browser would scroll.
            event.prevent_default();
            focus.go(step);
        }
    };
    let density = move || match board.order.with(|order| order.len()) {
        0..=3 => "roomy",
        4..=7 => "normal",
        _ => "dense",
    };
    view! {
        <div class="matrix" data-density=density>
            <table role="grid" aria-label=words::MATRIX on:keydown=on_key>
                <thead>
                    <tr>
                        <th scope="col" class="matrix__corner">{words::CORNER}</th>
                        <For each=move || board.order.get().to_vec() key=Clone::clone let(aor)>
                            <th scope="col">
                                {board.phone(&aor).map(|phone| view! { <PhoneHead phone/> })}
                            </th>
                        </For>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || board.order.get().to_vec() key=Clone::clone let(aor)>
                        <MatrixRow from=aor/>
                    </For>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
