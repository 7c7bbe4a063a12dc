//! One row of the matrix: everybody whom one phone can call.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{MatrixCell, PhoneHead};
use crate::model::Aor;
use crate::server_fns::PlaceCall;
use crate::state::Board;

/// The row of the phone `from`. Its cells are buttons of one form, which says who calls.
#[component]
pub fn MatrixRow(
    /// Who calls.
    from: Aor,
) -> impl IntoView {
    let board = expect_context::<Board>();
    let form = form_id(&from);
    let row = from.clone();
    view! {
        <tr class="matrix-row">
            <th scope="row">
                {board.phone(&from).map(|phone| view! { <PhoneHead phone/> })}
                <form id=form method="post" action=PlaceCall::url()>
                    <input type="hidden" name="from" value=from.to_string()/>
                </form>
            </th>
            <For each=move || board.order.get().to_vec() key=Clone::clone let(to)>
                {if to == row {
                    view! { <td class="matrix-row__self"></td> }.into_any()
                } else {
                    view! { <MatrixCell from=row.clone() to/> }.into_any()
                }}
            </For>
        </tr>
    }
    .into_any()
}

/// The id of the form of a row: the AOR with everything spelled out that an id may not hold.
pub(super) fn form_id(from: &Aor) -> String {
    let mut id = String::from("from-");
    for c in from.as_str().chars() {
        if c.is_ascii_alphanumeric() {
            id.push(c);
        } else {
            id.push_str(&format!("_{:x}_", u32::from(c)));
        }
    }
    id
}
