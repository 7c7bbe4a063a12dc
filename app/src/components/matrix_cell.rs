//! One cell of the matrix: a pair of phones, what goes on between them, and the click that begins or ends it.

use leptos::ev::MouseEvent;
use leptos::html::Button;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

use super::leg_mark::Mark;
use super::matrix_row::form_id;
use super::{Icon, IconName, LegMark};
use crate::model::{Aor, CallRef, CallState, CallView, Outcome, Party};
use crate::server_fns::{HangUp, hang_up, place_call};
use crate::state::Board;
use crate::state::focus::GridFocus;
use crate::words;
use crate::words::call::Names;

/// The cell in which `from` calls `to`.
#[component]
pub fn MatrixCell(
    /// The row.
    from: Aor,
    /// The column.
    to: Aor,
) -> impl IntoView {
    let board = expect_context::<Board>();
    let focus = expect_context::<GridFocus>();
    let button = NodeRef::<Button>::new();
    focus.enrol(&from, &to, button);

    let cell = board.cell(&from, &to);
    let mirror = board.cell(&to, &from);
    let from_label = board
        .phone(&from)
        .map(|phone| phone.label)
        .unwrap_or_default();
    let to_label = board
        .phone(&to)
        .map(|phone| phone.label)
        .unwrap_or_default();
    // What was asked for and not answered yet.
    let asked = RwSignal::new(false);
    let view = Memo::new(move |_| cell.get());
    let live = Memo::new(move |_| view.with(live_call));
    let mirrored = Memo::new(move |_| mirror.with(|call| live_call(call).is_some()));

    let state = move || match view.with(|call| call.as_ref().map(|call| call.state)) {
        Some(state) => state_word(state),
        None if asked.get() => "asked",
        None if mirrored.get() => "mirrored",
        None => "idle",
    };
    let labels = move || (from_label.get(), to_label.get());
    let with_names = {
        let labels = labels.clone();
        move |say: &dyn Fn(&CallView, Names<'_>) -> Option<String>| {
            let (from, to) = labels();
            view.with(|call| {
                say(
                    call.as_ref()?,
                    Names {
                        from: &from,
                        to: &to,
                    },
                )
            })
        }
    };
    let name = move || {
        let (from, to) = labels();
        if live.with(Option::is_some) {
            words::end_button(&from, &to)
        } else {
            words::call_button(&from, &to)
        }
    };
    let title = {
        let with_names = with_names.clone();
        move || {
            let mirrored = || mirrored.get().then(|| words::MIRRORED.to_owned());
            with_names(&|call, names| Some(words::call::detail(call, names))).or_else(mirrored)
        }
    };
    let caption = move || {
        // Only a cell in which the seconds count looks at the clock.
        let counts = view.with(|call| call.as_ref().is_some_and(words::call::counts_seconds));
        let now = if counts {
            board.now.get()
        } else {
            board.now.get_untracked()
        };
        with_names(&|call, names| Some(words::call::caption(call, names, now)))
    };
    let mark = move |party: Party| {
        Signal::derive(move || {
            view.with(|call| {
                call.as_ref()
                    .map_or(Mark::ABSENT, |call| Mark::of(call, party))
            })
        })
    };
    let act = Signal::derive(move || {
        if live.with(Option::is_some) {
            IconName::End
        } else {
            IconName::Call
        }
    });
    let field = move || {
        if live.with(Option::is_some) {
            "call"
        } else {
            "to"
        }
    };
    let value = {
        let to = to.clone();
        move || {
            live.get()
                .map_or_else(|| to.to_string(), |call| call.to_string())
        }
    };
    let tabindex = {
        let (from, to) = (from.clone(), to.clone());
        move || {
            if !board.awake.get() || focus.is_at(&from, &to) {
                "0"
            } else {
                "-1"
            }
        }
    };
    let on_focus = {
        let (from, to) = (from.clone(), to.clone());
        move |_| focus.entered(&from, &to)
    };
    let form = form_id(&from);
    let on_click = move |event: MouseEvent| {
        event.prevent_default();
        if asked.get_untracked() || mirrored.get_untracked() {
            return;
        }
        asked.set(true);
        let (from, to, live) = (from.clone(), to.clone(), live.get_untracked());
        spawn_local(async move {
            let answer = match live {
                Some(call) => hang_up(call).await,
                None => place_call(from, to, Party::From).await.map(drop),
            };
            board.refused.try_set(answer.err());
            asked.try_set(false);
        });
    };
    view! {
        <td class="matrix-cell" data-state=state>
            <button
                type="submit"
                node_ref=button
                form=form
                name=field
                value=value
                formaction=move || live.with(Option::is_some).then(HangUp::url)
                aria-label=name
                aria-disabled=move || mirrored.get().then_some("true")
                title=title
                tabindex=tabindex
                on:click=on_click
                on:focus=on_focus
            >
                <Show
                    when=move || view.with(Option::is_some)
                    fallback=move || view! { <Verb mirrored/> }
                >
                    <span class="matrix-cell__act">
                        <Icon name=act/>
                    </span>
                </Show>
            </button>
            // Beside the button, not in it: the button's name says what a click does, this what is so.
            <Show when=move || view.with(Option::is_some)>
                <span class="matrix-cell__status">
                    <span class="matrix-cell__legs">
                        <LegMark mark=mark(Party::From)/>
                        <LegMark mark=mark(Party::To)/>
                    </span>
                    <span class="matrix-cell__caption">{caption.clone()}</span>
                </span>
            </Show>
        </td>
    }
}

/// What a click on a free cell does; nothing while the two are in a call that began the other way round.
#[component]
fn Verb(mirrored: Memo<bool>) -> impl IntoView {
    let icon = Signal::derive(move || {
        if mirrored.get() {
            IconName::Linked
        } else {
            IconName::Call
        }
    });
    view! {
        <span class="matrix-cell__verb">
            <Icon name=icon/>
            {move || (!mirrored.get()).then_some(words::CALL)}
        </span>
    }
}

fn live_call(call: &Option<CallView>) -> Option<CallRef> {
    call.as_ref()
        .filter(|call| !call.is_done())
        .map(|call| call.id.clone())
}

/// The word that style sheets and tests read (`data-state`).
const fn state_word(state: CallState) -> &'static str {
    match state {
        CallState::CallingA => "calling-a",
        CallState::AWaiting => "a-waiting",
        CallState::CallingB => "calling-b",
        CallState::Connecting => "connecting",
        CallState::Talking => "talking",
        CallState::Releasing => "releasing",
        CallState::Done(Outcome::Answered | Outcome::Cancelled) => "ended",
        CallState::Done(
            Outcome::Declined
            | Outcome::Busy
            | Outcome::NoAnswer
            | Outcome::Unreachable
            | Outcome::MediaMismatch
            | Outcome::Failed,
        ) => "failed",
    }
}
