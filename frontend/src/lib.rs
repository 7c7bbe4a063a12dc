//! The browser's program: takes the page over from the server and keeps it up to date.
//!
//! The only crate that touches the browser's own interfaces.

// The type of the page is as deep as the page.
#![recursion_limit = "256"]

pub mod live;

use app::{App, StartFeed};
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes the page over: called by the script in its head.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(|| {
        provide_context(StartFeed(live::start));
        view! { <App/> }
    });
    forget_error_of_form();
}

/// The error of a plain form has been shown: a reload shall not show it again.
fn forget_error_of_form() {
    let location = window().location();
    let (Ok(path), Ok(search)) = (location.pathname(), location.search()) else {
        return;
    };
    if search.contains("__err=")
        && let Ok(history) = window().history()
    {
        // Without it the address is ugly, and nothing else.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path));
    }
}
