//! One connection to `/live`: says hello, hands on every text, returns when it is over.

use app::model::ClientHello;
use futures_util::{SinkExt, StreamExt};
use gloo_net::websocket::Message;
use gloo_net::websocket::futures::WebSocket;
use leptos::prelude::location;

/// Runs until the connection closes; dropping the future closes it.
pub(super) async fn run(hello: ClientHello, mut on_text: impl FnMut(&str)) {
    let Some(mut socket) = address().and_then(|address| WebSocket::open(&address).ok()) else {
        return;
    };
    if socket.send(Message::Text(hello.encode())).await.is_err() {
        return;
    }
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message {
            on_text(&text);
        }
    }
}

/// The feed of the server that the page came from.
fn address() -> Option<String> {
    let location = location();
    let scheme = if location.protocol().ok()? == "https:" {
        "wss"
    } else {
        "ws"
    };
    Some(format!("{scheme}://{}/live", location.host().ok()?))
}
