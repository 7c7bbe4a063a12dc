//! The board: matrix and phones, or how to get two of them.

use leptos::prelude::*;

use crate::components::{
    LabBanner, Matrix, PhoneList, RefusalNotice, ScriptHint, SetupGuide, StaleBanner,
};
use crate::model::AppError;
use crate::state::Board;
use crate::words;

/// The page at `/`.
#[component]
pub fn BoardPage() -> impl IntoView {
    let board = expect_context::<Board>();
    if let Some(error) = SharedValue::new(error_of_form).into_inner() {
        board.refused.set(Some(error));
    }
    let phones = move || board.order.with(|order| order.len());
    let stage = move || match board.registered.get() {
        0 => "none",
        1 => "one",
        _ => "many",
    };
    view! {
        <h1 class="visually-hidden">{words::BOARD}</h1>
        <LabBanner/>
        <ScriptHint/>
        <StaleBanner/>
        <RefusalNotice/>
        <div class="board" data-phones=stage>
            <Show when=move || board.registered.get() < 2>
                <SetupGuide/>
            </Show>
            <Show when=move || { phones() > 0 }>
                <Matrix/>
                <PhoneList/>
            </Show>
        </div>
    }
    .into_any()
}

/// Why the form that led here was refused: it stands in the address of the redirect.
fn error_of_form() -> Option<AppError> {
    #[cfg(feature = "ssr")]
    {
        use leptos::server_fn::error::ServerFnUrlError;

        let error = use_context::<ServerActionError>()?;
        Some(ServerFnUrlError::<AppError>::decode_err(error.err()))
    }
    // In the browser the value has come with the page.
    #[cfg(not(feature = "ssr"))]
    None
}
