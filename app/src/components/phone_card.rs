//! One phone with its devices: what it is, where it is, how long it stays.

use leptos::prelude::*;

use super::{Icon, IconName, PhoneHead};
use crate::model::{Aor, Device};
use crate::state::Board;
use crate::words;

/// The longest text of a phone that is shown, in characters.
const TEXT: usize = 80;

/// The card of the phone with this AOR.
#[component]
pub fn PhoneCard(
    /// Whose.
    aor: Aor,
) -> impl IntoView {
    let board = expect_context::<Board>();
    let address = words::names::plain(aor.as_str(), TEXT);
    board.phone(&aor).map(|signals| {
        let phone = signals.phone.clone();
        let devices = move || {
            phone.with(|phone| {
                let devices = phone.as_ref().map(|phone| phone.devices.as_slice());
                devices
                    .unwrap_or_default()
                    .iter()
                    .map(|device| line(board, device))
                    .collect_view()
            })
        };
        view! {
            <li class="phone-card">
                <PhoneHead phone=signals/>
                <p class="phone-card__aor">{address}</p>
                <ul>{devices}</ul>
            </li>
        }
    })
}

fn line(board: Board, device: &Device) -> impl IntoView + use<> {
    let agent = device
        .user_agent
        .as_deref()
        .map(|agent| words::names::plain(agent, TEXT));
    let agent = agent
        .filter(|agent| !agent.is_empty())
        .unwrap_or_else(|| words::UNNAMED.into());
    let contact = words::names::plain(&device.contact, 3 * TEXT);
    let way = format!("{} {}", device.transport.label(), device.address);
    let expires_at = device.expires_at;
    view! {
        <li class="phone-card__device">
            <Icon name=IconName::Phone/>
            <span class="phone-card__agent" title=contact>{agent}</span>
            <span class="phone-card__place">
                <span>{way}</span>
                <span class="phone-card__expiry">
                    {move || words::phone::expiry(expires_at, board.now.get())}
                </span>
            </span>
        </li>
    }
}
