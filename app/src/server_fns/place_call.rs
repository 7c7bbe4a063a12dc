//! Places a call between two phones.

use leptos::prelude::*;

use crate::model::{Aor, AppError, CallRef, Party};

/// Rings `from`, then `to`, and lets them talk; `first` turns the order round. Answers as soon as the call exists:
/// what becomes of it is told by the live feed.
#[server(name = PlaceCall, prefix = "/actions", endpoint = "place_call")]
pub async fn place_call(
    /// The row.
    from: Aor,
    /// The column.
    to: Aor,
    /// Who rings first.
    #[server(default)]
    first: Party,
) -> Result<CallRef, AppError> {
    super::host()?.place_call(from, to, first).await
}
