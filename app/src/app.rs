//! The root of the page: the board in the context, the routes below it.

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

use crate::components::{Announcer, TopBar};
use crate::model::Snapshot;
use crate::pages::{BoardPage, NotFound};
use crate::state::Board;

/// Begins to keep a board up to date. The browser's program puts it into the context; on the server nobody does.
#[derive(Clone, Copy)]
pub struct StartFeed(pub fn(Board));

/// Every page.
#[component]
pub fn App() -> impl IntoView {
    let board = Board::new(SharedValue::new(snapshot).into_inner());
    provide_context(board);
    if let Some(StartFeed(start)) = use_context() {
        // Effects run when the page has been taken over, so nothing changes under the hands of hydration.
        Effect::new(move |_| {
            board.awake.set(true);
            start(board);
        });
    }
    view! {
        <Router>
            <TopBar/>
            <main>
                <Routes fallback=NotFound>
                    <Route path=path!("/") view=BoardPage/>
                </Routes>
            </main>
        </Router>
        <Announcer/>
    }
}

fn snapshot() -> Snapshot {
    #[cfg(feature = "ssr")]
    if let Some(host) = use_context::<crate::ports::Host>() {
        return host.0.snapshot();
    }
    // Not within a request; and in the browser only if the page's own snapshot cannot be read: the feed brings one.
    Snapshot::default()
}
