//! Ends a call.

use leptos::prelude::*;

use crate::model::{AppError, CallRef};

/// Releases both phones, wherever the call stands.
#[server(name = HangUp, prefix = "/actions", endpoint = "hang_up")]
pub async fn hang_up(
    /// Which.
    call: CallRef,
) -> Result<(), AppError> {
    super::host()?.hang_up(call).await
}
