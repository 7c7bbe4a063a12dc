//! What an operator may ask of the server: one endpoint each.
//!
//! Each can be reached by script and by a plain form: a form is answered by a redirect to the page it came from, with
//! the error, if there is one, in the query (`__path`, `__err`). They are POST, so nothing that follows links places
//! a call; that the POST comes from our own page is the host's to check.

pub mod hang_up;
pub mod place_call;

pub use hang_up::{HangUp, hang_up};
pub use place_call::{PlaceCall, place_call};

/// Where the host mounts the endpoints.
pub const PREFIX: &str = "/actions";

/// The switchboard of this request.
#[cfg(feature = "ssr")]
fn host() -> Result<std::sync::Arc<dyn crate::ports::Switchboard>, crate::model::AppError> {
    let host = leptos::prelude::use_context::<crate::ports::Host>();
    host.map(|host| host.0)
        .ok_or(crate::model::AppError::Draining)
}
