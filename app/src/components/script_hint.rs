//! What those should know whose browser runs no scripts.

use leptos::prelude::*;

use crate::words;

/// Everything works by forms; only the page does not change by itself.
#[component]
pub fn ScriptHint() -> impl IntoView {
    // Given as text: a browser that runs scripts reads what is in `noscript` as text, and hydration would look for
    // elements in vain.
    view! { <noscript inner_html=words::WITHOUT_SCRIPTS></noscript> }
}
