//! The document around the application: what only the server writes.

use leptos::prelude::*;
use leptos_meta::HashedStylesheet;
use leptos_router::location::RequestUrl;

use crate::App;
use crate::words;

/// The icons, drawn for this page.
const SPRITE: &str = include_str!("icons.svg");

/// The whole document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let refresh = use_context::<RequestUrl>().is_some_and(|url| wants_refresh(url.as_ref()));
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content=words::DESCRIPTION/>
                <title>{words::PRODUCT}</title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HashedStylesheet id="leptos" options=options.clone()/>
                {refresh.then(|| view! {
                    <noscript><meta http-equiv="refresh" content="5"/></noscript>
                })}
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
            </head>
            <body>
                <App/>
                // After the application: hydration begins at the first child of the body.
                <div hidden inner_html=SPRITE></div>
            </body>
        </html>
    }
}

/// Whether the operator, who has no scripts, chose to have the page loaded again and again.
fn wants_refresh(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|pair| pair == "refresh=5")
}
