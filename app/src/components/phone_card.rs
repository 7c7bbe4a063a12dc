//! One phone with its devices: what it is, where it is, how long it stays.

use leptos::prelude::*;

use super::{Icon, IconName, PhoneHead};
use crate::model::{Aor, Device, UnixMillis};
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
        // Most changes move nothing but expiry: they must not build the lines anew.
        let devices = Memo::new(move |_| {
            let lasting = |device: &Device| Device {
                expires_at: 0,
                ..device.clone()
            };
            phone.with(|phone| {
                let devices = phone.iter().flat_map(|phone| &phone.devices);
                devices.map(lasting).collect::<Vec<_>>()
            })
        });
        let phone = signals.phone.clone();
        let expiry = move |place: usize| {
            phone.with(|phone| Some(phone.as_ref()?.devices.get(place)?.expires_at))
        };
        let lines = move || {
            let line = |(place, device): (usize, &Device)| {
                let expiry = expiry.clone();
                line(board, device, move || expiry(place))
            };
            devices.with(|devices| devices.iter().enumerate().map(line).collect_view())
        };
        view! {
            <li class="phone-card">
                <PhoneHead phone=signals/>
                <p class="phone-card__aor">{address}</p>
                <ul>{lines}</ul>
            </li>
        }
    })
}

fn line<F>(board: Board, device: &Device, expires_at: F) -> impl IntoView + use<F>
where
    F: Fn() -> Option<UnixMillis> + Send + 'static,
{
    let agent = device
        .user_agent
        .as_deref()
        .map(|agent| words::names::plain(agent, TEXT));
    let agent = agent
        .filter(|agent| !agent.is_empty())
        .unwrap_or_else(|| words::UNNAMED.into());
    let contact = words::names::plain(&device.contact, 3 * TEXT);
    let way = format!("{} {}", device.transport.label(), device.address);
    let lost = device
        .unreachable
        .then(|| view! { <span class="phone-card__lost">{words::phone::UNREACHABLE}</span> });
    view! {
        <li class="phone-card__device">
            <Icon name=IconName::Phone/>
            <span class="phone-card__agent" title=contact>{agent}</span>
            <span class="phone-card__place">
                <span>{way}</span>
                {lost}
                {device.reach.map(|reach| view! { <span>{words::phone::reach(reach)}</span> })}
                <span class="phone-card__expiry">
                    {move || expires_at().map(|at| words::phone::expiry(at, board.now.get()))}
                </span>
            </span>
        </li>
    }
}
